"""Delivery periods as traders name them."""

from __future__ import annotations

from datetime import date

import pytest

from cli.delivery_period import period_of

SUMMER, SHORT, LONG = date(2026, 6, 15), date(2026, 3, 29), date(2026, 10, 25)


@pytest.mark.parametrize(
    ("day", "text", "start", "end"),
    [
        (SUMMER, "base", "2026-06-14T22:00", "2026-06-15T22:00"),
        (SHORT, "Base", "2026-03-28T23:00", "2026-03-29T22:00"),
        (LONG, "base", "2026-10-24T22:00", "2026-10-25T23:00"),
        (SUMMER, "peak", "2026-06-15T06:00", "2026-06-15T18:00"),
        (SUMMER, "13", "2026-06-15T11:00", "2026-06-15T12:00"),
        (SUMMER, "13:15", "2026-06-15T11:15", "2026-06-15T11:30"),
        (SUMMER, "13:15 - 14:30", "2026-06-15T11:15", "2026-06-15T12:30"),
        (SUMMER, "23:45-24:00", "2026-06-15T21:45", "2026-06-15T22:00"),
        (LONG, "02A", "2026-10-25T00:00", "2026-10-25T01:00"),
        (LONG, "02:45B", "2026-10-25T01:45", "2026-10-25T02:00"),
        (LONG, "02:30A-02:15B", "2026-10-25T00:30", "2026-10-25T01:15"),
    ],
)
def test_a_period_is_two_instants(day: date, text: str, start: str, end: str) -> None:
    assert [f"{at:%Y-%m-%dT%H:%M}" for at in period_of(day, text)] == [start, end]


@pytest.mark.parametrize(
    ("day", "text"), [(SUMMER, "offpeak"), (SUMMER, "13:10"), (SUMMER, "13-25"), (SHORT, "02"), (LONG, "02:15")]
)
def test_a_period_that_the_day_does_not_have_is_refused(day: date, text: str) -> None:
    with pytest.raises(ValueError, match=f"must be a period of {day}: base, peak, an hour such as 09"):
        period_of(day, text)


@pytest.mark.parametrize(
    ("day", "reason"),
    [
        (SHORT, "got '02:15': the clocks skip 02 on that day"),
        (LONG, "got '02:15': the clock shows 02 twice on that day: 02A and 02B, 02:15A and 02:15B"),
    ],
)
def test_the_message_says_what_the_clocks_do(day: date, reason: str) -> None:
    with pytest.raises(ValueError, match=f"{reason}$"):
        period_of(day, "02:15")


def test_a_period_ends_after_it_begins() -> None:
    with pytest.raises(ValueError, match="must end after it begins"):
        period_of(SUMMER, "14-13")
