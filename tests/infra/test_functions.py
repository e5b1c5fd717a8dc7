"""The functions are called with the events that EventBridge documents, and none is forgotten."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from typing import Any

import pytest
from chalice.app import Chalice, Cron, Rate

from infra.local import event_loop
from infra.local.event_loop import Functions, Workers, functions_of, invoke, tick
from infra.local.s3_events import object_created
from infra.local.settings import CannotServe
from tests.cli.open_books import a_receipt

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
    with pytest.raises(CannotServe, match=r"rate\(1 day\)"):
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
    receipt = a_receipt(state="provisional", booked=8, already_there=1, quarantined=1)

    assert event_loop.result_lines({"key": receipt["key"], "receipt": receipt}) == [
        "epex_trades_20230220.csv: 8 booked, 1 already there, 1 quarantined"
    ]


@pytest.mark.parametrize("state", ["rejected", "held", "waiting"])
def test_a_file_that_is_not_booked_is_told_with_its_reason(state: str) -> None:
    receipt = a_receipt(state=state, booked=0, reason="it has no\x1b[2J header")

    assert event_loop.result_lines({"key": receipt["key"], "receipt": receipt}) == [
        f"epex_trades_20230220.csv: {state}, nothing booked: it has no\\x1b[2J header"
    ]


def test_what_is_no_daily_file_is_told_with_the_reason() -> None:
    price = {"key": "reference_prices_20230220.csv", "received": 24, "changed": 3, "unchanged": 21, "reason": None}
    bad = price | {"received": 0, "changed": 0, "unchanged": 0, "reason": "the file has no prices"}
    said = "reference_prices_20230220.csv: 24 prices, 3 changed, 21 unchanged"
    assert event_loop.result_lines({"key": "x", "prices": [price]}) == [said]
    assert event_loop.result_lines({"imported": [], "prices": [price, bad]}) == [
        said,
        "reference_prices_20230220.csv: rejected, no price taken: the file has no prices",
    ]
    ignored = {"key": "trades\n.csv", "ignored": "this is not the name of a daily file"}

    assert event_loop.result_lines(ignored) == ["trades\\n.csv: ignored, this is not the name of a daily file"]


def test_a_look_is_told_in_a_line_for_each_file_it_imported() -> None:
    looked = {"imported": [a_receipt(), a_receipt(key="epex_trades_20230221.csv")], "late": [], "unsent": 0}

    assert event_loop.result_lines(looked) == [
        "epex_trades_20230220.csv: 10 booked, 0 already there",
        "epex_trades_20230221.csv: 10 booked, 0 already there",
    ]


@pytest.mark.parametrize("result", [None, {}, {"imported": []}, {"key": "x", "receipt": None}, "done"])
def test_any_other_result_is_not_told(result: object) -> None:
    assert event_loop.result_lines(result) == []


def test_what_a_look_imported_is_said_and_a_failure_ends_nothing() -> None:
    def fails(_event: object, _context: object) -> None:
        raise RuntimeError("the book is away")

    said: list[str] = []
    event_loop._fire((fails, lambda *_: {"imported": [a_receipt()]}), said.append, NOW)

    assert said == ["epex_trades_20230220.csv: 10 booked, 0 already there"]


def test_each_poll_is_prepared_and_a_failed_preparation_does_not_stop_it() -> None:
    order, polled = list[str](), threading.Event()

    def prepare() -> None:
        order.append("prepared")
        raise RuntimeError("the inbox is away")

    def poll(*_: object) -> None:
        order.append("polled")
        polled.set()

    with event_loop.polling(Functions((poll,), ()), prepare, order.append, Workers()):
        assert polled.wait(60)
    assert order[:2] == ["prepared", "polled"]
