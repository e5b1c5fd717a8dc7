"""The watch: the nights of the worked examples, and every half hour from 2020 to 2037 calculated another way."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from chalicelib.common.delivery import day_start
from chalicelib.feeds.feed import days_to_poll, file_day_of, is_late, late_from, next_poll

FILE = Path(__file__).parents[1] / "fixtures" / "pnl_vectors.json"
VECTORS = json.loads(FILE.read_text("utf-8"))["vectors"]
NIGHTS: list[dict[str, Any]] = next(one for one in VECTORS if one["kind"] == "schedule")["expected"]["cases"]


@pytest.mark.parametrize("night", NIGHTS, ids=[night["file"] for night in NIGHTS])
def test_a_night_is_watched_as_in_the_worked_example(night: dict[str, Any]) -> None:
    file_day = file_day_of(night["file"])
    assert file_day is not None
    polls = [day_start(file_day + timedelta(days=1))]
    while polls[-1] < late_from(file_day):
        polls.append(next_poll(polls[-1]))
    assert polls[0] == datetime.fromisoformat(night["expected_utc"])
    assert polls[-1] == late_from(file_day) == datetime.fromisoformat(night["alert_utc"])
    assert len(polls) == night["checks_every_30_real_minutes"]


def test_every_half_hour_from_2020_to_2037_is_decided_as_the_law_says() -> None:
    """Summer time by its rule (Directive 2000/84/EC): from 01:00 UTC on March's last Sunday to October's."""
    instant, end = datetime(2020, 1, 1, tzinfo=UTC), datetime(2038, 1, 1, tzinfo=UTC)
    while instant < end:
        hours = 2 if _last_sunday(instant.year, 3) <= instant < _last_sunday(instant.year, 10) else 1
        wall = instant + timedelta(hours=hours)
        yesterday = wall.date() - timedelta(days=1)
        assert days_to_poll(instant)[-1] == yesterday
        assert is_late(yesterday, instant) == (wall.hour >= 8)
        assert is_late(yesterday - timedelta(days=1), instant)
        instant += timedelta(minutes=30)


def test_a_poll_covers_the_last_seven_days_oldest_first() -> None:
    days = days_to_poll(datetime(2023, 2, 21, 12, tzinfo=UTC))
    assert days == [date(2023, 2, day) for day in range(14, 21)]


def test_a_minute_before_the_deadline_is_not_late() -> None:
    deadline = late_from(date(2025, 1, 14))
    assert not is_late(date(2025, 1, 14), deadline - timedelta(microseconds=1))
    assert is_late(date(2025, 1, 14), deadline)


@pytest.mark.parametrize(
    ("now", "poll"), [("07:00:00", "07:30"), ("07:29:59", "07:30"), ("07:30:00", "08:00"), ("07:59:59", "08:00")]
)
def test_the_next_poll_is_at_the_next_half_hour(now: str, poll: str) -> None:
    assert next_poll(datetime.fromisoformat(f"2025-01-15T{now}+00:00")) == datetime.fromisoformat(
        f"2025-01-15T{poll}+00:00"
    )


def _last_sunday(year: int, month: int) -> datetime:
    last = date(year, month, 31)
    sunday = last - timedelta(days=(last.weekday() + 1) % 7)
    return datetime(year, month, sunday.day, 1, tzinfo=UTC)
