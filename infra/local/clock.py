"""The half-hour clock: EventBridge's schedule on one machine, reckoned from the time so it never drifts."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

HALF_HOUR = timedelta(minutes=30)
# A machine that slept or was set right is noticed within this time; `Event.wait` does not count sleep.
_LOOK_AGAIN_SECONDS = 20.0


def utc_now() -> datetime:
    return datetime.now(UTC)


def next_half_hour(now: datetime) -> datetime:
    """Gives the first full or half hour after `now`, never `now` itself."""
    return now.replace(minute=now.minute // 30 * 30, second=0, microsecond=0) + HALF_HOUR


def run(fire: Callable[[datetime], None], stop: threading.Event, now: Callable[[], datetime] = utc_now) -> None:
    """Fires at once, for what was due while nothing ran, and then at every half hour until stopped."""
    fire(now())
    due = next_half_hour(now())
    while not stop.wait(_seconds_to_wait(due, now())):
        if now() >= due:
            fire(due)
            due = next_half_hour(now())


def _seconds_to_wait(due: datetime, now: datetime) -> float:
    return min(max((due - now).total_seconds(), 0.0), _LOOK_AGAIN_SECONDS)
