"""The functions as EventBridge starts them: through Chalice's own handlers, with its events and a Lambda's context."""

from __future__ import annotations

import importlib
import io
from datetime import UTC, date, datetime, timedelta
from typing import Any

import boto3
import pytest

from chalicelib import settings as settings_module
from chalicelib.common import clock as common_clock
from chalicelib.common import once
from chalicelib.common.errors import ImportUnderWay, Unavailable
from chalicelib.feeds import bootstrap as feeds_bootstrap
from chalicelib.feeds.receipt import FileState, Receipt
from chalicelib.imports import bootstrap as imports_bootstrap
from chalicelib.prices import bootstrap as prices_bootstrap
from functions.check_daily_file import check_daily_file
from functions.import_daily_file import PATTERN, import_daily_file
from functions.send_morning_report import send_morning_report
from tests.fakes.clock import FakeClock
from tests.fakes.notices import FakeNotices
from tests.fixtures.daily_files import csv_of, day_of
from tests.fixtures.engines import unsubscribe_all
from tests.fixtures.log_lines import Lines
from tests.fixtures.trades import trade

KEY = "epex_trades_20230220.csv"


class Context:
    """A Lambda's context with this much time left."""

    aws_request_id = "c6af9ac6-7b61-11e6-9a41-93e8deadbeef"

    def __init__(self, left: timedelta = timedelta(minutes=15)) -> None:
        self._left = left

    def get_remaining_time_in_millis(self) -> float:
        return self._left / timedelta(milliseconds=1)


@pytest.fixture(autouse=True)
def app_at_night(moto_cloud: str, monkeypatch: pytest.MonkeyPatch) -> None:
    importlib.import_module("app")
    clock = FakeClock(datetime(2023, 2, 21, 0, 54, tzinfo=UTC))
    monkeypatch.setattr("chalicelib.common.clock.clock", lambda: clock)


def put(content: bytes, key: str = KEY) -> None:
    feeds_bootstrap.file_store().put(key, io.BytesIO(content))


def created(key: str = KEY, bucket: str | None = None) -> dict[str, Any]:
    """The event that S3 sends through EventBridge, as AWS documents it."""
    return {
        **event("Object Created", "aws.s3"),
        "detail": {
            "version": "0",
            "bucket": {"name": bucket or settings_module.settings().bucket},
            "object": {"key": key, "size": 1, "etag": "x", "sequencer": "0"},
            "reason": "PutObject",
        },
    }


def event(kind: str, source: str) -> dict[str, Any]:
    return {
        "version": "0",
        "id": "17793124-05d4-b198-2fde-7ededc63b103",
        "detail-type": kind,
        "source": source,
        "account": "111122223333",
        "time": "2023-02-21T00:54:00Z",
        "region": "eu-central-1",
        "resources": [],
        "detail": {},
    }


def test_a_file_that_arrives_is_imported() -> None:
    put(csv_of(day_of(5)))
    done: Any = import_daily_file(created(), Context())
    assert (done["receipt"]["state"], done["receipt"]["booked"]) == ("imported", 5)
    assert import_daily_file(created(), Context()) == {"key": KEY, "ignored": "this file is imported already"}


@pytest.mark.parametrize(
    ("key", "bucket", "reason"),
    [
        (f"{KEY}.exe", None, "this is not the name of a daily file"),
        (f"other/{KEY}", None, "this is not the name of a daily file"),
        (KEY, "voltbook-prod-daily-files-111122223333", "it is in another bucket"),
        (KEY, None, "the file is gone again"),
    ],
)
def test_what_is_none_of_ours_is_ignored_with_the_reason_in_its_line(
    key: str, bucket: str | None, reason: str, lines: Lines
) -> None:
    assert import_daily_file(created(key, bucket), Context()) == {"key": key, "ignored": reason}
    assert [(line["key"], line["ignored"]) for line in lines()] == [(key, reason)]


def test_a_redelivery_while_a_lease_runs_is_no_error_line_and_comes_again(lines: Lines) -> None:
    put(csv_of(day_of(5)))
    now = common_clock.clock().now()
    feeds_bootstrap.receipts().acquire(date(2023, 2, 20), "another run", now, now + timedelta(minutes=2))
    with pytest.raises(ImportUnderWay):
        import_daily_file(created(), Context())
    [line] = lines()
    assert (line["level"], line["code"], line["key"]) == ("INFO", "import_under_way", KEY)
    assert {"error", "stack"}.isdisjoint(line)


