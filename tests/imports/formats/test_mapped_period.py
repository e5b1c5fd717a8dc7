"""The delivery period of a row, by its start and end, its length or its product."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from zoneinfo import ZoneInfo

import pytest

from chalicelib.imports.formats.cells import ISO, Times, read_day
from chalicelib.imports.formats.mapped_period import Unclear, period_of

TIMES = dict.fromkeys(("start", "end", "period"), Times(ISO, ZoneInfo("Europe/Berlin")))
AFTER = datetime(2026, 10, 25, 1, tzinfo=UTC)


def shown(cells: dict[str, str], after: datetime | None = None) -> str:
    """The period as `2026-10-25T01:00Z/60`, or else its problem."""
    names = {"start": "start", "end": "end"}
    try:
        return period_of(cells, TIMES, names, partial(read_day, form=ISO), after).key
    except Unclear as unclear:
        return "; ".join(map(str, unclear.problems))


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"start": "2026-06-15T13:00", "end": "2026-06-15T13:15"}, "2026-06-15T11:00Z/15"),
        ({"start": "2026-10-25T00:00", "end": "2026-10-26T00:00"}, "2026-10-24T22:00Z/1500"),
        ({"start": "2026-10-25T01:45", "end": "2026-10-25T02:00"}, "2026-10-24T23:45Z/15"),
        ({"start": "2026-10-25T02:45 CET", "end": "2026-10-25T03:00"}, "2026-10-25T01:45Z/15"),
        ({"period": "2026-06-15T13:00 - 2026-06-15T14:00"}, "2026-06-15T11:00Z/60"),
        ({"day": "2026-10-25", "product": "Hour 3B Q4"}, "2026-10-25T01:45Z/15"),
        *(
            ({"start": "2026-06-15T13:00", "minutes": minutes}, f"2026-06-15T11:00Z/{minutes}")
            for minutes in ("1", "15", "1500")
        ),
    ],
)
def test_a_period_is_read(cells: dict[str, str], expected: str) -> None:
    assert shown(cells) == expected


AMBIGUOUS = "is ambiguous: the clock shows this time twice that day, got"
TOO_LONG = "must be on the delivery day and on a whole minute, got"


@pytest.mark.parametrize(
    ("cells", "problem"),
    [
        ({}, "start: is required, or a day with the name of a product"),
        ({"day": "2026-06-15"}, "start: is required, or a day with the name of a product"),
        ({"product": "15Q4"}, "start: is required, or a day with the name of a product"),
        ({"day": "15.06.2026", "product": "15Q4"}, "day: must be a day that exists, written as ISO 8601, got '15.06"),
        ({"day": "2026-06-15", "product": "Hour 3B"}, "product: "),
        ({"start": "13 h", "minutes": "60"}, "start: must be a time that exists, written as ISO 8601, got '13 h'"),
        ({"start": "2026-06-15T13:00"}, "end: is required"),
        ({"start": "2026-06-15T13:00", "end": "2026-06-15T13:00"}, "end: must be after the start of delivery, got"),
        ({"start": "2026-06-15T13:00", "end": "2026-06-15T12:00"}, "end: must be after the start of delivery, got"),
        ({"start": "2026-06-15T00:00", "end": "2026-06-16T01:15"}, f"end: {TOO_LONG}"),
        (
            {"start": "2026-06-15T13:00:30", "end": "2026-06-15T14:00"},
            "start: must be on a multiple of 15 minutes, got",
        ),
        ({"start": "2026-06-15T13:00:00.5", "end": "2026-06-15T14:00"}, "start: must be on a multiple of 15 minutes"),
        ({"start": "2026-10-25T02:00", "end": "2026-10-25T03:00"}, f"start: {AMBIGUOUS}"),
        ({"start": "2026-10-25T01:00", "end": "2026-10-25T02:00"}, f"end: {AMBIGUOUS}"),
        (
            {"period": "2026-06-15T13:00"},
            "period: must be a start and an end with ' - ' between, got '2026-06-15T13:00'",
        ),
        *(
            ({"start": "2026-06-15T13:00", "minutes": minutes}, "minutes: must be a whole number up to 1500, got")
            for minutes in ("0", "1501", "99999", "-5", "1.5", "an hour", "\u0661\u0665", "\u00b2")
        ),
    ],
)
def test_an_unclear_period_is_refused(cells: dict[str, str], problem: str) -> None:
    assert shown(cells).startswith(problem)


@pytest.mark.parametrize(
    ("start", "after", "expected"),
    [
        ("2026-10-25T02:00", AFTER, "2026-10-25T01:00Z/15"),
        ("2026-10-25T02:00", AFTER.replace(hour=0), "2026-10-25T00:00Z/15"),
        ("2026-10-25T02:15", AFTER, f"start: {AMBIGUOUS} '2026-10-25T02:15'"),
        ("2026-10-25T04:00", AFTER, "2026-10-25T03:00Z/15"),
    ],
)
def test_a_start_that_comes_twice_is_the_end_of_the_row_before(start: str, after: datetime, expected: str) -> None:
    assert shown({"start": start, "minutes": "15"}, after) == expected
