"""The book finds the engines by its environment, whatever the operator's own says."""

from __future__ import annotations

import os
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from infra.local import aws
from infra.local.engines import Endpoint, Engine
from infra.local.settings import enter_environment
from infra.resources import Topics, read_resources
from tests.infra.test_engines import start


@pytest.fixture
def variables(tmp_path: Path) -> dict[str, str]:
    child = start("true", folder=tmp_path)
    child.process.wait()
    return aws.environment(Engine(child, 1), Engine(child, 2), "a-bucket", Topics("a-topic", "mails"))


def test_it_names_engines_bucket_and_topic(variables: dict[str, str]) -> None:
    assert variables["AWS_ENDPOINT_URL_DYNAMODB"] == "http://127.0.0.1:1"
    assert variables["AWS_ENDPOINT_URL"] == "http://127.0.0.1:2"
    assert variables["VOLTBOOK_BUCKET"] == "a-bucket"
    assert variables["VOLTBOOK_NOTICES_TOPIC"] == "a-topic"
    assert variables["VOLTBOOK_REPORTS_TOPIC"] == "mails"


def test_a_proxy_of_the_operator_is_not_asked_for_this_machine(
    variables: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://proxy.example:3128")
    monkeypatch.setenv("no_proxy", "intranet.example")
    before = dict(os.environ)
    try:
        enter_environment(variables)
        assert urllib.request.proxy_bypass("127.0.0.1:8000")
        assert not urllib.request.proxy_bypass("example.org")
    finally:
        os.environ.clear()
        os.environ.update(before)


def test_the_operators_own_variables_for_aws_are_left_behind(
    variables: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "mine")
    before = dict(os.environ)
    try:
        enter_environment(variables)
        assert "AWS_PROFILE" not in os.environ
    finally:
        os.environ.clear()
        os.environ.update(before)


class Tables:
    """DynamoDB with one table that is there, and one that takes a while to make."""

    def __init__(self, there: str, slow: str) -> None:
        self.there, self.slow = there, slow
        self.made: list[str] = []
        self.waited_for: list[str] = []

    def create_table(self, **properties: Any) -> dict[str, Any]:
        name = str(properties["TableName"])
        if name == self.there:
            raise ClientError({"Error": {"Code": "ResourceInUseException"}}, "CreateTable")
        self.made.append(name)
        return {"TableDescription": {"TableStatus": "CREATING" if name == self.slow else "ACTIVE"}}

    def get_waiter(self, event: str) -> Tables:
        assert event == "table_exists"
        return self

    def wait(self, **which: Any) -> None:
        self.waited_for.append(str(which["TableName"]))


def test_missing_tables_are_made_and_waited_for() -> None:
    tables: Any = Tables("voltbook-new-trades", "voltbook-new-users")
    names = [str(table["TableName"]) for table in read_resources("new").tables]
    assert aws.create_tables(tables, "new") == len(tables.made) == len(names) - 1
    assert sorted([*tables.made, "voltbook-new-trades"]) == sorted(names)
    assert sorted(tables.waited_for) == ["voltbook-new-trades", "voltbook-new-users"]


def test_clients_reach_the_two_engines() -> None:
    clients = aws.connect(Endpoint("http://127.0.0.1:1"), Endpoint("http://127.0.0.1:2"))
    assert clients.dynamodb.meta.endpoint_url == "http://127.0.0.1:1"
    others = (clients.s3, clients.sns, clients.sqs, clients.events)
    assert {client.meta.endpoint_url for client in others} == {"http://127.0.0.1:2"}
