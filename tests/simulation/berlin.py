"""Midnight in Berlin by the rule of summer time (Directive 2000/84/EC), not by the tables the book reads."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final

MINUTES: Final = tuple(timedelta(minutes=minutes) for minutes in range(25 * 60))
"""So many minutes, ready made."""


def last_sunday(year: int, month: int) -> date:
    """The last Sunday of a month of 31 days."""
    last = date(year, month, 31)
    return last - timedelta(days=(last.weekday() + 1) % 7)


@lru_cache(maxsize=4096)
def midnight(day: date) -> datetime:
    """When a day begins in Berlin, in UTC; the clocks change later than midnight."""
    summer = last_sunday(day.year, 3) < day <= last_sunday(day.year, 10)
    return datetime.combine(day, time(), UTC) - timedelta(hours=2 if summer else 1)


def at(day: date, minutes: int) -> datetime:
    """So many minutes after midnight on the clock of Berlin, in UTC, counted in time that really passed."""
    return midnight(day) + MINUTES[minutes]


def day_at(moment: datetime) -> date:
    """Return the day on the clock of Berlin."""
    later = (moment + timedelta(hours=1)).date()
    return later + timedelta(days=1) if moment >= midnight(later + timedelta(days=1)) else later


@lru_cache(maxsize=4096)
def eight(day: date) -> datetime:
    """08:00 in Berlin, in UTC: after the clocks changed, if they change."""
    return midnight(day + timedelta(days=1)) - timedelta(hours=16)
