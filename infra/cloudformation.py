"""A CloudFormation stack: changed by a change set that is shown first, followed by its events, or deleted."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError, WaiterError

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.client import CloudFormationClient
    from mypy_boto3_cloudformation.type_defs import ParameterTypeDef, StackEventTypeDef

TIMEOUT_SECONDS: Final = 45 * 60
_NO_CHANGES: Final = ("didn't contain changes", "No updates are to be performed")
_ROLLED_BACK: Final = frozenset({"ROLLBACK_COMPLETE", "ROLLBACK_FAILED"})
"""A failed first deployment leaves an empty stack, which can only be deleted."""
_CANCELLED: Final = "cancelled"  # in the reason of resources that failed only because another did
# In the reason of a failure that CloudFormation found before it began: the details are in the operation's events.
_SEE_OPERATION_EVENTS: Final = "DescribeEvents"

Say = Callable[[str], None]


class DeployError(Exception):
    """The deployment was not done; the message says why, in CloudFormation's words if it gave a reason."""


@dataclass(frozen=True, slots=True)
class ChangeSet:
    name: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Stack:
    client: CloudFormationClient
    name: str
    say: Say
    pause: float = 2.0

    def state(self) -> str | None:
        """Return its status, or None if there is no such stack."""
        described = self._described()
        return None if described is None else str(described["StackStatus"])

    def outputs(self) -> dict[str, str]:
        described = self._described() or {}
        return {output["OutputKey"]: output["OutputValue"] for output in described.get("Outputs", ())}

    def prepare(self, template_url: str, parameters: Mapping[str, str], kept: Collection[str] = ()) -> ChangeSet:
        """Create a change set. Raises DeployError if CloudFormation cannot.

        Parameters named in `kept` keep their present values, if the stack has them.
        """
        if self.state() in _ROLLED_BACK:
            self.say(f"{self.name} is left over from a failed first deployment: deleting it")
            self.delete()
        new = self.state() in {None, "REVIEW_IN_PROGRESS"}
        name = f"voltbook-{uuid.uuid4().hex[:12]}"
        self.client.create_change_set(
            StackName=self.name,
            ChangeSetName=name,
            ChangeSetType="CREATE" if new else "UPDATE",
            TemplateURL=template_url,
            Parameters=self._parameters(parameters, kept),
            Capabilities=["CAPABILITY_IAM"],
            # Tables, files and logs outlive their stack; a new one imports them.
            ImportExistingResources=True,
        )
        waited: Any = {"Delay": self.pause, "MaxAttempts": int(TIMEOUT_SECONDS / self.pause)}
        created = self.client.get_waiter("change_set_create_complete")
        with suppress(WaiterError):  # the change set itself has the reason
            created.wait(StackName=self.name, ChangeSetName=name, WaiterConfig=waited)
        pages = self.client.get_paginator("describe_change_set").paginate(StackName=self.name, ChangeSetName=name)
        described: list[dict[str, Any]] = [dict(page) for page in pages]
        if described[0]["Status"] == "CREATE_COMPLETE":
            return ChangeSet(name, tuple(_lines([change for page in described for change in page.get("Changes", ())])))
        reason = str(described[0].get("StatusReason", described[0]["Status"]))
        self.forget(name)
        if any(text in reason for text in _NO_CHANGES):
            return ChangeSet(name, ())
        raise DeployError(f"CloudFormation cannot make this change: {reason}")

    def execute(self, change_set: ChangeSet) -> None:
        """Make the changes and wait for the end. Raises DeployError with the reasons if they were rolled back."""
        self._follow(self.client.execute_change_set, StackName=self.name, ChangeSetName=change_set.name)

    def forget(self, change_set: str) -> None:
        self.client.delete_change_set(StackName=self.name, ChangeSetName=change_set)
        if self.state() == "REVIEW_IN_PROGRESS":
            self.client.delete_stack(StackName=self.name)

    def delete(self) -> None:
        """Delete the stack without its retained resources. Raises DeployError with the reasons if that fails."""
        described = self._described()
        if described is None:
            return
        by_id = Stack(self.client, described["StackId"], self.say, self.pause)  # a deleted stack has no name
        by_id._follow(self.client.delete_stack, StackName=self.name)

    def _follow(self, begin: Callable[..., object], **request: str) -> None:
        """Begin, and print each event until the stack is stable. Raises DeployError if it failed or was rolled back."""
        seen = {event["EventId"] for event in self._events(set())}
        begin(**request)
        reasons: list[str] = []
        deadline = time.monotonic() + TIMEOUT_SECONDS
        while time.monotonic() < deadline:
            status = self.state() or "DELETE_COMPLETE"
            for event in reversed(self._events(seen)):
                seen.add(event["EventId"])
                reasons += self._report(event)
            if not status.endswith("_IN_PROGRESS"):
                if "ROLLBACK" in status or "FAILED" in status:
                    if any(_SEE_OPERATION_EVENTS in reason for reason in reasons):
                        reasons += self._validation_errors()
                    raise DeployError(f"{self.name} ended as {status}:\n" + "\n".join(reasons))
                return
            time.sleep(self.pause)
        raise DeployError(f"{self.name} did not finish within {TIMEOUT_SECONDS // 60} minutes")

    def _report(self, event: StackEventTypeDef) -> list[str]:
        name, status = event.get("LogicalResourceId", ""), event.get("ResourceStatus", "")
        reason = event.get("ResourceStatusReason", "")
        failed = status.endswith("FAILED")
        self.say(f"  {status:<20} {name}{f': {reason}' if failed and reason else ''}")
        return [f"  {name}: {reason}"] if failed and reason and _CANCELLED not in reason else []

    def _validation_errors(self) -> list[str]:
        """Return what CloudFormation found before it began, which is not among the stack's events."""
        events = self.client.describe_events(StackName=self.name, Filters={"FailedEvents": True})["OperationEvents"]
        return [
            f"  {event.get('LogicalResourceId', '')}: {event['ValidationStatusReason']}"
            for event in events
            if "ValidationStatusReason" in event
        ]

    def _parameters(self, parameters: Mapping[str, str], kept: Collection[str]) -> list[ParameterTypeDef]:
        described = self._described() or {}
        present = {parameter["ParameterKey"] for parameter in described.get("Parameters", ())}
        given: list[ParameterTypeDef] = [{"ParameterKey": key, "ParameterValue": parameters[key]} for key in parameters]
        return given + [{"ParameterKey": key, "UsePreviousValue": True} for key in sorted(present & set(kept))]

    def _described(self) -> dict[str, Any] | None:
        try:
            [stack] = self.client.describe_stacks(StackName=self.name)["Stacks"]
        except ClientError as error:
            if "does not exist" in error.response["Error"]["Message"]:
                return None
            raise
        return dict(stack)

    def _events(self, seen: Collection[str]) -> list[StackEventTypeDef]:
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
    """Yield a line for each change, replacements first because they can lose data."""
    resources = [change["ResourceChange"] for change in changes if "ResourceChange" in change]
    resources.sort(key=lambda resource: (resource.get("Replacement") != "True", resource["LogicalResourceId"]))
    for resource in resources:
        note = {"True": " (replaced)", "Conditional": " (may be replaced)"}.get(resource.get("Replacement", ""), "")
        yield f"  {resource['Action']:<8} {resource['ResourceType']:<32} {resource['LogicalResourceId']}{note}"
