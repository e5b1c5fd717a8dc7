"""A CloudFormation stack: changed by a change set that is shown first, followed by its events, or deleted."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.client import CloudFormationClient
    from mypy_boto3_cloudformation.type_defs import ParameterTypeDef, StackEventTypeDef

PATIENCE_SECONDS: Final = 45 * 60
_NO_CHANGES: Final = ("didn't contain changes", "No updates are to be performed")
_ROLLED_BACK: Final = frozenset({"ROLLBACK_COMPLETE", "ROLLBACK_FAILED"})
"""A first deployment that failed leaves an empty stack behind, which can only be deleted."""
_CONSEQUENCE: Final = "cancelled"
"""What CloudFormation says of resources that failed only because another did."""
_ELSEWHERE: Final = "DescribeEvents"

Say = Callable[[str], None]


class DeployError(Exception):
    """The deployment was not done; the message says why, in the platform's own words where it gave some."""


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """Changes that CloudFormation would make; none at all where there are no `lines`."""

    name: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Stack:
    """A stack by its name; `pause` is how many seconds pass between two questions."""

    client: CloudFormationClient
    name: str
    say: Say
    pause: float = 2.0

    def state(self) -> str | None:
        """Give its status, or None where there is no such stack."""
        described = self._described()
        return None if described is None else str(described["StackStatus"])

    def outputs(self) -> dict[str, str]:
        """Give its outputs by name."""
        described = self._described() or {}
        return {output["OutputKey"]: output["OutputValue"] for output in described.get("Outputs", ())}

    def prepare(self, template_url: str, parameters: Mapping[str, str], kept: Collection[str] = ()) -> ChangeSet:
        """Make a change set; raises DeployError where CloudFormation cannot.

        The parameters named in `kept` keep the values that they have, if the stack has them.
        """
        if self.state() in _ROLLED_BACK:
            self.say(f"{self.name} is what is left of a first deployment that failed: deleting it")
            self.delete()
        new = self.state() in {None, "REVIEW_IN_PROGRESS"}
        name = f"voltbook-{uuid.uuid4().hex[:12]}"
        self.client.create_change_set(
            StackName=self.name,
            ChangeSetName=name,
            ChangeSetType="CREATE" if new else "UPDATE",
            TemplateURL=template_url,
            Parameters=self._given(parameters, kept),
            Capabilities=["CAPABILITY_IAM"],
            # Tables, files and logs outlive their stack; a new one takes them in again.
            ImportExistingResources=True,
        )
        described = self._wait_for_change_set(name)
        if described["Status"] != "FAILED":
            return ChangeSet(name, tuple(_lines(described["Changes"])))
        reason = str(described.get("StatusReason", ""))
        self.forget(name)
        if any(words in reason for words in _NO_CHANGES):
            return ChangeSet(name, ())
        raise DeployError(f"CloudFormation cannot make this change: {reason}")

    def execute(self, change_set: ChangeSet) -> None:
        """Make the changes and follow them to the end; raises DeployError with the reasons where they were undone."""
        seen = {event["EventId"] for event in self._events(set())}
        self.client.execute_change_set(StackName=self.name, ChangeSetName=change_set.name)
        self._follow(seen)

    def forget(self, change_set: str) -> None:
        """Delete a change set, and the empty stack that it made to stand in."""
        self.client.delete_change_set(StackName=self.name, ChangeSetName=change_set)
        if self.state() == "REVIEW_IN_PROGRESS":
            self.client.delete_stack(StackName=self.name)

    def delete(self) -> None:
        """Delete the stack; what it retains stays. Raises DeployError with the reasons where something could not go."""
        described = self._described()
        if described is None:
            return
        whole = Stack(self.client, described["StackId"], self.say, self.pause)  # deleted, it has no name any more
        seen = {event["EventId"] for event in whole._events(set())}
        self.client.delete_stack(StackName=self.name)
        whole._follow(seen)

    def _follow(self, seen: set[str]) -> None:
        """Say each event as it comes until the stack rests; raises DeployError where it does not rest as wished."""
        reasons: list[str] = []
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            status = self.state() or "DELETE_COMPLETE"
            for event in reversed(self._events(seen)):
                seen.add(event["EventId"])
                reasons += self._told(event)
            if not status.endswith("_IN_PROGRESS"):
                if "ROLLBACK" in status or "FAILED" in status:
                    reasons += self._found_before() if any(_ELSEWHERE in reason for reason in reasons) else []
                    raise DeployError(f"{self.name} ended as {status}:\n" + "\n".join(reasons))
                return
            time.sleep(self.pause)
        raise DeployError(f"{self.name} is still at it after {PATIENCE_SECONDS // 60} minutes")

    def _told(self, event: StackEventTypeDef) -> list[str]:
        """Say an event; gives why it failed, if it did and was the first to."""
        name, status = event.get("LogicalResourceId", ""), event.get("ResourceStatus", "")
        reason = event.get("ResourceStatusReason", "")
        failed = status.endswith("FAILED")
        self.say(f"  {status:<20} {name}{f': {reason}' if failed and reason else ''}")
        return [f"  {name}: {reason}"] if failed and reason and _CONSEQUENCE not in reason else []

    def _found_before(self) -> list[str]:
        """Give what CloudFormation found before it began; it keeps that apart from the stack's events."""
        found = self.client.describe_events(StackName=self.name, Filters={"FailedEvents": True})["OperationEvents"]
        return [
            f"  {event.get('LogicalResourceId', '')}: {event['ValidationStatusReason']}"
            for event in found
            if "ValidationStatusReason" in event
        ]

    def _given(self, parameters: Mapping[str, str], kept: Collection[str]) -> list[ParameterTypeDef]:
        described = self._described() or {}
        known = {one["ParameterKey"] for one in described.get("Parameters", ())}
        given: list[ParameterTypeDef] = [{"ParameterKey": key, "ParameterValue": parameters[key]} for key in parameters]
        return given + [{"ParameterKey": key, "UsePreviousValue": True} for key in sorted(known & set(kept))]

    def _described(self) -> dict[str, Any] | None:
        try:
            [stack] = self.client.describe_stacks(StackName=self.name)["Stacks"]
        except ClientError as error:
            if "does not exist" in error.response["Error"]["Message"]:
                return None
            raise
        return dict(stack)

    def _wait_for_change_set(self, name: str) -> dict[str, Any]:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            pages = self.client.get_paginator("describe_change_set").paginate(StackName=self.name, ChangeSetName=name)
            described: list[dict[str, Any]] = [dict(page) for page in pages]
            if described[0]["Status"] in {"CREATE_COMPLETE", "FAILED"}:
                return {**described[0], "Changes": [change for page in described for change in page.get("Changes", ())]}
            time.sleep(self.pause)
        raise DeployError("CloudFormation did not finish the change set")

    def _events(self, seen: Collection[str]) -> list[StackEventTypeDef]:
        """Give the events that are newer than those seen, newest first, and read no further."""
        new: list[StackEventTypeDef] = []
        try:
            for page in self.client.get_paginator("describe_stack_events").paginate(StackName=self.name):
                for event in page["StackEvents"]:
                    if event["EventId"] in seen:
                        return new
                    new.append(event)
        except ClientError as error:
            if "does not exist" not in error.response["Error"]["Message"]:
                raise
        return new


def _lines(changes: list[dict[str, Any]]) -> Iterator[str]:
    """Say each change on a line, what is replaced first: that is what can hurt."""
    resources = [change["ResourceChange"] for change in changes if "ResourceChange" in change]
    for change in sorted(resources, key=lambda one: (one.get("Replacement") != "True", one["LogicalResourceId"])):
        replaced = {"True": " (replaced)", "Conditional": " (may be replaced)"}.get(change.get("Replacement", ""), "")
        yield f"  {change['Action']:<8} {change['ResourceType']:<32} {change['LogicalResourceId']}{replaced}"
