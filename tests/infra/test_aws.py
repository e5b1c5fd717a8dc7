"""The book finds the engines by its environment, whatever the operator's own says."""

from __future__ import annotations

import os
import urllib.request
from pathlib import Path

import pytest

from infra.local import aws
from infra.local.engines import Engine
from infra.local.settings import enter_environment
from infra.resources import Topics
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
