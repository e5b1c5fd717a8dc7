"""Which feed a file is of: by its name, or by options; otherwise an error lists the feeds."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click
import pytest

from chalicelib.feeds.feed import BUILT_IN, Feed, FeedKind
from chalicelib.feeds.key_pattern import KeyPattern
from cli.feed_choice import feed_file
from tests.cli.conftest import CommandLine
from tests.cli.open_books import FakeBook, a_receipt

DAY = date(2026, 6, 15)
FEEDS = (
    *BUILT_IN,
    Feed("nordpool", KeyPattern("nordpool/OwnTrades_{YYYYMMDD}.csv")),
    Feed("powerbot", KeyPattern("powerbot/OwnTrades_{YYYYMMDD}.csv")),
    Feed("day-ahead", KeyPattern("GUI_ENERGY_PRICES_{YYYYMMDD}2300-*.csv"), FeedKind.PRICES),
    Feed("by-folder", KeyPattern("{YYYY-MM-DD}/trades.csv")),
)


@pytest.mark.parametrize(
    ("name", "feed_name", "file_day", "expected"),
    [
        ("epex_trades_20260615.csv", None, None, ("daily", DAY, "epex_trades_20260615.csv")),
        ("epex_trades_20260616.csv", None, DAY, ("daily", DAY, "epex_trades_20260615.csv")),
        ("reference_prices_20260615.csv", None, None, ("reference_prices", DAY, "reference_prices_20260615.csv")),
        ("OwnTrades_20260615.csv", "powerbot", None, ("powerbot", DAY, "powerbot/OwnTrades_20260615.csv")),
        ("export.csv", "nordpool", DAY, ("nordpool", DAY, "nordpool/OwnTrades_20260615.csv")),
        ("trades.csv", "by-folder", DAY, ("by-folder", DAY, "2026-06-15/trades.csv")),
        (
            "GUI_ENERGY_PRICES_202606152300-202606162300.csv",
            *(None, None),
            ("day-ahead", DAY, "GUI_ENERGY_PRICES_202606152300-202606162300.csv"),
        ),
    ],
)
def test_a_file_has_a_feed_and_a_day(
    name: str, feed_name: str | None, file_day: date | None, expected: tuple[str, date, str]
) -> None:
    file = feed_file(name, FEEDS, feed_name, file_day)

    assert (file.feed.name, file.file_day, file.key) == expected


@pytest.mark.parametrize(
    ("name", "feed_name", "file_day", "reason"),
    [
        ("export.csv", None, None, "there are daily (epex_trades_{YYYYMMDD}.csv), reference_prices"),
        ("export.csv", None, DAY, "Or add --feed and --file-day"),
        ("export.csv", "other", DAY, "must be one of daily (epex_trades_{YYYYMMDD}.csv)"),
        ("export.csv", "nordpool", None, "is not in the name 'export.csv', expected nordpool/OwnTrades_{YYYYMMDD}.csv"),
        ("OwnTrades_20260615.csv", None, None, "may be of the feeds nordpool and powerbot: add --feed"),
        ("EPEX trades 2026-06-15.csv", None, None, "rename it to epex_trades_20260615.csv"),
    ],
)
def test_a_file_of_no_clear_feed_is_refused(
    name: str, feed_name: str | None, file_day: date | None, reason: str
) -> None:
    with pytest.raises(click.BadParameter) as refused:
        feed_file(name, FEEDS, feed_name, file_day)

    assert reason in refused.value.message


def test_stdin_needs_no_name_if_feed_and_day_are_given(book: FakeBook, run: CommandLine) -> None:
    book.receipts = {"stdin": a_receipt()}
    result = run("import", "-", "--feed", "daily", "--file-day", "2026-06-15", stdin="content")

    assert (result.exit_code, book.asked) == (0, [("stdin", "daily", "2026-06-15")])


@pytest.mark.parametrize("args", [("-", "--feed", "daily"), ("-", "--file-day", "2026-06-15")])
def test_stdin_needs_both_or_a_name(args: tuple[str, ...], book: FakeBook, run: CommandLine) -> None:
    assert run("import", *args).exit_code == 2
    assert book.asked == []


def test_a_day_is_of_one_file(book: FakeBook, run: CommandLine, tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("one.csv", "two.csv")]
    for path in paths:
        path.write_bytes(b"")
    result = run("import", *map(str, paths), "--feed", "daily", "--file-day", "2026-06-15")

    assert result.exit_code == 2
    assert "--file-day is of one file" in result.stderr
    assert book.asked == []
