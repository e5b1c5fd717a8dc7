"""A deployed stage: the operator's credentials, and the bucket that bears their account's number."""

import os
from collections.abc import Iterator

import pytest
from moto import mock_aws

from chalicelib.domain.errors import NotAllowed
from cli.client.stage import enter_stage, name_bucket_and_topic
from cli.exit_codes import NotThere
from tests.cli.conftest import CommandLine


@pytest.fixture
def _aws() -> Iterator[None]:
    with mock_aws():
        yield


def test_the_stage_is_entered_and_another_ones_bucket_and_topic_forgotten() -> None:
    os.environ.update(VOLTBOOK_BUCKET="voltbook-dev-daily-files-1", VOLTBOOK_NOTICES_TOPIC="arn:of:dev")
    assert enter_stage("prod") == "AWS eu-central-1"
    assert os.environ["VOLTBOOK_STAGE"] == "prod"
    assert "VOLTBOOK_BUCKET" not in os.environ
    assert "VOLTBOOK_NOTICES_TOPIC" not in os.environ


def test_an_endpoint_that_is_not_aws_is_named() -> None:
    os.environ["AWS_ENDPOINT_URL"] = "http://127.0.0.1:4566"
    assert enter_stage("dev") == "http://127.0.0.1:4566"


@pytest.mark.usefixtures("_aws")
def test_the_bucket_and_the_topic_are_named_for_the_account() -> None:
    name_bucket_and_topic("prod")
    assert os.environ["VOLTBOOK_BUCKET"] == "voltbook-prod-daily-files-123456789012"
    assert os.environ["VOLTBOOK_NOTICES_TOPIC"] == "arn:aws:sns:eu-central-1:123456789012:voltbook-prod-notices"


def test_without_credentials_it_is_5_with_what_to_do(run: CommandLine) -> None:
    os.environ.pop("AWS_ACCESS_KEY_ID")
    os.environ.pop("AWS_SECRET_ACCESS_KEY")
    result = run("--book", "prod", "report")
    assert result.exit_code == 5
    assert "AWS_PROFILE" in result.stderr


def test_without_a_region_it_is_5() -> None:
    os.environ.pop("AWS_DEFAULT_REGION")
    os.environ.pop("AWS_REGION", None)
    with pytest.raises(NotThere, match="region"):
        enter_stage("prod")


def test_a_profile_that_is_none_is_5(run: CommandLine) -> None:
    os.environ["AWS_PROFILE"] = "nobody"
    result = run("--book", "prod", "report")
    assert result.exit_code == 5
    assert "nobody" in result.stderr


def test_an_account_that_cannot_be_told(monkeypatch: pytest.MonkeyPatch) -> None:
    import boto3
    from botocore.exceptions import ClientError, EndpointConnectionError

    class Sts:
        def __init__(self, error: Exception) -> None:
            self.error = error

        def get_caller_identity(self) -> None:
            raise self.error

    refused = ClientError({"Error": {"Code": "ExpiredToken", "Message": "expired"}}, "GetCallerIdentity")
    for error, kind in ((refused, NotAllowed), (EndpointConnectionError(endpoint_url="x"), NotThere)):
        monkeypatch.setattr(boto3, "client", lambda _, error=error: Sts(error))
        with pytest.raises(kind):
            name_bucket_and_topic("prod")


@pytest.mark.parametrize("name", ["Prod", "a_b", "-a", "x" * 21, "", "../local"])
def test_what_is_no_stage_is_a_usage_error(name: str, run: CommandLine) -> None:
    assert run("report", f"--book={name}").exit_code == 2
