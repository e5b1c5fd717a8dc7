"""Delivery days of 23, 24 and 25 hours, and the periods in them."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.common.delivery import (
    HOUR,
    QUARTER,
    Period,
    berlin_day,
    day_end,
    day_start,
    hour_of_day,
    hour_period,
    hours_of,
    hours_within,
    slot_rows,
)

SPRING, AUTUMN = date(2025, 3, 30), date(2025, 10, 26)
ORDINARY = date(2023, 2, 28)
DAYS = st.dates(date(2000, 1, 1), date(2099, 12, 30))


def test_an_ordinary_day_has_24_hours_from_midnight_in_berlin() -> None:
    rows = hours_of(date(2023, 2, 28))
    assert [row.hour for row in rows] == list(range(24))
    assert rows[0].start == datetime(2023, 2, 27, 23, tzinfo=UTC)
    assert (rows[13].label, rows[23].label) == ("13 - 14", "23 - 24")


def test_the_spring_day_has_no_hour_2() -> None:
    assert [row.hour for row in hours_of(SPRING)] == [0, 1, *range(3, 24)]
    assert hour_period(SPRING, 2) is None


def test_the_autumn_day_shows_hour_2_once_as_two_hours() -> None:
    rows = hours_of(AUTUMN)
    assert [row.hour for row in rows] == list(range(24))
    assert {row.hour: row.hours for row in rows if row.hours != 1} == {2: 2}


@given(DAYS)
def test_the_hours_of_a_day_fill_it_exactly(day: date) -> None:
    rows = hours_of(day)
    assert sum(row.minutes for row in rows) == (day_end(day) - day_start(day)) / timedelta(minutes=1)
    assert sum(row.hours for row in rows) in {23, 24, 25}
    for row, after in pairwise(rows):
        assert row.start + timedelta(minutes=row.minutes) == after.start


@given(DAYS, st.integers(0, 23))
def test_an_hour_starts_when_the_berlin_clock_shows_it(day: date, hour: int) -> None:
    period = hour_period(day, hour)
    if period is not None:
        local = period.start.astimezone(ZoneInfo("Europe/Berlin"))
        assert (local.date(), local.hour, local.minute) == (day, hour, 0)
        assert period.local_hour == hour
        assert period.end == period.start + timedelta(hours=1)


@pytest.mark.parametrize(("day", "count"), [(SPRING, 92), (ORDINARY, 96), (AUTUMN, 100)])
def test_a_day_has_a_row_for_each_slot_and_hour(day: date, count: int) -> None:
    quarters, hours = slot_rows(day, QUARTER), slot_rows(day, HOUR)
    assert (len(quarters), len(hours)) == (count, count // 4)
    assert len({row.period for row in quarters}) == count
    assert [row.start for row in hours] == [row.start for row in quarters[::4]]


@pytest.mark.parametrize(
    ("day", "minutes", "place", "period", "label"),
    [
        (ORDINARY, HOUR, 13, "13", "13 - 14"),
        (ORDINARY, HOUR, 23, "23", "23 - 24"),
        (ORDINARY, QUARTER, 0, "00:00", "00:00 - 00:15"),
        (ORDINARY, QUARTER, 53, "13:15", "13:15 - 13:30"),
        (ORDINARY, QUARTER, 55, "13:45", "13:45 - 14:00"),
        (ORDINARY, QUARTER, 95, "23:45", "23:45 - 24:00"),
        (AUTUMN, HOUR, 2, "02A", "02 - 03 A"),
        (AUTUMN, HOUR, 3, "02B", "02 - 03 B"),
        (AUTUMN, QUARTER, 13, "02:15B", "02:15 - 02:30 B"),
    ],
)
def test_a_row_is_named_by_its_start_and_its_end(day: date, minutes: int, place: int, period: str, label: str) -> None:
    row = slot_rows(day, minutes)[place]
    assert (row.period, row.label, row.minutes) == (period, label, minutes)


@given(st.sampled_from([SPRING, ORDINARY, AUTUMN]), st.integers(0, 91), st.integers(1, 100))
def test_a_period_is_divided_where_the_berlin_clock_turns_the_hour(day: date, first: int, count: int) -> None:
    slots = slot_rows(day, QUARTER)[first : first + count]
    labels = [slot.start.astimezone(ZoneInfo("Europe/Berlin")).hour for slot in slots]
    expected = [
        Period(next(slot.start for slot, each in zip(slots, labels, strict=True) if each == hour), QUARTER * number)
        for hour, number in Counter(labels).items()
    ]
    assert hours_within(Period(slots[0].start, QUARTER * len(slots))) == tuple(expected)


@given(DAYS, st.integers(0, 23), st.sampled_from([15, 30, 60]))
def test_a_key_is_read_back_and_sorts_in_delivery_order(day: date, hour: int, minutes: int) -> None:
    start = day_start(day) + timedelta(hours=hour)
    period, later = Period(start, minutes), Period(start + timedelta(minutes=minutes), minutes)
    assert Period.of_key(period.key) == period
    assert "#" not in period.key
    assert period.key < later.key


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        (datetime(2025, 1, 14, 23, tzinfo=UTC), date(2025, 1, 15)),
        (datetime(2025, 1, 14, 22, 59, tzinfo=UTC), date(2025, 1, 14)),
        (datetime(2025, 7, 14, 22, tzinfo=UTC), date(2025, 7, 15)),
    ],
)
def test_the_day_turns_at_midnight_in_berlin(instant: datetime, day: date) -> None:
    assert berlin_day(instant) == day


@pytest.mark.parametrize(
    ("day", "text", "first", "end"),
    [
        (ORDINARY, "13", 52, 56),
        (ORDINARY, "5", 20, 24),
        (ORDINARY, "23", 92, 96),
        (AUTUMN, "02A", 8, 12),
        (AUTUMN, "2b", 12, 16),
        (AUTUMN, "02", 8, 16),
        (AUTUMN, "03", 16, 20),
        (SPRING, "03", 8, 12),
    ],
)
def test_an_hour_of_a_day_is_found_by_its_name(day: date, text: str, first: int, end: int) -> None:
    hour = hour_of_day(day, text)
    assert hour == Period(slot_rows(day, 15)[first].start, 15 * (end - first))


@pytest.mark.parametrize(
    ("day", "text", "expected"),
    [
        (ORDINARY, "24", "must be an hour from 00 to 23, got '24'"),
        (ORDINARY, "13:15", "must be an hour from 00 to 23, got '13:15'"),
        (ORDINARY, "half past one in the afternoon", "must be an hour from 00 to 23, got 'half past one in the'$"),
        (ORDINARY, "١٣", "must be an hour from 00 to 23"),
        (ORDINARY, "02A", "must be an hour of 2023-02-28: 02 occurs once, without a letter, got '02A'"),
        (SPRING, "2", "must be an hour of 2025-03-30: the clocks skip 02 on that day, got '2'"),
        (AUTUMN, "03B", "must be an hour of 2025-10-26: 03 occurs once, without a letter, got '03B'"),
        (AUTUMN, "02C", "must be an hour from 00 to 23, or 02A or 02B, got '02C'"),
    ],
)
def test_an_hour_that_the_day_does_not_have_is_refused(day: date, text: str, expected: str) -> None:
    with pytest.raises(ValueError, match=expected):
        hour_of_day(day, text)
