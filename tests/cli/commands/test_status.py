"""`voltbook status`: yesterday, what needs attention, and the command that handles it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import click
import pytest

from chalicelib.common.errors import NotAllowed, NotFound
from cli.output.json import Json
from cli.render.status import status_text
from tests.cli.conftest import CommandLine
from tests.cli.open_books import FakeBook, a_notice, a_receipt, a_report
from tests.fakes.clock import FakeClock
from tests.fixtures.trades import fields

YESTERDAY = date(2023, 2, 20)
FILES = "voltbook files"


def priced(*days: date) -> list[Json]:
    return [{"delivery_day": day.isoformat(), "delivery_hour": 13, "price": 5000} for day in days]


@pytest.fixture(autouse=True)
def _a_quiet_book(book: FakeBook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chalicelib.common.clock.clock", lambda: FakeClock(datetime(2023, 2, 21, 11, tzinfo=UTC)))
    book.reports = [a_report([], YESTERDAY, trader_id=None)]
    book.files = [a_receipt()]
    book.notices = [a_notice()]
    book.prices = priced(YESTERDAY - timedelta(days=1), YESTERDAY)


def points(run: CommandLine) -> list[tuple[str, str, str, str]]:
    result = run("status", "-o", "csv")
    assert result.exit_code == 3, result.output
    rows = csv.DictReader(io.StringIO(result.stdout))
    return [(row["kind"], row["day"], row["message"], row["command"]) for row in rows]


def test_a_quiet_book_needs_no_attention(run: CommandLine) -> None:
    result = run("status")
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "Yesterday, 2023-02-20",
        "File: imported: 10 booked, 0 already there",
        "Data: complete; newest import 1 Mar 2023 01:02 CET; read 5 Mar 2023 13:00 CET",
        "",
        "Nothing needs attention.",
    ]


@pytest.mark.parametrize(
    ("changes", "message", "command"),
    [
        ({"state": "late", "version": 0, "reason": "not there"}, "late: not there", f"{FILES} accept 2023-02-20"),
        ({"state": "late", "reason": "too early"}, "late: too early", f"{FILES} show 2023-02-20"),
        ({"state": "rejected", "reason": "no header"}, "rejected: no header", f"{FILES} show 2023-02-20"),
        ({"state": "held", "reason": "half gone"}, "held: half gone", f"{FILES} accept 2023-02-20"),
        ({"state": "waiting", "reason": "cut"}, "waiting: cut", "voltbook check"),
        ({"state": "importing"}, "importing", "voltbook check"),
        ({"withdrawn": 2}, "2 trades missing from the file, still booked until accepted", f"{FILES} accept 2023-02-20"),
        ({"quarantined": 1}, "1 row quarantined and not accepted", f"{FILES} accept 2023-02-20"),
        ({"other_rows": 6}, "6 rows executed on other days", f"{FILES} show 2023-02-20"),
    ],
)
def test_an_open_file_is_named_with_its_command(
    changes: Json, message: str, command: str, book: FakeBook, run: CommandLine
) -> None:
    book.files = [a_receipt(**changes)]
    assert points(run) == [("file", "2023-02-20", message, command)]


def test_an_open_file_of_another_feed_is_named_with_its_feed(book: FakeBook, run: CommandLine) -> None:
    book.feeds = [
        {"name": "daily", "kind": "trades"},
        {"name": "nordpool", "kind": "trades"},
        {"name": "gui-prices", "kind": "prices"},
    ]
    book.files_of_feeds = {"nordpool": [a_receipt(feed="nordpool", state="held", reason="half gone")]}
    command = f"{FILES} accept 2023-02-20 --feed nordpool"
    assert points(run) == [("file", "2023-02-20", "nordpool: held: half gone", command)]


@pytest.mark.parametrize(
    "changes",
    [
        {"quarantined": 1, "accepted_at": "2023-02-21T01:00:00Z", "accepted_by": "anna"},
        {"withdrawn": 2, "confirmed_at": "2023-02-21T01:00:00Z"},
        {"state": "absent", "version": 0, "rows": 0, "reason": "no file will come"},
        {"other_rows": 5},
    ],
)
def test_what_was_accepted_needs_no_attention(changes: Json, book: FakeBook, run: CommandLine) -> None:
    book.files = [a_receipt(**changes)]
    assert run("status").exit_code == 0


def test_unconfirmed_trades_are_counted_by_day(book: FakeBook, run: CommandLine) -> None:
    book.unconfirmed = [fields(id=name, delivery_day="2023-02-20") for name in "abc"]
    command = "voltbook trades list --unconfirmed --day 2023-02-20"
    assert points(run) == [("trades", "2023-02-20", "3 trades that no file contains", command)]


def test_an_unsent_notice_is_sent_by_check(book: FakeBook, run: CommandLine) -> None:
    book.notices = [a_notice(sent_at=None, subject="Voltbook: late"), a_notice()]
    assert points(run) == [("notice", "2023-02-20", "not sent yet: Voltbook: late", "voltbook check")]


@pytest.mark.parametrize(
    ("known", "missing"), [((), []), ((18,), ["2023-02-19", "2023-02-20"]), ((18, 20), ["2023-02-19"])]
)
def test_days_without_prices_count_once_there_are_any(
    known: Sequence[int], missing: list[str], book: FakeBook, run: CommandLine
) -> None:
    book.prices = priced(*(date(2023, 2, day) for day in known))
    result = run("status", "-o", "json")
    assert result.exit_code == (3 if missing else 0)
    found = json.loads(result.stdout)["points"]
    assert [(point["kind"], point["day"]) for point in found] == [("prices", day) for day in missing]


def test_a_day_is_priced_by_any_default_set(book: FakeBook, run: CommandLine) -> None:
    quarters = [{"set": name, "start": f"2023-02-{day}T23:00:00Z"} for name, day in (("da", 16), ("id3", 18))]
    book.prices = [*priced(date(2023, 2, 18)), *quarters, {"set": "rebap_long", "start": "2023-02-19T23:00:00Z"}]
    message = "no reference prices in any default set (id3, vwap_180_30, da, desk)"
    assert points(run) == [("prices", "2023-02-20", message, "voltbook prices import FILE")]


def test_a_book_of_an_earlier_release_has_the_prices_of_the_desk(
    book: FakeBook, run: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def not_there(*_: object) -> Sequence[Json]:
        raise NotFound("no such address")

    monkeypatch.setattr(book, "list_period_prices", not_there)
    book.prices = priced(date(2023, 2, 19))
    assert [day for _, day, _, _ in points(run)] == ["2023-02-20"]


def test_a_file_that_is_not_there_yet_is_expected(book: FakeBook, run: CommandLine) -> None:
    book.files = []
    result = run("status")
    assert (result.exit_code, "File: not there yet; voltbook feeds shows when it is due" in result.stdout) == (0, True)


def test_a_trader_over_the_api_sees_the_rest(book: FakeBook, run: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> Sequence[Json]:
        raise NotAllowed("the daily files are not yours to see")

    def not_offered(_: int) -> Sequence[Json]:
        raise click.UsageError("not over the API")

    monkeypatch.setattr(book, "list_files", refused)
    monkeypatch.setattr(book, "list_notices", not_offered)
    result = run("status", "-o", "json")
    assert (result.exit_code, json.loads(result.stdout)["not_shown"]) == (0, ["files", "notices"])
    book.reports = [a_report([], YESTERDAY)]
    assert "File:" not in run("status").stdout


def test_a_trader_is_told_that_files_were_not_looked_at() -> None:
    seen = {"day": "2023-02-20", "points": [], "not_shown": ["files", "notices"]}
    told = status_text({**a_report([], YESTERDAY, trader_id="t"), **seen})
    assert told.splitlines()[-1] == "Nothing of yours needs attention; files are shown to the desk."
