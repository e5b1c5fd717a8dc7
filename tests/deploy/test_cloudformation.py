"""What happens to a stage when a deployment fails, when nobody agrees to it, and when it is taken down."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from typing import Any

import boto3
import pytest
import yaml
from botocore.exceptions import ClientError

from infra import deploy, destroy
from infra.cloudformation import ChangeSet, DeployError, Stack
from infra.destroy import confirmation_for
from infra.resources import TEMPLATE, read_resources
from infra.template import literally_named
from tests.deploy.accounts import Account

Address = Callable[[dict[str, Any]], str]

QUEUE = {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "voltbook-small"}}
BROKEN = {"Type": "AWS::SQS::Queue", "Properties": {"MessageRetentionPeriod": 5}}
"""SQS keeps a message for a minute at least."""


@pytest.fixture
def messages() -> list[str]:
    return []


@pytest.fixture
def stack(account: Account, messages: list[str], request: pytest.FixtureRequest) -> Stack:
    name = "small-" + str(abs(hash(request.node.name)) % 10**8)
    return Stack(boto3.client("cloudformation"), name, messages.append, pause=0.05)


@pytest.fixture
def address(account: Account) -> Address:
    """Uploads a template, or one of these resources alone, and gives its address."""
    s3, number = boto3.client("s3"), str(boto3.client("sts").get_caller_identity()["Account"])
    bucket = deploy.ensure_bucket(s3, number)

    def upload(resources: dict[str, Any]) -> str:
        template = resources if "Resources" in resources else {"Resources": resources}
        content = json.dumps(template).encode()
        return deploy.address_of(s3, bucket, deploy.upload(s3, bucket, number, content, ".json"))

    return upload


def test_a_first_deployment_that_fails_is_undone_and_says_why(
    stack: Stack, address: Address, messages: list[str]
) -> None:
    change_set = prepared(stack, address({"Broken": BROKEN}), {})

    with pytest.raises(DeployError, match=r"(?s)ended as ROLLBACK_COMPLETE.*Broken: .*MessageRetentionPeriod"):
        stack.execute(change_set)

    assert any("CREATE_FAILED" in line and "Broken" in line for line in messages)


def test_after_a_failed_first_deployment_the_next_one_just_works(
    stack: Stack, address: Address, messages: list[str]
) -> None:
    with pytest.raises(DeployError):
        stack.execute(prepared(stack, address({"Broken": BROKEN}), {}))

    stack.execute(prepared(stack, address({"Queue": {**QUEUE, "Properties": {}}}), {}))

    assert stack.state() == "CREATE_COMPLETE"
    assert any("left over from a failed first deployment" in line for line in messages)


def test_a_change_that_fails_leaves_what_stood_there(stack: Stack, address: Address) -> None:
    stack.execute(prepared(stack, address({"Queue": QUEUE}), {}))

    with pytest.raises(DeployError, match="ended as UPDATE_ROLLBACK_COMPLETE"):
        stack.execute(prepared(stack, address({"Queue": QUEUE, "Broken": BROKEN}), {}))

    assert boto3.client("sqs").get_queue_url(QueueName="voltbook-small")["QueueUrl"]
    assert stack.prepare(address({"Queue": QUEUE}), {}) is None


def test_a_template_that_is_none_is_said_before_anything_is_touched(stack: Stack, address: Address) -> None:
    with pytest.raises(ClientError, match="Nonsense"):
        stack.prepare(address({"Queue": {"Type": "AWS::SQS::Nonsense"}}), {})
    assert stack.state() is None


def test_a_name_that_is_taken_is_said_by_its_name(stack: Stack, address: Address) -> None:
    boto3.client("s3").create_bucket(
        Bucket="voltbook-taken", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
    )
    bucket = {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": {"Fn::Sub": "voltbook-taken"}}}

    with pytest.raises(DeployError, match=r"Bucket: .*voltbook-taken.*already exists"):
        stack.execute(prepared(stack, address({"Bucket": bucket}), {}))


def test_a_parameter_that_is_not_given_again_keeps_its_value(stack: Stack, address: Address) -> None:
    parameters = {"Seconds": {"Type": "Number", "Default": 60}}
    queue = {"Type": "AWS::SQS::Queue", "Properties": {"MessageRetentionPeriod": {"Ref": "Seconds"}}}
    template = address({"Parameters": parameters, "Resources": {"Queue": queue}})
    stack.execute(prepared(stack, template, {"Seconds": "120"}))

    assert stack.prepare(template, {}, kept={"Seconds", "Unknown"}) is None
    assert stack.prepare(template, {}) is not None


def test_an_imported_table_that_differs_from_the_template_is_reported(stack: Stack, address: Address) -> None:
    dynamodb = boto3.client("dynamodb")
    names: dict[str, Any] = {
        "AttributeDefinitions": [{"AttributeName": "name", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "name", "KeyType": "HASH"}],
        "BillingMode": "PAY_PER_REQUEST",
    }
    dynamodb.create_table(TableName="voltbook-left", **names)
    table = {"TableName": "voltbook-left", **names, "DeletionProtectionEnabled": True}
    template = address({"Left": {"Type": "AWS::DynamoDB::Table", "DeletionPolicy": "Retain", "Properties": table}})

    change_set = prepared(stack, template, {})
    stack.execute(change_set)

    assert change_set.imported == ("Left",)
    assert list(stack.drift(change_set.imported)) == ["  Left/DeletionProtectionEnabled: false, the template has true"]


def test_a_change_set_that_nobody_agrees_to_leaves_nothing(stack: Stack, address: Address) -> None:
    stack.forget(prepared(stack, address({"Queue": {**QUEUE, "Properties": {}}}), {}).name)
    assert stack.state() in {None, "DELETE_COMPLETE"}


def test_taking_a_stage_down_needs_a_yes_and_losing_its_data_a_word(account: Account, messages: list[str]) -> None:
    stack = Stack(boto3.client("cloudformation"), "voltbook-gone", messages.append, pause=0.05)
    with pytest.raises(DeployError, match="DESTROY=gone-and-its-data deletes"):
        destroy.destroy("gone", stack, "yes", lambda _: True)
    with pytest.raises(DeployError, match="nothing was deleted"):
        destroy.destroy("gone", stack, "", lambda _: False)


def test_a_protected_stage_goes_only_by_its_name(stack: Stack, address: Address) -> None:
    gone = dataclasses.replace(stack, name="voltbook-gone", tags=(("stage", "gone"),))
    gone.execute(prepared(gone, address({"Queue": {**QUEUE, "Properties": {}}}), {}))
    assert gone.client.describe_stacks(StackName=gone.name)["Stacks"][0]["Tags"] == [{"Key": "stage", "Value": "gone"}]
    gone.protect(on=True)

    with pytest.raises(DeployError, match="voltbook-gone is protected; DESTROY=gone deletes it"):
        destroy.destroy("gone", gone, "", lambda _: True)
    with pytest.raises(ClientError, match="TerminationProtection"):
        gone.delete()
    destroy.destroy("gone", gone, "gone", lambda _: True)

    assert gone.state() in {None, "DELETE_COMPLETE"}


def test_what_a_stage_holds_outlives_it_until_the_word_is_said(address: Address, messages: list[str]) -> None:
    s3, number = boto3.client("s3"), str(boto3.client("sts").get_caller_identity()["Account"])
    template = literally_named(plain_resources(), "gone", number)
    stack = Stack(boto3.client("cloudformation"), "voltbook-gone", messages.append, pause=0.05)
    stack.execute(prepared(stack, address(template), {"Stage": "gone"}))
    held = read_resources("gone", number)
    s3.put_object(Bucket=held.bucket["BucketName"], Key="epex_trades_20230220.csv", Body=b"once")
    s3.put_object(Bucket=held.bucket["BucketName"], Key="epex_trades_20230220.csv", Body=b"twice")

    destroy.destroy("gone", stack, "", lambda _: True)
    assert stack.state() in {None, "DELETE_COMPLETE"}
    assert {table["TableName"] for table in held.tables} <= set(tables())
    assert s3.get_object(Bucket=held.bucket["BucketName"], Key="epex_trades_20230220.csv")["Body"].read() == b"twice"

    # MiniStack takes in tables but says of a bucket that its name is taken.
    again = prepared(stack, address(without_bucket(template)), {"Stage": "gone"})
    assert sum("Import" in line for line in again.lines) == len(held.tables)
    stack.execute(again)

    destroy.destroy("gone", stack, confirmation_for("gone"), lambda _: True)
    assert {table["TableName"] for table in held.tables} & set(tables()) == set()
    assert held.bucket["BucketName"] not in [one["Name"] for one in s3.list_buckets()["Buckets"]]


def prepared(stack: Stack, address: str, parameters: dict[str, str]) -> ChangeSet:
    change_set = stack.prepare(address, parameters)
    assert change_set is not None
    return change_set


def tables() -> list[str]:
    return boto3.client("dynamodb").list_tables()["TableNames"]


def without_bucket(template: dict[str, Any]) -> dict[str, Any]:
    kept = {name: one for name, one in template["Resources"].items() if one["Type"] != "AWS::S3::Bucket"}
    return {**template, "Resources": kept}


def plain_resources() -> dict[str, Any]:
    """The tables and the bucket as the template describes them, without the functions that Chalice brings."""
    whole: dict[str, Any] = yaml.safe_load(TEMPLATE.read_text("utf-8"))
    return {**whole, "Resources": {name: one for name, one in whole["Resources"].items() if "Type" in one}}
