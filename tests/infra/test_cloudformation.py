"""A change set by CloudFormation's own answers: why it fails before it begins, and when its operation has ended."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.stub import ANY, Stubber

from infra.cloudformation import ChangeSet, DeployError, Stack

ID = "arn:aws:cloudformation:eu-central-1:123456789012:stack/voltbook-dev/1"
CHANGE_SET = "arn:aws:cloudformation:eu-central-1:123456789012:changeSet/voltbook-1/2"
NOW = datetime(2026, 6, 15, tzinfo=UTC)
STACK = {"StackName": "voltbook-dev", "StackId": ID, "CreationTime": NOW}
FAILED = {"ChangeSetId": CHANGE_SET, "Status": "FAILED"}


class Answers:
    """CloudFormation with these answers, in this order."""

    def __init__(self) -> None:
        self.client = boto3.client("cloudformation")
        self.stubber = Stubber(self.client)
        self.said: list[str] = []
        self.stack = Stack(self.client, "voltbook-dev", self.said.append, pause=0.001)

    def add(self, method: str, answer: dict[str, Any], **expected: object) -> None:
        self.stubber.add_response(method, answer, expected or None)

    def state(self, status: str) -> None:
        self.add("describe_stacks", {"Stacks": [{**STACK, "StackStatus": status}]})

    def events(self, *events: dict[str, Any]) -> None:
        self.add("describe_stack_events", {"StackEvents": list(events)})

    def change_set(self, described: dict[str, Any]) -> None:
        for _ in range(3):
            self.state("UPDATE_COMPLETE")
        self.add("create_change_set", {})
        self.add("describe_change_set", described)  # the waiter's
        self.add("describe_change_set", described)

    def prepare(self) -> ChangeSet | None:
        with self.stubber:
            change_set = self.stack.prepare("https://packages/template.json", {})
        self.stubber.assert_no_pending_responses()
        return change_set

    def execute(self) -> None:
        with self.stubber:
            self.stack.execute(ChangeSet("voltbook-1", ()))
        self.stubber.assert_no_pending_responses()


@pytest.fixture
def cloudformation() -> Answers:
    return Answers()


def event(number: int, status: str, **more: str) -> dict[str, Any]:
    of_the_stack = {"LogicalResourceId": "voltbook-dev", "PhysicalResourceId": ID, "ResourceStatus": status}
    return {
        "StackId": ID,
        "EventId": str(number),
        "StackName": "voltbook-dev",
        "Timestamp": NOW,
        **of_the_stack,
        **more,
    }


def test_what_fails_before_it_begins_is_explained_before_it_is_deleted(cloudformation: Answers) -> None:
    cloudformation.change_set({**FAILED, "StatusReason": "validation failed: use the DescribeEvents API"})
    found = {"LogicalResourceId": "Notices", "ValidationStatusReason": "voltbook-dev-notices already exists"}
    described = {"OperationEvents": [{**found, "EventId": "1", "StackId": ID, "Timestamp": NOW}]}
    cloudformation.add("describe_events", described, ChangeSetName=CHANGE_SET, Filters={"FailedEvents": True})
    cloudformation.add("delete_change_set", {}, StackName="voltbook-dev", ChangeSetName=ANY)
    cloudformation.state("UPDATE_COMPLETE")

    with pytest.raises(DeployError, match=r"(?s)validation failed.*Notices: voltbook-dev-notices already exists"):
        cloudformation.prepare()


def test_without_the_right_to_read_why_it_says_so_beside_the_failure(cloudformation: Answers) -> None:
    cloudformation.change_set({**FAILED, "StatusReason": "validation failed"})
    cloudformation.stubber.add_client_error("describe_events", "AccessDenied", "no DescribeEvents")
    cloudformation.add("delete_change_set", {}, StackName="voltbook-dev", ChangeSetName=ANY)
    cloudformation.state("UPDATE_COMPLETE")

    with pytest.raises(DeployError, match=r"(?s)validation failed\n  its reasons cannot be read: .*no DescribeEvents"):
        cloudformation.prepare()


def test_a_change_of_outputs_alone_is_a_change(cloudformation: Answers) -> None:
    cloudformation.change_set({"ChangeSetId": CHANGE_SET, "Status": "CREATE_COMPLETE", "Changes": []})
    change_set = cloudformation.prepare()
    assert change_set is not None
    assert change_set.lines == ()


def test_no_change_is_none(cloudformation: Answers) -> None:
    cloudformation.change_set({**FAILED, "StatusReason": "The submitted information didn't contain changes."})
    cloudformation.add("delete_change_set", {}, StackName="voltbook-dev", ChangeSetName=ANY)
    cloudformation.state("UPDATE_COMPLETE")
    assert cloudformation.prepare() is None


def test_an_operation_ends_with_its_own_event_not_with_an_older_state(cloudformation: Answers) -> None:
    cloudformation.events(event(1, "UPDATE_COMPLETE"))
    cloudformation.add("execute_change_set", {})
    cloudformation.state("UPDATE_COMPLETE")
    cloudformation.events(event(1, "UPDATE_COMPLETE"))
    cloudformation.state("UPDATE_COMPLETE")
    late = event(2, "UPDATE_COMPLETE", ClientRequestToken="another-operation")
    cloudformation.events(late, event(1, "UPDATE_COMPLETE"))
    cloudformation.state("UPDATE_COMPLETE")
    begun = event(3, "UPDATE_IN_PROGRESS")
    cleaned = event(4, "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")
    cloudformation.events(cleaned, begun, late, event(1, "UPDATE_COMPLETE"))
    cloudformation.state("UPDATE_COMPLETE")
    cloudformation.events(event(5, "UPDATE_COMPLETE"), cleaned, begun, late, event(1, "UPDATE_COMPLETE"))
    cloudformation.execute()


def test_a_resource_that_cannot_be_compared_is_reported(cloudformation: Answers) -> None:
    cloudformation.stubber.add_client_error("detect_stack_resource_drift", "ValidationError", "no drift detection")
    with cloudformation.stubber:
        [line] = cloudformation.stack.drift(["TradesTable"])
    assert line.startswith("  TradesTable cannot be compared: ")
    assert "no drift detection" in line
