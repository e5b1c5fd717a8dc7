"""A deployed stage: the operator's credentials, and the bucket that bears their account's number."""

import os
from collections.abc import Iterator
from unittest.mock import Mock

import click
import pytest
from moto import mock_aws

from chalicelib import settings as settings_module
from chalicelib.common import once
from chalicelib.common.errors import NotAllowed
from cli.client import connect
from cli.client.connect import place_of, signed_in, stage_settings, with_bucket_and_topic
from cli.exit_codes import NotThere
from cli.profiles import ConnectionOptions
from tests.cli.conftest import CommandLine


@pytest.fixture
def _aws_environment() -> Iterator[None]:
    with mock_aws():
        yield


def test_a_bucket_and_a_topic_of_another_stage_are_not_taken() -> None:
    os.environ.update(VOLTBOOK_BUCKET="voltbook-dev-daily-files-1", VOLTBOOK_NOTICES_TOPIC="arn:of:dev")
    os.environ.update(VOLTBOOK_STAGE="dev", VOLTBOOK_MAX_BAD_ROWS="7")
    settings = stage_settings("prod")
    assert (settings.stage, settings.table("trades"), settings.bad_rows) == ("prod", "voltbook-prod-trades", 7)
    assert "dev" not in f"{settings.bucket} {settings.notices_topic}"


def test_it_is_where_the_region_is() -> None:
    assert place_of(signed_in("prod")) == "AWS eu-central-1"


def test_an_endpoint_that_is_not_aws_is_named() -> None:
    os.environ["AWS_ENDPOINT_URL"] = "http://127.0.0.1:4566"
    assert place_of(signed_in("dev")) == "http://127.0.0.1:4566"


@pytest.mark.usefixtures("_aws_environment")
def test_the_bucket_and_the_topic_are_named_for_the_account() -> None:
    settings = with_bucket_and_topic(stage_settings("prod"), signed_in("prod"))
    assert settings.bucket == "voltbook-prod-daily-files-123456789012"
    assert settings.notices_topic == "arn:aws:sns:eu-central-1:123456789012:voltbook-prod-notices"
    assert settings.reports_topic == "arn:aws:sns:eu-central-1:123456789012:voltbook-prod-reports"


@pytest.mark.usefixtures("_aws_environment")
def test_a_stage_is_opened_without_a_word_to_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    before = dict(os.environ)
    stages: list[str] = []
    monkeypatch.setattr(
        "chalicelib.imports.bootstrap.import_context", lambda _: stages.append(settings_module.settings().bucket)
    )
    with connect.opened(ConnectionOptions(book="prod")) as client:
        assert settings_module.settings().stage == "prod"
        client._import_context("check")
    once.reset()
    assert stages == ["voltbook-prod-daily-files-123456789012"]
    assert os.environ == before


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
        signed_in("prod")


def test_a_profile_that_is_none_is_5(run: CommandLine) -> None:
    os.environ["AWS_PROFILE"] = "nobody"
    result = run("--book", "prod", "report")
    assert result.exit_code == 5
    assert "nobody" in result.stderr


def test_an_account_that_cannot_be_told() -> None:
    from botocore.exceptions import ClientError, EndpointConnectionError

    refused = ClientError({"Error": {"Code": "ExpiredToken", "Message": "expired"}}, "GetCallerIdentity")
    for error, kind in ((refused, NotAllowed), (EndpointConnectionError(endpoint_url="x"), NotThere)):
        session = Mock()
        session.create_client.return_value.get_caller_identity.side_effect = error
        with pytest.raises(kind):
            with_bucket_and_topic(stage_settings("prod"), session)


@pytest.mark.parametrize(("api", "expected"), [("https://book.example", True), (None, False)])
def test_whether_the_book_is_behind_an_api_is_known(api: str | None, expected: bool) -> None:
    with click.Context(click.Command("report"), obj=ConnectionOptions(api=api)):
        assert connect.over_api() is expected


@pytest.mark.parametrize("name", ["Prod", "a_b", "-a", "x" * 21, "", "../local"])
def test_what_is_no_stage_is_a_usage_error(name: str, run: CommandLine) -> None:
    assert run("report", f"--book={name}").exit_code == 2
