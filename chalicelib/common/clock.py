"""The clock, and the days that are told by it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Protocol

from chalicelib.common.delivery import berlin_day
from chalicelib.common.once import once


class Clock(Protocol):
    """The time."""

    def now(self) -> datetime:
        """Give the present instant, aware, in UTC."""


class SystemClock:
    """The time as this machine has it."""

    def now(self) -> datetime:
        """Give the present instant, aware, in UTC."""
        return datetime.now(UTC)


def yesterday(clock: Clock) -> date:
    """The day a report is about where none is named: yesterday on the Berlin calendar."""
    return berlin_day(clock.now()) - timedelta(days=1)


@once
def clock() -> Clock:
    """The time."""
    return SystemClock()
