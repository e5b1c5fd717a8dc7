"""AWS on one machine: clients of the engines, the resources of infra/resources.yaml, and how the book finds both."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from botocore.exceptions import ClientError
from localstack_client.session import Session

from infra.local.engines import OPEN_KEY, Endpoint, Engine
from infra.local.settings import NO_PROXY
from infra.resources import LOCAL_ACCOUNT, LOCAL_STAGE, REGION, Topics, read_resources

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient
    from mypy_boto3_events.client import EventBridgeClient
    from mypy_boto3_s3.client import S3Client
    from mypy_boto3_sns.client import SNSClient
    from mypy_boto3_sqs.client import SQSClient

# What a local engine can act on. Recovery, deletion protection and encryption at rest are the cloud's work:
# the durable engine knows none of them, and a local database file is as safe as the disk it lies on.
_TABLE_PROPERTIES = ("TableName", "BillingMode", "AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes")
_ALREADY_THERE = frozenset({"ResourceInUseException", "BucketAlreadyOwnedByYou", "BucketAlreadyExists"})


@dataclass(frozen=True, slots=True)
class Clients:
    dynamodb: DynamoDBClient
    s3: S3Client
    sns: SNSClient
    sqs: SQSClient
    events: EventBridgeClient


def connect(dynamodb: Engine | Endpoint, aws: Engine | Endpoint) -> Clients:
    """Return clients of the engines; the same client library would find LocalStack in their place."""
    session = _session(aws)
    others = {name: session.client(name) for name in ("s3", "sns", "sqs", "events")}
    return Clients(dynamodb=_session(dynamodb).client("dynamodb"), **others)


def environment(dynamodb: Engine | Endpoint, aws: Engine | Endpoint, bucket: str, topics: Topics) -> dict[str, str]:
    return {
        **NO_PROXY,
        "AWS_ENDPOINT_URL": aws.url,
        "AWS_ENDPOINT_URL_DYNAMODB": dynamodb.url,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": aws.key,
        "AWS_SECRET_ACCESS_KEY": OPEN_KEY,  # nobody checks what it signs
        "VOLTBOOK_STAGE": LOCAL_STAGE,
        "VOLTBOOK_BUCKET": bucket,
        "VOLTBOOK_NOTICES_TOPIC": topics.notices,
        "VOLTBOOK_REPORTS_TOPIC": topics.reports,
    }


def _session(engine: Engine | Endpoint) -> Any:  # noqa: ANN401 - the library has no types
    return Session(
        aws_access_key_id=engine.key,
        aws_secret_access_key=OPEN_KEY,
        region_name=REGION,
        localstack_host=urlsplit(engine.url).netloc,
    )


def create_tables(dynamodb: DynamoDBClient, stage: str) -> int:
    created, waiting = 0, []
    for table in read_resources(stage).tables:
        properties = {name: value for name, value in table.items() if name in _TABLE_PROPERTIES}
        answer = _create_if_missing(dynamodb.create_table, properties)
        created += answer is not None
        if answer is None or answer["TableDescription"]["TableStatus"] != "ACTIVE":
            waiting.append(table["TableName"])
    for name in waiting:
        dynamodb.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 30})
    return created


def create_bucket(s3: S3Client, stage: str, account: str = LOCAL_ACCOUNT) -> str:
    bucket = read_resources(stage, account).bucket
    name = str(bucket["BucketName"])
    location = {"LocationConstraint": REGION}
    _create_if_missing(s3.create_bucket, {"Bucket": name, "CreateBucketConfiguration": location})
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration=bucket["VersioningConfiguration"])
    # CloudFormation says EventBridgeEnabled: true where S3's own API takes an empty object.
    s3.put_bucket_notification_configuration(Bucket=name, NotificationConfiguration={"EventBridgeConfiguration": {}})
    return name


def create_topics(sns: SNSClient, stage: str) -> Topics:
    names = read_resources(stage).topics
    return Topics(*(sns.create_topic(Name=name)["TopicArn"] for name in (names.notices, names.reports)))


def _create_if_missing(create: Callable[..., Any], properties: dict[str, Any]) -> Any:  # noqa: ANN401 - one per resource
    try:
        return create(**properties)
    except ClientError as error:
        if error.response["Error"]["Code"] not in _ALREADY_THERE:
            raise
        return None
