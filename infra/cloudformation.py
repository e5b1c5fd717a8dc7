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
_IN_PROGRESS: Final = "_IN_PROGRESS"
_NO_DRIFT: Final = frozenset({"IN_SYNC", "NOT_CHECKED"})  # CloudFormation cannot check all types of resources

Say = Callable[[str], None]


class DeployError(Exception):
    """The deployment was not done; the message says why, in CloudFormation's words if it gave a reason."""


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """Changes to make. Without lines they are to no resource, but to the stack's outputs."""

    name: str
    lines: tuple[str, ...]
    imported: tuple[str, ...] = ()  # resources that exist and join the stack as they are


@dataclass(frozen=True, slots=True)
class Stack:
    client: CloudFormationClient
    name: str
    say: Say
    pause: float = 2.0
    tags: tuple[tuple[str, str], ...] = ()

    def state(self) -> str | None:
        """Return its status, or None if there is no such stack."""
        described = self._described()
        return None if described is None else str(described["StackStatus"])

    def outputs(self) -> dict[str, str]:
        described = self._described() or {}
        return {output["OutputKey"]: output["OutputValue"] for output in described.get("Outputs", ())}

    def resource(self, name: str) -> str:
        """Return the physical id of a resource; that of a topic is its ARN."""
        detail = self.client.describe_stack_resource(StackName=self.name, LogicalResourceId=name)["StackResourceDetail"]
        return detail["PhysicalResourceId"]

    def parameters(self) -> dict[str, str]:
        """Return the present parameters: none of a failed first deployment, which the next one deletes."""
        described = self._described() or {}
        if described.get("StackStatus") in _ROLLED_BACK:
            return {}
        return {each["ParameterKey"]: each["ParameterValue"] for each in described.get("Parameters", ())}

    def prepare(self, template_url: str, parameters: Mapping[str, str], kept: Collection[str] = ()) -> ChangeSet | None:
        """Create a change set. Return None if nothing would change. Raises DeployError if CloudFormation cannot.

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
            Tags=[{"Key": key, "Value": value} for key, value in self.tags],
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
            changes = [change["ResourceChange"] for page in described for change in page.get("Changes", ())]
            imported = tuple(change["LogicalResourceId"] for change in changes if change["Action"] == "Import")
            return ChangeSet(name, tuple(_lines(changes)), imported)
        reason = str(described[0].get("StatusReason", described[0]["Status"]))
        unchanged = any(text in reason for text in _NO_CHANGES)
        errors = [] if unchanged else self._validation_errors(ChangeSetName=described[0]["ChangeSetId"])
        self.forget(name)  # and with it what CloudFormation said about it
        if unchanged:
            return None
        raise DeployError("\n".join([f"CloudFormation cannot make this change: {reason}", *errors]))

    def execute(self, change_set: ChangeSet) -> None:
        """Make the changes and wait for the end. Raises DeployError with the reasons if they were rolled back."""
        self._follow(self.client.execute_change_set, StackName=self.name, ChangeSetName=change_set.name)

    def forget(self, change_set: str) -> None:
        self.client.delete_change_set(StackName=self.name, ChangeSetName=change_set)
        if self.state() == "REVIEW_IN_PROGRESS":
            self.client.delete_stack(StackName=self.name)

    def protected(self) -> bool:
        return bool((self._described() or {}).get("EnableTerminationProtection"))

    def protect(self, *, on: bool) -> None:
        """Switch the termination protection, which nobody can delete the stack under."""
        self.client.update_termination_protection(StackName=self.name, EnableTerminationProtection=on)

    def delete(self) -> None:
        """Delete the stack without its retained resources. Raises DeployError with the reasons if that fails."""
        described = self._described()
        if described is None:
            return
        by_id = Stack(self.client, described["StackId"], self.say, self.pause)  # a deleted stack has no name
        by_id._follow(self.client.delete_stack, StackName=self.name)

    def drift(self, resources: Collection[str]) -> Iterator[str]:
        """Compare resources with the template. Yield a line for each difference."""
        for resource in resources:
            try:
                answer = self.client.detect_stack_resource_drift(StackName=self.name, LogicalResourceId=resource)
            except ClientError as error:
                yield f"  {resource} cannot be compared: {error}"
                continue
            drift = answer["StackResourceDrift"]
            if drift["StackResourceDriftStatus"] not in _NO_DRIFT:
                yield from _differences(resource, dict(drift))

    def _follow(self, begin: Callable[..., object], **request: str) -> None:
        """Begin, and print each event until this operation ends. Raises DeployError if it failed or was rolled back."""
        seen = {event["EventId"] for event in self._events(set())}
        token = uuid.uuid4().hex
        begin(**request, ClientRequestToken=token)
        reasons: list[str] = []
        deadline = time.monotonic() + TIMEOUT_SECONDS
        while time.monotonic() < deadline:
            deleted = self._described() is None
            status = "DELETE_COMPLETE" if deleted else ""
            # The stack's own status may still be that of the operation before; an event is of this one.
            for event in reversed(self._events(seen)):
                seen.add(event["EventId"])
                reasons += self._report(event)
                if (
                    event.get("PhysicalResourceId") == event["StackId"]
                    and event.get("ClientRequestToken", token) == token
                ):
                    status = event["ResourceStatus"]
            if status and not status.endswith(_IN_PROGRESS):
                if "ROLLBACK" in status or "FAILED" in status:
                    reasons += self._validation_errors(StackName=self.name)
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

    def _validation_errors(self, **subject: Any) -> list[str]:  # noqa: ANN401 - passed on
        """Return what CloudFormation found before it began, which is not among the stack's events."""
        try:
            pages = list(
                self.client.get_paginator("describe_events").paginate(**subject, Filters={"FailedEvents": True})
            )
        except ClientError as error:
            return [f"  its reasons cannot be read: {error}"]
        return [
            f"  {event.get('LogicalResourceId', '')}: {event['ValidationStatusReason']}"
            for page in pages
            for event in page["OperationEvents"]
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
    order = sorted(changes, key=lambda change: (change.get("Replacement") != "True", change["LogicalResourceId"]))
    for resource in order:
        note = {"True": " (replaced)", "Conditional": " (may be replaced)"}.get(resource.get("Replacement", ""), "")
        yield f"  {resource['Action']:<8} {resource['ResourceType']:<32} {resource['LogicalResourceId']}{note}"


def _differences(resource: str, drift: dict[str, Any]) -> list[str]:
    differences = [
        f"  {resource}{each['PropertyPath']}: {each['ActualValue']}, the template has {each['ExpectedValue']}"
        for each in drift.get("PropertyDifferences", ())
    ]
    return differences or [f"  {resource}: {drift['StackResourceDriftStatus']}"]
