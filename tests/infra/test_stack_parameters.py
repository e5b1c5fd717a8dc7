"""The parameters of a stack: what the operator gives, what stays, and what the account can do."""

from __future__ import annotations

from unittest.mock import Mock

import boto3
import pytest

from infra.cloudformation import DeployError
from infra.stack_parameters import changed_parameters, given_parameters, read_parameters, require_concurrency

KNOWN: dict[str, object] = {"Stage": {}, "ApiBurst": {}, "MailFrom": {}}
DESCRIBED = {"Stage": "prod", "ApiBurst": "200"}


def test_a_stage_without_a_file_is_refused_with_those_that_have_one() -> None:
    with pytest.raises(DeployError, match=r"unknown stage 'staging'.*dev, prod"):
        read_parameters("staging")


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("", {}),
        ("AlarmsEmail=ops@example.com", {"AlarmsEmail": "ops@example.com"}),
        (
            "MailFrom='The desk <desk@example.com>' ApiBurst=1",
            {"MailFrom": "The desk <desk@example.com>", "ApiBurst": "1"},
        ),
        ('MailTo="a@example.com, b@example.com"', {"MailTo": "a@example.com, b@example.com"}),
        ("MailTo=", {"MailTo": ""}),
        (
            "AllowedOrigins='https://a.example, https://b.example'",
            {"AllowedOrigins": "https://a.example,https://b.example"},
        ),
        ("Certificate=a=b", {"Certificate": "a=b"}),
    ],
)
def test_a_value_may_have_spaces(text: str, read: dict[str, str]) -> None:
    assert given_parameters(text) == read


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("MailFrom=The desk", r"expected Name=value, with quotes .*: Name='a b'; found 'desk'"),
        ("AllowedOrigins=*", r"PARAMETERS: AllowedOrigins: expected exact origins such as https://.*; found '\*'"),
        ("MailFrom='The desk", 'PARAMETERS cannot be read: No closing quotation, in "MailFrom=\'The desk"'),
    ],
)
def test_what_is_no_pair_is_refused(text: str, error: str) -> None:
    with pytest.raises(DeployError, match=error):
        given_parameters(text)


def test_a_first_deployment_sets_what_the_file_has_and_what_is_given() -> None:
    changed = changed_parameters(KNOWN, DESCRIBED, {"ApiBurst": "300", "MailFrom": "a"}, {}, pytest.fail)
    assert changed == {"Stage": "prod", "ApiBurst": "300", "MailFrom": "a"}


def test_what_an_operator_has_set_stays_and_is_reported() -> None:
    said: list[str] = []
    present = {"Stage": "prod", "ApiBurst": "300"}
    assert changed_parameters(KNOWN, DESCRIBED, {}, present, said.append) == {"Stage": "prod"}
    assert said == ['ApiBurst stays 300, although the stage\'s file has 200: PARAMETERS="ApiBurst=200" changes it']
    assert changed_parameters(KNOWN, DESCRIBED, {"ApiBurst": "200"}, present, pytest.fail) == DESCRIBED


def test_an_unknown_parameter_is_refused_with_those_there_are() -> None:
    with pytest.raises(DeployError, match="unknown AlarmEmail; expected ApiBurst, MailFrom, Stage"):
        changed_parameters(KNOWN, DESCRIBED, {"AlarmEmail": "a"}, {}, pytest.fail)


@pytest.mark.parametrize(
    ("wanted", "reserved", "unreserved", "allowed"),
    [(2, 0, 102, True), (2, 0, 101, False), (2, 0, 10, False), (0, 0, 10, True), (2, 2, 100, True), (3, 2, 100, False)],
)
def test_the_account_is_asked_before_concurrency_is_reserved(
    wanted: int, reserved: int, unreserved: int, allowed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits = {"AccountLimit": {"ConcurrentExecutions": 150, "UnreservedConcurrentExecutions": unreserved}}
    monkeypatch.setattr(boto3, "client", lambda _: Mock(get_account_settings=lambda: limits))
    if allowed:
        require_concurrency(wanted, reserved)
    else:
        with pytest.raises(DeployError, match=r'of the account\'s 150 .* PARAMETERS="ImporterConcurrency=0"'):
            require_concurrency(wanted, reserved)
