"""Clients of the local engines for the stack's own use; the book makes its own from the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from localstack_client.session import Session

from infra.local.engines import Engine
from infra.local.processes import LOOPBACK
from infra.resources import LOCAL_STAGE, REGION, Topics

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient
    from mypy_boto3_events.client import EventBridgeClient
    from mypy_boto3_s3.client import S3Client
    from mypy_boto3_sns.client import SNSClient
    from mypy_boto3_sqs.client import SQSClient

KEY = "local"
DIRECT = {"NO_PROXY": f"{LOOPBACK},localhost", "no_proxy": f"{LOOPBACK},localhost"}
"""A proxy of the operator's own knows nothing of this machine's loopback; where both are set the lower case wins."""


@dataclass(frozen=True, slots=True)
class Clients:
    dynamodb: DynamoDBClient
    s3: S3Client
    sns: SNSClient
    sqs: SQSClient
    events: EventBridgeClient


def connect(dynamodb: Engine, aws: Engine) -> Clients:
    """Connects to the engines; the same client library would find LocalStack in their place."""
    session = _session(aws)
    return Clients(
        dynamodb=_session(dynamodb).client("dynamodb"),
        s3=session.client("s3"),
        sns=session.client("sns"),
        sqs=session.client("sqs"),
        events=session.client("events"),
    )


def environment(dynamodb: Engine, aws: Engine, bucket: str, topics: Topics) -> dict[str, str]:
    """Gives the variables that lead the AWS SDK, and so the book, to these engines."""
    return {
        **DIRECT,
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


def enter(variables: Mapping[str, str]) -> None:
    """Points this process at the engines; the operator's own variables for AWS would lead astray."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ.pop("USE_SSL", None)  # the same for the client library of the local engines
    os.environ.update(variables)


def _session(engine: Engine) -> Any:  # noqa: ANN401 - the library has no types
    return Session(
        aws_access_key_id=KEY,
        aws_secret_access_key=KEY,
        region_name=REGION,
        localstack_host=f"{LOOPBACK}:{engine.port}",
    )
