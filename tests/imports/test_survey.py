"""Surveys of a file's rows: what is counted and warned of, and which files a user must accept first."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from chalicelib.feeds.file_day import FileDay
from chalicelib.feeds.receipt import FileState
from chalicelib.feeds.store import StoredFile
from chalicelib.imports.context import ImportContext
from chalicelib.imports.format_reader import reader_of
from chalicelib.imports.survey import Survey, others_of_day, read_stored, reason_to_hold, survey_rows
from chalicelib.imports.validation import FileValidation, Limits
from chalicelib.positions.model import Direction
from chalicelib.trades.model import State, Trade
from chalicelib.trades.revision import Posted, Revision
from tests.fixtures.import_nights import Nights, csv_of, some
from tests.fixtures.june_files import JUNE_15, JUNE_16, OF_16
from tests.imports.test_directions_in_any_order import TwoSenders
from tests.imports.test_feed_formats import v2_csv_of


def at_ten(count: int, name: str, **changes: object) -> list[Trade]:
    return some(count, "2026-06-15T10:00:00Z", name, **changes)


EARLY, CORRECTED, TURNED = at_ten(2, "early"), at_ten(3, "corrected"), at_ten(3, "turned", direction="sell")
POSTED, RECALLED = at_ten(4, "posted"), at_ten(2, "recalled")
ROWS = [
    *at_ten(5, "new"),
    *EARLY,
    *(one._replace(price=7) for one in (*CORRECTED, *POSTED[1:])),
    POSTED[0],
    *RECALLED,
    *(one._replace(execution_time="2026-06-15T10:00:00Z") for one in OF_16[:2]),
    *TURNED,
    *some(2, "2026-06-15T12:30:00Z", "late", delivery_hour=13),
    *at_ten(1, "dear", price=1_000_000),
]
"""A file of 15 June, whose first row is on line 2."""
COUNTS = Survey(
    rows=24,
    booked=13,
    elsewhere=13,
    from_own_files=2,  # the rows with the ids of two trades of the next day
    clashing=2,
    clash=(18, JUNE_16),
    agreeing=5,
    correcting=3,  # what was posted belongs to no other file
    turned=3,
)
LATE = "2 rows are executed after the delivery ended, the first on line 23"
TAKEN_BACK = "2 rows are kept out of the book, as recalled or cancelled by the venue, the first on line 16"
BESIDE = "3 rows are booked beside a trade of the same id and the other direction, the first on line 20"
WARNINGS = {
    "daily": ("1 row is beyond the exchange's price limits, the first on line 25", BESIDE, LATE, TAKEN_BACK),
    "nordpool": ("1 row is beyond the venue's price limits, the first on line 25", LATE, TAKEN_BACK),
}


def stored(content: bytes) -> StoredFile:
    return StoredFile("key", "1", "", len(content), io.BytesIO(content), datetime(2026, 6, 16, tzinfo=UTC))


@pytest.mark.parametrize("feed", WARNINGS)
def test_rows_are_counted_by_what_they_meet_in_the_book(feed: str) -> None:
    nights = TwoSenders()
    nights.night(JUNE_16, csv_of([*OF_16, *EARLY, *CORRECTED]))
    nights.other([one._replace(direction=Direction.BUY) for one in TURNED])
    for one in POSTED:
        nights.post(one)
    recalled = [one._replace(state=State.RECALLED) for one in RECALLED]
    nights.book.add([Revision(one, 1, Posted("tina"), "2026-06-15T12:00:00Z") for one in recalled])
    daily, other = nights.contexts
    context, content = (daily, csv_of(ROWS)) if feed == "daily" else (other, v2_csv_of(ROWS))
    file = stored(content)
    survey = survey_rows(file, read_stored(file, JUNE_15, context), FileDay(JUNE_15, feed), context)
    assert replace(survey, odd={}) == COUNTS
    assert survey.warnings == WARNINGS[feed]


@pytest.mark.parametrize(
    ("keys", "files", "named"),
    [
        ("a", "1 other file of its day is", "a"),
        ("ab", "2 other files of its day are", "a, b"),
        ("abc", "3 other files of its day are", "a, b, c"),
        ("abcde", "5 other files of its day are", "a, b, c and 2 more"),
    ],
)
def test_at_most_three_other_files_of_a_day_are_named(keys: str, files: str, named: str) -> None:
    assert [*others_of_day(keys)] == [f"{files} in the bucket and not imported, as the one stored last counts: {named}"]


def hold_reason(survey: Survey, validation: FileValidation, context: ImportContext) -> str | None:
    return reason_to_hold(survey, validation, JUNE_16, context, first=True)


@pytest.mark.parametrize(
    ("turned", "rows", "percent", "held"),
    [
        (10, 11, 1, False),
        (11, 12, 1, True),
        (11, 1099, 1, True),
        (11, 1100, 1, False),
        (12, 399, 3, True),
        (12, 400, 3, False),
        (12, 500, 3, False),
    ],
)
def test_rows_of_the_other_direction_hold_a_file_above_both_limits(
    turned: int, rows: int, percent: int, held: bool
) -> None:
    context = replace(Nights().desk(), limits=Limits(bad_rows=10, bad_share_percent=percent))
    validation = FileValidation(FileState.IMPORTING, rows, file_day=JUNE_16)
    reason = hold_reason(Survey(rows=rows, turned=turned), validation, context)
    assert reason == (f"{turned} of {rows} rows have the other direction of a booked trade" if held else None)


@pytest.mark.parametrize(("days", "more"), [(3, ""), (4, " and other days")])
def test_a_copy_of_other_days_names_three_of_them(days: int, more: str) -> None:
    executed = {date(2026, 6, 1 + number): 5 for number in range(days)}
    rows = 5 * days
    validation = FileValidation(FileState.IMPORTING, rows, executed=executed, file_day=JUNE_16)
    named = "5 on 2026-06-01, 5 on 2026-06-02, 5 on 2026-06-03"
    assert hold_reason(Survey(rows=rows, booked=rows, elsewhere=rows), validation, Nights().desk()) == (
        f"no row was executed on 2026-06-16, and all are in the book already: {named}{more}"
    )


@pytest.mark.parametrize(("ahead", "held"), [(-2, False), (-1, True), (14, True), (15, False)])
def test_an_empty_file_is_held_for_trades_that_deliver_within_two_weeks(ahead: int, held: bool) -> None:
    nights = Nights()
    delivery_day = (JUNE_16 + timedelta(days=ahead)).isoformat()
    [one] = some(1, "2026-06-16T10:00:00Z", delivery_day=delivery_day)
    nights.book.add([Revision(one, 1, Posted("tina"), "2026-06-16T12:00:00Z")])
    reason = hold_reason(Survey(), FileValidation(FileState.IMPORTING), nights.desk())
    assert reason == ("it has no rows, and the book holds trades executed on 2026-06-16" if held else None)


def test_a_file_of_an_unknown_format_waits_for_the_settings() -> None:
    context = replace(Nights().desk(), reader=reader_of("mapping:none", tuple, None))
    waiting = read_stored(stored(v2_csv_of(ROWS)), JUNE_15, context)
    assert waiting.state is FileState.WAITING
    assert "format: must be auto or one of voltbook-v2" in (waiting.reason or "")
