"""The stack's own clients of the local engines, and the variables by which the book finds these engines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from localstack_client.session import Session

from infra.local.engines import Engine
from infra.local.settings import LOOPBACK, NO_PROXY
from infra.resources import LOCAL_STAGE, REGION, Topics

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient
    from mypy_boto3_events.client import EventBridgeClient
    from mypy_boto3_s3.client import S3Client
    from mypy_boto3_sns.client import SNSClient
    from mypy_boto3_sqs.client import SQSClient

KEY = "local"


@dataclass(frozen=True, slots=True)
class Clients:
    dynamodb: DynamoDBClient
    s3: S3Client
    sns: SNSClient
    sqs: SQSClient
    events: EventBridgeClient


def connect(dynamodb: Engine, aws: Engine) -> Clients:
    """Return clients of the engines; the same client library would find LocalStack in their place."""
    session = _session(aws)
    others = {name: session.client(name) for name in ("s3", "sns", "sqs", "events")}
    return Clients(dynamodb=_session(dynamodb).client("dynamodb"), **others)


def environment(dynamodb: Engine, aws: Engine, bucket: str, topics: Topics) -> dict[str, str]:
    return {
        **NO_PROXY,
        "AWS_ENDPOINT_URL": aws.url,
        "AWS_ENDPOINT_URL_DYNAMODB": dynamodb.url,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": KEY,
        "AWS_SECRET_ACCESS_KEY": KEY,
        "VOLTBOOK_STAGE": LOCAL_STAGE,
        "VOLTBOOK_BUCKET": bucket,
        "VOLTBOOK_NOTICES_TOPIC": topics.notices,
        "VOLTBOOK_REPORTS_TOPIC": topics.reports,
    }


def _session(engine: Engine) -> Any:  # noqa: ANN401 - the library has no types
    return Session(
        aws_access_key_id=KEY,
        aws_secret_access_key=KEY,
        region_name=REGION,
        localstack_host=f"{LOOPBACK}:{engine.port}",
    )