def test_a_near_miss_gets_the_right_name_and_a_hostile_name_is_escaped(lines: Lines) -> None:
    near, hostile = "EPEX_trades_20230220 (1).CSV", "epex\u202etrades\n.csv"
    right = "this is not the name of a daily file; expected epex_trades_20230220.csv"
    assert import_daily_file(created(near), Context()) == {"key": near, "ignored": right}
    import_daily_file(created(hostile), Context())
    first, second = lines()
    assert (first["ignored"], second["key"]) == (right, "epex\\u202etrades\\n.csv")


def test_a_poll_goes_on_where_an_older_day_is_still_open() -> None:
    """Of the week before the seven days, as where its import did not end, or a notice of it was not sent."""
    older, receipts, now = date(2023, 2, 13), feeds_bootstrap.receipts(), common_clock.clock().now()
    lease = receipts.acquire(older, "dead", now - timedelta(hours=1), now)
    unended = Receipt(older, 1, FileState.IMPORTING, "epex_trades_20230213.csv", sha256="", object_version="1")
    receipts.save(lease, unended, now - timedelta(minutes=1))
    put(csv_of(day_of(5)))
    polled: Any = check_daily_file(event("Scheduled Event", "aws.events"), Context())
    assert [receipt["file_day"] for receipt in polled["imported"]] == ["2023-02-20"]


def test_a_poll_imports_yesterday_and_tells_what_it_did() -> None:
    put(csv_of(day_of(5)))
    polled: Any = check_daily_file(event("Scheduled Event", "aws.events"), Context())
    assert [receipt["file_day"] for receipt in polled["imported"]] == ["2023-02-20"]
    assert (polled["late"], polled["unsent"]) == ([], 0)


def test_an_import_whose_lambda_is_nearly_over_stops_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chalicelib.imports.import_run.WINDOW", 2)
    put(csv_of(day_of(5)))
    stopped: Any = import_daily_file(created(), Context(timedelta(seconds=20)))
    assert (stopped["receipt"]["state"], stopped["receipt"]["booked"]) == ("importing", 2)
    polled: Any = check_daily_file(event("Scheduled Event", "aws.events"), Context())
    assert [(one["state"], one["booked"]) for one in polled["imported"]] == [("imported", 5)]


def test_the_pattern_lets_our_buckets_through() -> None:
    [prefix] = PATTERN["detail"]["bucket"]["name"]
    assert settings_module.settings().bucket.startswith(prefix["prefix"])
    assert boto3.client("s3").list_buckets()["Buckets"][0]["Name"] == settings_module.settings().bucket


def test_a_poll_cares_for_the_week_before_today() -> None:
    put(csv_of(day_of(1)), "epex_trades_20230214.csv")
    put(csv_of(day_of(1)), "epex_trades_20230213.csv")
    polled: Any = check_daily_file(event("Scheduled Event", "aws.events"), Context())
    assert [date.fromisoformat(one["file_day"]).day for one in polled["imported"]] == [14]


PRICES = "reference_prices_20230222.csv"
GOOD = b"delivery_day,delivery_hour,price\n2023-02-22,13,5000\n"


def test_a_file_of_prices_that_arrives_is_imported_once() -> None:
    put(GOOD, PRICES)
    done: Any = import_daily_file(created(PRICES), Context())
    assert done == {
        "key": PRICES,
        "prices": [
            {"key": PRICES, "state": "imported", "received": 1, "changed": 1, "unchanged": 0, "reason": None},
        ],
    }
    assert prices_bootstrap.prices().of([date(2023, 2, 22)]) == {date(2023, 2, 22): {13: 5000}}
    assert import_daily_file(created(PRICES), Context()) == {"key": PRICES, "ignored": "this file is imported already"}
    gone = "reference_prices_20230221.csv"
    assert import_daily_file(created(gone), Context()) == {"key": gone, "ignored": "the file is gone again"}


def test_a_poll_catches_up_on_tomorrows_prices_and_reads_them_once() -> None:
    put(GOOD, PRICES)
    polled: Any = check_daily_file(event("Scheduled Event", "aws.events"), Context())
    assert [(one["key"], one["changed"]) for one in polled["prices"]] == [(PRICES, 1)]
    polled = check_daily_file(event("Scheduled Event", "aws.events"), Context())
    assert polled["prices"] == []


