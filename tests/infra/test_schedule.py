"""The half-hourly schedule: it fires by the time of day, so no test waits for it."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from infra.local import event_loop


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "due"),
    [
        ("2026-06-15T00:00:00", "2026-06-15T00:30:00"),
        ("2026-06-15T00:00:00.000001", "2026-06-15T00:30:00"),
        ("2026-06-15T07:29:59.999999", "2026-06-15T07:30:00"),
        ("2026-06-15T07:30:00", "2026-06-15T08:00:00"),
        ("2026-12-31T23:59:00", "2027-01-01T00:00:00"),
    ],
)
def test_the_next_half_hour_is_always_ahead(now: str, due: str) -> None:
    assert event_loop.next_half_hour(at(now)) == at(due)


class Waits(threading.Event):
    """A stop that lets time pass instead of waiting, late by a second as a busy machine is."""

    def __init__(self, start: datetime, until: datetime) -> None:
        super().__init__()
        self.now, self.until = start, until

    def wait(self, timeout: float | None = None) -> bool:
        self.now += timedelta(seconds=(timeout or 0.0) + 1)
        return self.now >= self.until


def fired(start: str, until: str) -> list[datetime]:
    stop, firings = Waits(at(start), at(until)), list[datetime]()
    event_loop.run_schedule(firings.append, stop, lambda: stop.now)
    return firings


def test_it_fires_at_the_start_and_at_every_half_hour() -> None:
    assert fired("2026-06-15T07:12:00", "2026-06-15T09:10:00") == [
        at("2026-06-15T07:12:00"),
        at("2026-06-15T07:30:00"),
        at("2026-06-15T08:00:00"),
        at("2026-06-15T08:30:00"),
        at("2026-06-15T09:00:00"),
    ]


def test_a_day_has_48_firings_however_late_each_wait_ends() -> None:
    assert len(fired("2026-06-15T00:00:01", "2026-06-16T00:00:30")) == 1 + 48


def test_it_fires_at_the_half_hour_itself_and_not_before() -> None:
    waited, firings = [0.0], list[datetime]()
    start = at("2026-06-15T07:29:59.500000")

    def wait(timeout: float) -> bool:
        waited.append(timeout)
        return len(waited) > 3

    stop: Any = SimpleNamespace(wait=wait)
    event_loop.run_schedule(firings.append, stop, lambda: start + timedelta(seconds=sum(waited)))
    assert firings == [start, at("2026-06-15T07:30:00")]
    assert waited[1] == 0.5


def test_it_stops_at_once() -> None:
    stop, firings = threading.Event(), list[datetime]()
    stop.set()
    event_loop.run_schedule(firings.append, stop)

    assert len(firings) == 1
