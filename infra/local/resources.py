"""Creates what infra/resources.yaml describes, so that there is one description for every stack."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient
    from mypy_boto3_s3.client import S3Client
    from mypy_boto3_sns.client import SNSClient

TEMPLATE = Path(__file__).resolve().parent.parent / "resources.yaml"
LOCAL_STAGE = "local"
LOCAL_ACCOUNT = "000000000000"
REGION = "eu-central-1"

# What a local engine can act on. Recovery, deletion protection and encryption at rest are the cloud's work:
# the durable engine knows none of them, and a local database file is as safe as the disk it lies on.
_TABLE_PROPERTIES = (
    "TableName",
    "BillingMode",
    "AttributeDefinitions",
    "KeySchema",
    "GlobalSecondaryIndexes",
)
_ALREADY_THERE = frozenset({"ResourceInUseException", "BucketAlreadyOwnedByYou", "BucketAlreadyExists"})


@dataclass(frozen=True, slots=True)
class Topics:
    """What the desk hears of its files, and the morning mail: the topics' names, or their ARNs."""

    notices: str
    reports: str


@dataclass(frozen=True, slots=True)
class Resources:
    """The described resources of one stage, as the AWS APIs that create them take their properties."""

    tables: tuple[dict[str, Any], ...]
    bucket: dict[str, Any]
    topics: Topics


def read_resources(stage: str, account: str = LOCAL_ACCOUNT) -> Resources:
    """Reads the template for one stage; ValueError for an intrinsic that is not understood here."""
    template = yaml.safe_load(TEMPLATE.read_text(encoding="utf-8"))
    values = {"Stage": stage, "AWS::AccountId": account, "AWS::Region": REGION}
    by_type: dict[str, list[dict[str, Any]]] = {}
    for resource in template["Resources"].values():
        if "Type" in resource:  # what has none is Chalice's, and only added to here
            by_type.setdefault(resource["Type"], []).append(_resolved(resource.get("Properties", {}), values))
    (bucket,) = by_type["AWS::S3::Bucket"]
    notices, reports = (topic["TopicName"] for topic in by_type["AWS::SNS::Topic"])
    return Resources(tuple(by_type["AWS::DynamoDB::Table"]), bucket, Topics(notices, reports))


def create_tables(dynamodb: DynamoDBClient, stage: str) -> int:
    """Creates the stage's missing tables, waits until each answers, and gives how many were missing."""
    tables = read_resources(stage).tables
    created = 0
    for table in tables:
        properties = {name: value for name, value in table.items() if name in _TABLE_PROPERTIES}
        created += _unless_there(dynamodb.create_table, properties)
    waiter = dynamodb.get_waiter("table_exists")
    for table in tables:
        waiter.wait(TableName=table["TableName"], WaiterConfig={"Delay": 1, "MaxAttempts": 30})
    return created


def create_bucket(s3: S3Client, stage: str, account: str = LOCAL_ACCOUNT) -> str:
    """Creates the bucket of the daily files with versioning and EventBridge events; gives its name."""
    bucket = read_resources(stage, account).bucket
    name = str(bucket["BucketName"])
    location = {"LocationConstraint": REGION}
    _unless_there(s3.create_bucket, {"Bucket": name, "CreateBucketConfiguration": location})
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration=bucket["VersioningConfiguration"])
    # CloudFormation says EventBridgeEnabled: true where S3's own API takes an empty object.
    s3.put_bucket_notification_configuration(Bucket=name, NotificationConfiguration={"EventBridgeConfiguration": {}})
    return name


def create_topics(sns: SNSClient, stage: str) -> Topics:
    """Creates the desk's topics, which SNS itself does only once per name; gives their ARNs."""
    names = read_resources(stage).topics
    return Topics(*(sns.create_topic(Name=name)["TopicArn"] for name in (names.notices, names.reports)))


def _unless_there(create: Callable[..., object], properties: dict[str, Any]) -> bool:
    try:
        create(**properties)
    except ClientError as error:
        if error.response["Error"]["Code"] not in _ALREADY_THERE:
            raise
        return False
    return True


def _resolved(properties: dict[str, Any], values: dict[str, str]) -> dict[str, Any]:
    return {name: _resolve(value, values) for name, value in properties.items()}


def _resolve(node: object, values: dict[str, str]) -> object:
    """Gives the node with its intrinsics replaced by what they stand for."""
    match node:
        case {"Ref": str(name)}:
            return values[name]
        case {"Fn::Sub": str(text)}:
            return re.sub(r"\$\{([^}]+)\}", lambda found: values[found[1]], text)
        case dict():
            if unknown := [key for key in node if str(key).startswith("Fn::")]:
                raise ValueError(f"{TEMPLATE.name}: the local stack does not understand {', '.join(unknown)}")
            return _resolved(node, values)
        case list():
            return [_resolve(item, values) for item in node]
    return node