def test_a_day_that_fails_keeps_no_price_from_being_known(monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(*_: object) -> None:
        raise Unavailable("the store did not answer")

    put(GOOD, PRICES)
    monkeypatch.setattr("chalicelib.imports.polling.poll", failing)
    with pytest.raises(Unavailable):
        check_daily_file(event("Scheduled Event", "aws.events"), Context())
    assert prices_bootstrap.prices().of([date(2023, 2, 22)]) == {date(2023, 2, 22): {13: 5000}}


class Killed(BaseException):
    """The process is gone."""


def die(*_: object, **__: object) -> None:
    raise Killed


def test_a_process_that_dies_in_a_file_has_sent_late_notices_and_prices(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sent = FakeNotices()
    monkeypatch.setattr("chalicelib.notices.bootstrap.publisher", lambda: sent)
    monkeypatch.setattr("chalicelib.common.clock.clock", lambda: FakeClock(datetime(2023, 2, 21, 7, tzinfo=UTC)))
    put(GOOD, PRICES)
    put(csv_of(day_of(1)), "epex_trades_20230219.csv")
    monkeypatch.setattr("chalicelib.imports.polling.import_daily_file", die)
    with pytest.raises(Killed):
        check_daily_file(event("Scheduled Event", "aws.events"), Context())
    assert [subject for subject, _ in sent.sent] == ["Voltbook: the daily file of 2023-02-20 is late"]
    assert prices_bootstrap.prices().of([date(2023, 2, 22)]) == {date(2023, 2, 22): {13: 5000}}


def test_a_process_that_dies_in_a_file_of_prices_has_sent_what_is_late(monkeypatch: pytest.MonkeyPatch) -> None:
    sent = FakeNotices()
    monkeypatch.setattr("chalicelib.notices.bootstrap.publisher", lambda: sent)
    monkeypatch.setattr("chalicelib.common.clock.clock", lambda: FakeClock(datetime(2023, 2, 21, 7, tzinfo=UTC)))
    put(GOOD, PRICES)
    monkeypatch.setattr("chalicelib.imports.price_import.import_price_file", die)
    with pytest.raises(Killed):
        check_daily_file(event("Scheduled Event", "aws.events"), Context())
    assert [subject for subject, _ in sent.sent] == ["Voltbook: the daily file of 2023-02-20 is late"]


def test_the_morning_mail_goes_out_once_its_day_is_complete() -> None:
    assert mailed() == {"written": [], "sent": [], "unsent": 0}
    put(csv_of(day_of(1)))
    put(csv_of([trade("eve", execution_time="2023-02-19T10:00:00Z")]), "epex_trades_20230219.csv")
    check_daily_file(event("Scheduled Event", "aws.events"), Context())
    assert mailed() == {
        "written": [{"delivery_day": "2023-02-20", "version": 1}],
        "sent": [{"subject": "Voltbook: delivery 2023-02-20: 0.00 EUR, complete", "channel": "topic"}],
        "unsent": 0,
    }
    assert mailed() == {"written": [], "sent": [], "unsent": 0}


def test_an_unsent_mail_is_in_the_log_line_and_tried_by_the_next_run(
    monkeypatch: pytest.MonkeyPatch, lines: Lines
) -> None:
    monkeypatch.setenv("VOLTBOOK_MAIL_TO", "anna@example.com")
    once.reset()
    clock = FakeClock(datetime(2023, 2, 21, 7, tzinfo=UTC))
    monkeypatch.setattr("chalicelib.common.clock.clock", lambda: clock)
    first = mailed()
    assert ([one["channel"] for one in first["sent"]], first["unsent"]) == (["topic"], 1)
    clock.time += timedelta(minutes=30)
    second = mailed()
    assert (second["sent"], second["unsent"]) == ([], 1)
    reason = "2023-02-20 by email: VOLTBOOK_MAIL_FROM and VOLTBOOK_MAIL_TO must both be set, or neither"
    assert [(line["level"], line["unsent"], line["reasons"]) for line in lines()] == [("WARNING", 1, [reason])] * 2


def test_a_mail_to_a_topic_without_subscribers_is_unsent_and_says_so(
    monkeypatch: pytest.MonkeyPatch, lines: Lines
) -> None:
    unsubscribe_all(settings_module.settings().reports_topic)
    clock = FakeClock(datetime(2023, 2, 21, 7, tzinfo=UTC))
    monkeypatch.setattr("chalicelib.common.clock.clock", lambda: clock)
    assert mailed() == {"written": [{"delivery_day": "2023-02-20", "version": 1}], "sent": [], "unsent": 1}
    [line] = lines()
    assert line["reasons"] == ["2023-02-20 by topic: nobody has confirmed a subscription of the topic"]


def mailed() -> Any:
    return send_morning_report(event("Scheduled Event", "aws.events"), Context())


def test_an_event_that_comes_twice_starts_two_runs_that_do_not_collide() -> None:
    first, second = imports_bootstrap.import_context("event 1"), imports_bootstrap.import_context("event 1")
    assert first.owner != second.owner
