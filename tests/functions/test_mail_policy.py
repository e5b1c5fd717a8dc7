"""The morning mail's policy in AWS lets it do what it does, and nothing else."""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import boto3
import pytest

from chalicelib import wiring
from chalicelib.adapters.models import connection
from functions.send_morning_report import send_morning_report
from infra.local.functions import tick
from tests.fakes import FakeClock
from tests.trades import FILE_DAY

POLICY = Path(__file__).parents[2] / ".chalice/policy-send_morning_report.json"
EIGHT = datetime(2023, 2, 21, 7, tzinfo=UTC)


def allowed() -> set[tuple[str, str]]:
    """Each action with each resource, but for the logs that Lambda itself writes."""
    statements = json.loads(POLICY.read_text("utf-8"))["Statement"]
    granted = [(action, one) for stated in statements for action in stated["Action"] for one in resources(stated)]
    return {(action, one) for action, one in granted if not action.startswith("logs:")}


def resources(stated: dict[str, Any]) -> list[str]:
    named = stated["Resource"]
    return named if isinstance(named, list) else [named]


def asked_of(operation: str, body: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The actions of one call to DynamoDB, each with its table, as IAM counts them."""
    match operation:
        case "TransactWriteItems":
            for item in body["TransactItems"]:
                [(kind, what)] = item.items()
                yield (
                    f"dynamodb:{'ConditionCheckItem' if kind == 'ConditionCheck' else f'{kind}Item'}",
                    what["TableName"],
                )
        case "BatchGetItem":
            yield from (("dynamodb:BatchGetItem", table) for table in body["RequestItems"])
        case _:
            yield f"dynamodb:{operation}", body["TableName"]


def test_the_policy_is_what_the_function_asks_for(moto_cloud: str, monkeypatch: pytest.MonkeyPatch) -> None:
    importlib.import_module("app")
    monkeypatch.setenv("VOLTBOOK_MAIL_FROM", "book@example.com")
    monkeypatch.setenv("VOLTBOOK_MAIL_TO", "anna@example.com")
    wiring.reset()
    boto3.client("sesv2").create_email_identity(EmailIdentity="book@example.com")
    clock = FakeClock(EIGHT)
    monkeypatch.setattr(wiring, "clock", lambda: clock)
    wiring.book()
    events: Any = connection().client.meta.events
    asked: set[tuple[str, str]] = set()

    def before_call(model: Any, params: dict[str, Any], **_: Any) -> None:
        table = "arn:aws:dynamodb:eu-central-1:123456789012:table/{}"
        asked.update((action, table.format(name)) for action, name in asked_of(model.name, json.loads(params["body"])))

    events.register("before-call.dynamodb.*", before_call)
    mailed: Any = send_morning_report(tick(EIGHT), None)
    assert (len(mailed["sent"]), mailed["unsent"]) == (2, 0)
    assert wiring.mail_bag().letters(FILE_DAY)
    asked |= {("sns:Publish", wiring.settings().reports_topic)}
    asked |= {("ses:SendEmail", "arn:aws:ses:eu-central-1:123456789012:identity/book@example.com")}

    used = {grant for grant in allowed() if any(covers(grant, one) for one in asked)}
    refused = {one for one in asked if not any(covers(grant, one) for grant in allowed())}
    assert (allowed() - used, refused) == (set(), set())


def covers(grant: tuple[str, str], asked: tuple[str, str]) -> bool:
    return grant[0] == asked[0] and fnmatchcase(asked[1], grant[1])
