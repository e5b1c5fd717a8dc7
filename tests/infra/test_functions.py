"""The functions are called with the events that EventBridge documents, and none is forgotten."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from chalice.app import Chalice, Cron, Rate

from infra.local import triggers
from infra.local.functions import UnknownSchedule, functions_of, invoke, object_created, tick

NOW = datetime(2026, 6, 15, 7, 30, tzinfo=UTC)
ENVELOPE = {"version", "id", "detail-type", "source", "account", "time", "region", "resources", "detail"}


def app_with(schedule: Cron | Rate, seen: list[Any]) -> Chalice:
    app = Chalice("tiny", configure_logs=False)
    app.schedule(schedule)(lambda event: seen.append(event.to_dict()))
    app.on_cw_event({"source": ["aws.s3"], "detail-type": ["Object Created"]}, name="created")(
        lambda event: seen.append(event.detail["object"]["key"])
    )
    app.on_cw_event({"source": ["aws.ec2"]}, name="other")(lambda event: seen.append("never"))
    return app


def test_functions_are_found_by_what_starts_them() -> None:
    seen: list[Any] = []
    functions = functions_of(app_with(Cron("0/30", "*", "*", "*", "?", "*"), seen))
    for scheduled in functions.half_hourly:
        invoke(scheduled, tick(NOW))
    for created in functions.on_object_created:
        invoke(created, object_created("bucket", "a b.csv", 3, "e1", NOW))

    assert seen[0]["time"] == "2026-06-15T07:30:00Z"
    assert seen[1:] == ["a b.csv"]


def test_a_schedule_that_would_never_fire_here_is_an_error() -> None:
    with pytest.raises(UnknownSchedule, match=r"rate\(1 day\)"):
        functions_of(app_with(Rate(1, Rate.DAYS), []))


def test_the_app_itself_has_functions_that_can_be_found() -> None:
    from app import app

    functions = functions_of(app)
    assert functions.half_hourly
    assert functions.on_object_created


@pytest.mark.parametrize("event", [tick(NOW), object_created("bucket", "key", 3, "e1", NOW)])
def test_events_have_eventbridges_envelope(event: dict[str, Any]) -> None:
    assert set(event) == ENVELOPE


def test_an_object_is_described_as_s3_does() -> None:
    event = object_created("bucket", "key", 3, "e1", NOW)

    assert (event["source"], event["detail-type"]) == ("aws.s3", "Object Created")
    assert event["resources"] == ["arn:aws:s3:::bucket"]
    assert event["detail"]["bucket"] == {"name": "bucket"}
    assert event["detail"]["object"] == {"key": "key", "size": 3, "etag": "e1"}
    assert event["detail"]["reason"] == "PutObject"


def test_an_import_is_told_in_a_line() -> None:
    receipt = {
        "key": "epex_trades_20260615.csv",
        "state": "provisional",
        "booked": 8,
        "already_there": 1,
        "corrected": 0,
        "quarantined": 1,
        "reason": None,
    }

    assert triggers.in_words({"receipt": receipt}) == (
        "epex_trades_20260615.csv: provisional, 8 booked, 1 already there, 1 quarantined"
    )


def test_a_rejected_file_is_told_with_its_reason() -> None:
    receipt = {"key": "epex_trades_20260615.csv", "state": "rejected", "reason": "it has no header"}

    assert triggers.in_words({"receipt": receipt}) == ("epex_trades_20260615.csv: rejected, no rows (it has no header)")


def test_what_is_no_daily_file_is_not_told() -> None:
    assert triggers.in_words({"key": "x", "receipt": None}) is None
