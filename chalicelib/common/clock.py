"""The current time, and the default day of a report."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Protocol

from chalicelib.common.delivery import berlin_day
from chalicelib.common.once import once


class Clock(Protocol):
    def now(self) -> datetime:
        """Return the current time, aware, in UTC."""


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


def yesterday(clock: Clock) -> date:
    """Return yesterday in Berlin, the default day of a report."""
    return berlin_day(clock.now()) - timedelta(days=1)


@once
def clock() -> Clock:
    return SystemClock()
