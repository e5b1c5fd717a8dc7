"""The samples of the last days: complete up to yesterday on every day of the calendar, and again the day after."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from chalicelib.access.identity import Identity, Role
from chalicelib.common.delivery import BERLIN, berlin_day
from chalicelib.feeds.feed import REFERENCE_PRICES, file_day_of, file_name
from chalicelib.feeds.receipt import FileState
from chalicelib.trades.service import state_trade
from chalicelib.trades.statement import parse_statement
from infra.local.recent_samples import ClockAt, statement_of
from samples import recent
from samples.generate import Row
from tests.fixtures.import_nights import Nights

CALENDAR = [
    *("2026-03-28", "2026-03-29", "2026-03-30"),
    *("2026-10-24", "2026-10-25", "2026-10-26"),
    *("2026-12-31", "2027-01-01"),
    *("2028-02-28", "2028-02-29", "2028-03-01"),
]
CALLER = Identity("samples", Role.IMPORTER)
LOOK_BACK = 10
"""Days before that change nothing here."""
CLOCKS = ["00:00", "03:30", "09:00", "23:59"]


def content_of(rows: Sequence[Row]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([Row._fields, *rows])
    return text.getvalue().encode()


def moment(day: str, clock: str) -> datetime:
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=BERLIN)


def daily_files(now: datetime) -> list[recent.SampleFile]:
    return [file for file in recent.files(now) if not file.of_prices]


def loaded(now: datetime) -> Nights:
    """Return a book that begins at `now`."""
    nights = Nights()
    nights.clock.time = now
    (corrected, first_version), (quarantined, rows) = recent.to_correct(now), recent.to_quarantine(now)
    flawed = {corrected.day: first_version, quarantined.day: rows}
    for file in daily_files(now)[-LOOK_BACK:]:
        post_rows(nights, recent.posted_by_bots(file, now))
        nights.arrive(file.day, content_of(flawed.get(file.day) or recent.rows_of(file.day)))
    nights.arrive(corrected.day, content_of(recent.rows_of(corrected.day)))
    post(nights, now)
    nights.poll()
    return nights


def post(nights: Nights, now: datetime) -> None:
    post_rows(nights, recent.executed_today(now))
    for one in recent.posted(now):
        clock = ClockAt(datetime.fromtimestamp(one.at, UTC))
        state_trade(parse_statement(one.fields), CALLER, nights.book, clock)


def post_rows(nights: Nights, rows: Sequence[Row]) -> None:
    for row in rows:
        clock = ClockAt(datetime.fromisoformat(row.execution_time))
        state_trade(statement_of(row), CALLER, nights.book, clock)


@pytest.mark.parametrize("clock", CLOCKS)
@pytest.mark.parametrize("day", CALENDAR)
def test_a_new_book_is_complete_up_to_yesterday_and_the_next_day_again(day: str, clock: str) -> None:
    now = moment(day, clock)
    nights = loaded(now)
    yesterday = berlin_day(now) - timedelta(days=1)
    assert nights.state(yesterday) == "complete"
    assert "late" not in {kind for _, kind in nights.told()}

    next_morning = moment(str(yesterday + timedelta(days=2)), "09:00")
    nights.clock.time = next_morning
    today = yesterday + timedelta(days=1)
    of_bots = recent.posted_by_bots(recent.SampleFile(today, of_prices=False), next_morning)
    post_rows(nights, of_bots)
    posted = len({row.id for row in (*recent.executed_today(now), *of_bots)})
    receipt = nights.arrive(today, content_of(recent.rows_of(today)))
    post(nights, next_morning)
    nights.poll()
    assert (receipt.already_there, receipt.booked) == (posted, recent.ROWS - posted)
    assert nights.state(today) == "complete"
    assert "late" not in {kind for _, kind in nights.told()}
    assert not nights.deviations()


def test_one_row_is_corrected_and_one_quarantined_some_days_ago() -> None:
    now = moment("2026-11-28", "09:00")
    nights = loaded(now)
    receipts = nights.receipts.newest([file.day for file in daily_files(now)]).values()

    assert [one.file_day for one in receipts if one.corrected] == [date(2026, 11, 23)]
    assert [one.file_day for one in receipts if one.quarantined] == [date(2026, 11, 20)]
    assert sum(one.corrected for one in receipts) == sum(one.quarantined for one in receipts) == 1
    assert {one.state for one in receipts} <= {FileState.IMPORTED, FileState.PROVISIONAL}
    assert [nights.state(date(2026, 11, day)) for day in (23, 24, 25, 26, 27)] == [
        *("corrected", "corrected"),
        *("complete", "complete", "complete"),
    ]


def test_today_holds_what_was_executed_so_far_for_today_and_tomorrow() -> None:
    now = moment("2026-11-28", "18:00")
    rows = recent.executed_today(now)
    assert {row.delivery_day for row in rows} == {"2026-11-28", "2026-11-29"}
    assert all(datetime.fromisoformat(row.execution_time) <= now for row in rows)
    assert 0 < len(rows) < recent.ROWS
    assert {row.trader_id for row in rows} == {"trader_1", "trader_2", "bot_solar", "bot_wind", "bot_spread"}


@pytest.mark.parametrize(("clock", "newest"), [("12:59", "2026-11-28"), ("13:00", "2026-11-29")])
def test_tomorrows_reference_prices_are_known_after_the_auction(clock: str, newest: str) -> None:
    days = [file.day for file in recent.files(moment("2026-11-28", clock)) if file.of_prices]
    assert max(days) == date.fromisoformat(newest)
    assert min(days) == date(2026, 10, 29)


def test_the_files_have_the_exchanges_names_and_are_the_same_each_time(tmp_path: Path) -> None:
    now = moment("2026-11-28", "09:00")
    files = recent.files(now)
    assert [file_day_of(file.name) or REFERENCE_PRICES.day_of(file.name) for file in files] == [
        file.day for file in files
    ]
    for folder in ("one", "other"):
        (tmp_path / folder).mkdir()
        files[0].write(tmp_path / folder)
    assert (tmp_path / "one" / files[0].name).read_bytes() == (tmp_path / "other" / files[0].name).read_bytes()
    assert (tmp_path / "one" / files[0].name).read_bytes() == content_of(recent.rows_of(files[0].day))
    assert files[0].name == file_name(files[0].day)
