"""`voltbook trades list`: days, a limit, and the trades that no file contains."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime

import pytest

from tests.cli.conftest import CommandLine
from tests.cli.open_books import FakeBook
from tests.fakes.clock import FakeClock
from tests.fixtures.trades import fields

RANGE = ("--start-day", "2023-02-27", "--end-day", "2023-03-01")


@pytest.fixture(autouse=True)
def _noon_of_1_march(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chalicelib.common.clock.clock", lambda: FakeClock(datetime(2023, 3, 1, 11, tzinfo=UTC)))


def ids(text: str) -> list[str]:
    return [row["id"] for row in csv.DictReader(io.StringIO(text))]


@pytest.mark.parametrize(
    ("args", "days"),
    [
        (RANGE, ["2023-02-27", "2023-02-28", "2023-03-01"]),
        (("--start-day", "2023-02-27"), ["2023-02-27"]),
        (("--end-day", "yesterday"), ["2023-02-28"]),
        (("--day", "today"), ["2023-03-01"]),
        ((), [None]),
    ],
)
def test_each_day_is_read(args: tuple[str, ...], days: list[str | None], book: FakeBook, run: CommandLine) -> None:
    assert run("trades", "list", *args).exit_code == 0
    assert book.asked == [(None, day) for day in days]


def test_a_limit_ends_the_list_and_the_reading(book: FakeBook, run: CommandLine) -> None:
    book.trades = [fields(id="a"), fields(id="b"), fields(id="c")]
    result = run("trades", "list", *RANGE, "--limit", "2")
    assert ids(result.stdout) == ["a", "b"]
    assert book.asked == [(None, "2023-02-27", 2)]


@pytest.mark.parametrize(
    "args",
    [("--day", "today", "--start-day", "today"), ("--limit", "0"), ("--start-day", "today", "--end-day", "yesterday")],
)
def test_days_that_contradict_each_other_are_refused(args: tuple[str, ...], book: FakeBook, run: CommandLine) -> None:
    assert run("trades", "list", *args).exit_code == 2
    assert book.asked == []


def test_an_hour_of_each_day_is_read_in_full(book: FakeBook, run: CommandLine) -> None:
    assert run("trades", "list", "--day", "today", "--hour", "13").exit_code == 0
    assert run("trades", "list", *RANGE[:2], "--hour", "02A", "--limit", "7").exit_code == 0
    assert book.asked == [(None, "2023-03-01", "13"), (None, "2023-02-27", 7, "02A")]


def test_an_hour_goes_with_a_day(book: FakeBook, run: CommandLine) -> None:
    result = run("trades", "list", "--hour", "13")
    assert (result.exit_code, book.asked) == (2, [])
    assert "--hour goes with a day: add --day" in result.stderr


def test_unconfirmed_trades_of_a_day(book: FakeBook, run: CommandLine) -> None:
    book.unconfirmed = [fields(id="a"), fields(id="b", delivery_day="2023-03-01")]
    result = run("trades", "list", "--unconfirmed", "--day", "2023-02-28", "--trader", "trader_1")
    assert ids(result.stdout) == ["a"]
    assert book.asked == [("trader_1", "2023-02-28", "unconfirmed")]


def test_without_days_recent_unconfirmed_trades_are_listed(book: FakeBook, run: CommandLine) -> None:
    book.unconfirmed = [fields(id="a"), fields(id="b"), fields(id="c", delivery_day="2023-03-02")]
    assert ids(run("trades", "list", "--unconfirmed").stdout) == ["a", "b", "c"]
    days = [asked[1] for asked in book.asked]
    assert (days[0], days[-1], len(days)) == ("2023-02-22", "2023-03-02", 9)


def test_dash_writes_to_stdout(book: FakeBook, run: CommandLine) -> None:
    book.trades = [fields(id="a")]
    result = run("trades", "list", "-o", "csv", "--output", "-")
    assert (result.exit_code, ids(result.stdout), result.stderr) == (0, ["a"], "")
