"""When the daily file is looked for and when it is late: the Berlin clock decides, the schedule only wakes us."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from chalicelib.domain.delivery import BERLIN, berlin_day, day_start

INTERVAL: Final = timedelta(minutes=30)
DEADLINE: Final = time(8)
"""On the Berlin clock, the morning after the file day."""
DAYS_BACK: Final = 7
"""File days that every look catches up on."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What is remembered of a file day beside its receipt, however the runs at it ended.

    `tried_at` is when the last run began, in UTC. `seen` is the object version that a poll found and had still to
    import, `seen_at` when it first did.
    """

    tried_at: datetime | None = None
    seen: str | None = None
    seen_at: datetime | None = None


def late_from(file_day: date) -> datetime:
    """The instant (UTC) from which a missing file is late: 08:00 in Berlin on the day after."""
    return datetime.combine(file_day + timedelta(days=1), DEADLINE, BERLIN).astimezone(UTC)


def is_late(file_day: date, now: datetime) -> bool:
    """Tell whether a file that is not there at this instant is late."""
    return now >= late_from(file_day)


def looks(file_day: date) -> list[datetime]:
    """The instants (UTC) at which a file is looked for in its night, midnight and deadline included."""
    first, last = day_start(file_day + timedelta(days=1)), late_from(file_day)
    return [first + number * INTERVAL for number in range((last - first) // INTERVAL + 1)]


def next_look(now: datetime) -> datetime:
    """The next full or half hour after this instant (UTC)."""
    hour = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    return next(look for look in (hour, hour + INTERVAL, hour + 2 * INTERVAL) if look > now)


def days_to_look_for(now: datetime) -> list[date]:
    """Return the file days that a look cares for, oldest first."""
    today = berlin_day(now)
    return [today - timedelta(days=back) for back in range(DAYS_BACK, 0, -1)]
