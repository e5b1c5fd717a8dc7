"""On Lambda each run is one line that CloudWatch reads metrics from, equal to the receipts."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import jsonschema_rs
import pytest
from chalice.local import LambdaContext

from app import app
from chalicelib import settings as settings_module
from chalicelib.trades import bootstrap as trades_bootstrap
from functions.check_daily_file import check_daily_file
from functions.import_daily_file import import_daily_file
from functions.send_morning_report import send_morning_report
from tests.fakes.clock import FakeClock
from tests.fakes.notices import FakeNotices
from tests.fixtures.daily_files import csv_of, day_of
from tests.fixtures.log_lines import Lines, read_lines
from tests.fixtures.trades import fields, posted, trade
from tests.functions.test_functions import KEY, PRICES, Context, created, event, put
from tests.infra.ways import log_in
from tests.web.test_error_responses import break_the_book

METRICS = {
    "Booked",
    "AlreadyThere",
    "Corrected",
    "Quarantined",
    "FilesImported",
    "FilesLate",
    "NoticesUnsent",
    "ImportRowsPerSecond",
    "AuthorizerErrors",
    "MailsUnsent",
    "TraderDaysCrowded",
}
FACTS = {
    "function",
    "event_id",
    "files",
    "late",
    "unsent",
    "key",
    "ignored",
    "code",
    "error",
    "stack",
    "milliseconds",
} | {
    "price_files",
    "rejected_price_files",
    "written",
    "sent",
    "reasons",
    "crowded",
}
ALWAYS = {"level", "message", "timestamp", "service", "request_id"}
Measured = Callable[[], list[dict[str, int]]]


@pytest.fixture
def clock(moto_cloud: str, on_lambda: None, monkeypatch: pytest.MonkeyPatch) -> FakeClock:
    """The night after the file day of the tests, on Lambda."""
    clock = FakeClock(datetime(2023, 2, 21, 0, 54, tzinfo=UTC))
    monkeypatch.setattr("chalicelib.common.clock.clock", lambda: clock)
    return clock


@pytest.fixture
def measured(clock: FakeClock, capsys: pytest.CaptureFixture[str]) -> Measured:
    """Gives the metrics of each line on standard output since it was asked last."""
    return lambda: [metrics_of(line) for line in read_lines(capsys.readouterr().out)]


def poll() -> Any:
    return check_daily_file(event("Scheduled Event", "aws.events"), Context())


def metrics_of(line: dict[str, Any]) -> dict[str, int]:
    """Read a line as CloudWatch does; none where there is nothing for it."""
    if "_aws" not in line:
        return {}
    SPECIFICATION.validate(line)
    assert len(json.dumps(line)) < 256 * 1024
    [directive] = line["_aws"]["CloudWatchMetrics"]
    assert (directive["Namespace"], directive["Dimensions"]) == ("Voltbook", [["Stage"]])
    assert line["Stage"] == settings_module.settings().stage
    found = {}
    for metric in directive["Metrics"]:
        [found[metric["Name"]]] = line[metric["Name"]]
    assert set(found) <= METRICS
    return found


def test_a_failing_authorizer_is_measured_and_a_wrong_password_is_not(
    measured: Measured, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Exception, match="Unauthorized"):
        log_in("a wrong password")
    assert measured() == [{}]
    monkeypatch.setattr("chalicelib.access.bootstrap.directory", lambda: None)
    with pytest.raises(AttributeError):
        log_in("any password")
    assert measured() == [{"AuthorizerErrors": 1}]


def test_each_run_measures_the_mails_that_it_could_not_send(measured: Measured) -> None:
    send_morning_report(event("Scheduled Event", "aws.events"), Context())
    assert measured() == [{"MailsUnsent": 0, "TraderDaysCrowded": 0}]


def test_a_trader_with_very_many_positions_is_measured_and_named(
    clock: FakeClock, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chalicelib.reports.service.MANY_KEYS", 1)
    for hour in (13, 14):
        booked = trade(str(hour), delivery_day="2023-02-20", delivery_hour=hour)
        assert trades_bootstrap.book().add([posted(booked)]) == {}
    send_morning_report(event("Scheduled Event", "aws.events"), Context())
    [line] = [line for line in read_lines(capsys.readouterr().out) if line["message"] == "run"]
    assert (line["crowded"], metrics_of(line)["TraderDaysCrowded"]) == (["trader_1 on 2023-02-20"], 1)


def test_a_poll_measures_what_the_receipt_says(measured: Measured, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chalicelib.web.request_log._Entry.nanoseconds", 500_000_000)
    put(csv_of(day_of(5), "broken,row"))
    [receipt] = poll()["imported"]
    [metrics] = measured()
    assert metrics == {
        "ImportRowsPerSecond": 2 * receipt["rows"],
        "FilesImported": 1,
        "Booked": receipt["booked"],
        "AlreadyThere": receipt["already_there"],
        "Corrected": receipt["corrected"],
        "Quarantined": receipt["quarantined"],
        "FilesLate": 0,
        "NoticesUnsent": 0,
    }
    assert (metrics["Booked"], metrics["Quarantined"]) == (5, 1)


def test_a_newer_version_measures_its_corrections(measured: Measured) -> None:
    put(csv_of(day_of(5)))
    import_daily_file(created(), Context())
    put(csv_of([*day_of(4), trade("4", delivery_hour=4, price=99)]))
    receipt: Any = import_daily_file(created(), Context())
    first, second = measured()
    assert (first["Booked"], first["Corrected"]) == (5, 0)
    assert [second[name] for name in ("Booked", "AlreadyThere", "Corrected")] == [0, 4, 1]
    assert receipt["receipt"]["corrected"] == 1


def test_a_file_that_took_two_runs_is_measured_once(measured: Measured, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chalicelib.imports.import_run.WINDOW", 2)
    put(csv_of(day_of(5)))
    import_daily_file(created(), Context(timedelta(seconds=20)))
    poll()
    unended, ended = measured()
    assert unended == {}
    assert (ended["Booked"], ended["FilesImported"]) == (5, 1)


def test_a_rejected_file_measures_its_quarantined_rows_and_is_not_imported(measured: Measured) -> None:
    put(csv_of(day_of(1), *["broken,row"] * 12))
    receipt: Any = import_daily_file(created(), Context())
    assert receipt["receipt"]["state"] == "rejected"
    assert measured() == [{"Quarantined": 12}]


def test_files_are_late_for_as_long_as_they_are_missing(measured: Measured, clock: FakeClock) -> None:
    clock.time = datetime(2023, 2, 21, 7, 0, tzinfo=UTC)
    told = [poll()["late"], poll()["late"]]
    assert told == [["2023-02-20"], []]
    assert [metrics["FilesLate"] for metrics in measured()] == [1, 1]
    put(csv_of(day_of(1)))
    poll()
    assert [metrics["FilesLate"] for metrics in measured()] == [0]


def test_notices_that_nobody_took_are_measured_until_they_were_sent(
    measured: Measured, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk_hears = FakeNotices()
    desk_hears.down = True
    monkeypatch.setattr("chalicelib.notices.bootstrap.publisher", lambda: desk_hears)
    put(csv_of(day_of(5), "broken,row"))
    poll()
    desk_hears.down = False
    clock.time += timedelta(minutes=30)
    poll()
    assert [metrics["NoticesUnsent"] for metrics in measured()] == [1, 0]


def test_posted_trades_are_measured(measured: Measured) -> None:
    assert [post(fields()), post(fields()), post(fields(price=1))] == [200, 200, 400]
    assert measured() == [{"Booked": 1}, {"AlreadyThere": 1}, {}]


def post(trade_fields: dict[str, Any]) -> int:
    """Post a trade as API Gateway hands it over."""
    about = {"httpMethod": "POST", "resourcePath": "/v1/trades", "requestId": "id-1"}
    request = {
        "httpMethod": "POST",
        "headers": {"Content-Type": "application/json"},
        "multiValueQueryStringParameters": None,
        "pathParameters": None,
        "body": json.dumps(trade_fields),
        "stageVariables": None,
        "isBase64Encoded": False,
        "requestContext": {**about, "authorizer": {"caller": json.dumps(["admin", "admin", None, "a seal"])}},
    }
    return int(app(request, LambdaContext("api", 128, 28_000))["statusCode"])


@pytest.fixture
def local_run(moto_cloud: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chalicelib.common.clock.clock", lambda: FakeClock(datetime(2023, 2, 21, 0, 54, tzinfo=UTC)))


@pytest.mark.usefixtures("local_run")
def test_off_lambda_a_run_is_the_same_line_without_metrics(lines: Lines, capsys: pytest.CaptureFixture[str]) -> None:
    put(csv_of(day_of(5), "broken,row"))
    import_daily_file(created(), Context())
    import_daily_file(created(f"{KEY}.exe"), Context())
    imported, ignored = lines()
    assert set(imported) | set(ignored) <= ALWAYS | FACTS
    assert (imported["function"], imported["request_id"]) == ("import_daily_file", Context.aws_request_id)
    assert imported["event_id"] == created()["id"]
    assert imported["files"] == [
        {
            "file_day": "2023-02-20",
            "version": 1,
            "state": "provisional",
            "rows": 6,
            "booked": 5,
            "already_there": 0,
            "corrected": 0,
            "quarantined": 1,
            "withdrawn": 0,
        }
    ]
    assert (ignored["key"], ignored["ignored"]) == (f"{KEY}.exe", "this is not the name of a daily file")
    assert capsys.readouterr().out == ""


@pytest.mark.usefixtures("local_run")
def test_a_price_file_is_counted_and_not_quoted(lines: Lines) -> None:
    put(b"delivery_day,delivery_hour,price\n2023-02-22,13,73173173\n", PRICES)
    import_daily_file(created(PRICES), Context())
    put(b"delivery_day,delivery_hour,price\n2023-02-22,13,73173.173\n", PRICES)
    poll()
    imported, rejected = lines()
    assert imported["price_files"] == [{"key": PRICES, "received": 1, "changed": 1, "unchanged": 0}]
    assert rejected["rejected_price_files"] == [PRICES]
    assert set(imported) | set(rejected) <= ALWAYS | FACTS
    assert "73173" not in json.dumps([imported, rejected])


@pytest.mark.usefixtures("local_run")
def test_a_mail_is_told_without_its_figures(lines: Lines) -> None:
    put(csv_of([trade("1", price=731_731, delivery_day="2023-02-20")]))
    put(csv_of([trade("eve", execution_time="2023-02-19T10:00:00Z")]), "epex_trades_20230219.csv")
    poll()
    done: Any = send_morning_report(event("Scheduled Event", "aws.events"), Context())
    assert "-73173.10 EUR" in done["sent"][0]["subject"]
    [line] = [line for line in lines() if line["function"] == "send_morning_report"]
    assert (line["written"], line["sent"], line["unsent"]) == (["2023-02-20"], ["2023-02-20 by topic"], 0)
    assert set(line) <= ALWAYS | FACTS
    assert "73173" not in json.dumps(line)


@pytest.mark.usefixtures("local_run")
def test_a_run_that_fails_is_one_line_and_fails_on(lines: Lines, monkeypatch: pytest.MonkeyPatch) -> None:
    put(csv_of([trade("1", price=73_173_173)]))
    break_the_book(RuntimeError("cannot write 73173173"), monkeypatch)
    with pytest.raises(RuntimeError):
        import_daily_file(created(), Context())
    with pytest.raises(RuntimeError):
        poll()
    written = lines()
    assert [(line["function"], line["level"], line["error"]) for line in written] == [
        ("import_daily_file", "ERROR", "RuntimeError"),
        ("check_daily_file", "ERROR", "RuntimeError"),
    ]
    assert all(set(line) <= ALWAYS | FACTS for line in written)
    assert "73173173" not in json.dumps(written)


def text(most: int) -> dict[str, object]:
    return {"type": "string", "minLength": 1, "maxLength": most}


SPECIFICATION = jsonschema_rs.validator_for(
    {
        "type": "object",
        "required": ["_aws"],
        "properties": {
            "_aws": {
                "type": "object",
                "required": ["Timestamp", "CloudWatchMetrics"],
                "properties": {
                    "Timestamp": {"type": "integer"},
                    "CloudWatchMetrics": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "required": ["Namespace", "Dimensions", "Metrics"],
                            "properties": {
                                "Namespace": text(1024),
                                "Dimensions": {
                                    "type": "array",
                                    "minItems": 1,
                                    "items": {"type": "array", "maxItems": 30, "items": text(250)},
                                },
                                "Metrics": {
                                    "type": "array",
                                    "maxItems": 100,
                                    "items": {
                                        "type": "object",
                                        "required": ["Name"],
                                        "properties": {
                                            "Name": text(1024),
                                            "Unit": {"enum": ["Count", "Count/Second"]},
                                        },
                                    },
                                },
                            },
                        },
                    },
                },
            }
        },
    }
)
"""What CloudWatch's "Specification: Embedded metric format" prescribes, of its units those that Voltbook uses."""
