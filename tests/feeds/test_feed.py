"""The watch: the nights of the worked examples, and every half hour from 2020 to 2037 calculated another way."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from chalicelib.common.delivery import day_start
from chalicelib.feeds.feed import (
    DAILY,
    REFERENCE_PRICES,
    Feed,
    ImportAttempt,
    feed_of,
    feeds_of,
    file_day_of,
    near_misses,
    next_poll,
)
from chalicelib.feeds.key_pattern import KeyPattern
from tests.fixtures.deadlines import late_from

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


def test_a_poll_covers_the_last_seven_days_oldest_first() -> None:
    days = DAILY.days_to_poll(datetime(2023, 2, 21, 12, tzinfo=UTC))
    assert days == [date(2023, 2, day) for day in range(14, 21)]


def test_a_minute_before_the_deadline_is_not_late() -> None:
    deadline = late_from(date(2025, 1, 14))
    assert not DAILY.is_late(date(2025, 1, 14), deadline - timedelta(microseconds=1))
    assert DAILY.is_late(date(2025, 1, 14), deadline)


@pytest.mark.parametrize(
    ("now", "poll"), [("07:00:00", "07:30"), ("07:29:59", "07:30"), ("07:30:00", "08:00"), ("07:59:59", "08:00")]
)
def test_the_next_poll_is_at_the_next_half_hour(now: str, poll: str) -> None:
    assert next_poll(datetime.fromisoformat(f"2025-01-15T{now}+00:00")) == datetime.fromisoformat(
        f"2025-01-15T{poll}+00:00"
    )


NORDPOOL = Feed(
    "nordpool",
    KeyPattern("np/{YYYYMMDD}.csv"),
    deadline=time(9, 30),
    timezone=ZoneInfo("Europe/Helsinki"),
    since=date(2026, 11, 2),
    weekdays=frozenset(range(5)),
    look_back=3,
)
FRIDAY = date(2026, 11, 20)


def test_a_feed_is_late_by_its_own_clock() -> None:
    assert NORDPOOL.late_from(FRIDAY) == datetime(2026, 11, 21, 7, 30, tzinfo=UTC)
    assert DAILY.late_from(FRIDAY) == datetime(2026, 11, 21, 7, tzinfo=UTC)
    assert REFERENCE_PRICES.late_from(FRIDAY) is None
    assert not REFERENCE_PRICES.is_late(FRIDAY, datetime(2030, 1, 1, tzinfo=UTC))


def test_a_feed_expects_files_on_its_weekdays_since_its_first_day() -> None:
    expected = [day for day in (date(2026, 11, day) for day in range(1, 10)) if NORDPOOL.expects(day)]
    assert expected == [date(2026, 11, day) for day in (2, 3, 4, 5, 6, 9)]
    assert NORDPOOL.needed(date(2026, 11, 23)) == ()
    assert replace(NORDPOOL, required=True).needed(date(2026, 11, 23)) == (date(2026, 11, 23),)
    assert DAILY.needed(date(2026, 11, 23)) == (date(2026, 11, 22), date(2026, 11, 23))


def test_the_next_deadline_passes_days_without_a_file() -> None:
    friday_evening = datetime(2026, 11, 21, 8, tzinfo=UTC)
    assert NORDPOOL.next_deadline(friday_evening) == datetime(2026, 11, 24, 7, 30, tzinfo=UTC)
    assert DAILY.next_deadline(friday_evening) == datetime(2026, 11, 22, 7, tzinfo=UTC)
    assert REFERENCE_PRICES.next_deadline(friday_evening) is None


@pytest.mark.parametrize("days", [-2, -1, 0, 1, 7])
def test_the_next_deadline_is_after_now(days: int) -> None:
    feed, due = replace(DAILY, deadline_days=days), datetime(2026, 11, 22, 7, tzinfo=UTC)
    assert feed.next_deadline(due - timedelta(seconds=1)) == due
    assert feed.next_deadline(due) == due + timedelta(days=1)


@pytest.mark.parametrize("days", range(-2, 8))
def test_the_next_deadline_of_a_weekly_file_is_known_at_any_time(days: int) -> None:
    weekly = replace(NORDPOOL, deadline_days=days, look_back=1, weekdays=frozenset({0}))
    mondays = [date(2026, 11, 2) + timedelta(weeks=week) for week in range(8)]
    for hour in range(0, 14 * 24, 7):
        now = datetime(2026, 11, 20, tzinfo=UTC) + timedelta(hours=hour)
        deadlines = [deadline for monday in mondays if (deadline := weekly.late_from(monday)) is not None]
        assert weekly.next_deadline(now) == min(deadline for deadline in deadlines if deadline > now)


def test_a_feed_that_begins_in_more_than_two_weeks_has_no_deadline_yet() -> None:
    now = datetime(2026, 11, 20, 12, tzinfo=UTC)
    begins = replace(DAILY, since=date(2026, 12, 4))
    assert begins.next_deadline(now) == datetime(2026, 12, 5, 7, tzinfo=UTC)
    assert replace(begins, since=date(2026, 12, 5)).next_deadline(now) is None


def test_a_day_that_no_import_began_has_no_marks_to_end() -> None:
    assert ImportAttempt() == ImportAttempt(None, None, None, marked=False)


def test_a_feed_that_is_gone_from_the_settings_keeps_its_name() -> None:
    assert feed_of("nordpool", (DAILY, NORDPOOL)) is NORDPOOL
    assert feed_of("gone", (DAILY, NORDPOOL)) == Feed("gone", KeyPattern("gone/{YYYYMMDD}"))


def test_a_feed_is_polled_by_its_own_day() -> None:
    late_evening = datetime(2026, 11, 21, 22, 30, tzinfo=UTC)  # 00:30 in Helsinki
    assert NORDPOOL.days_to_poll(late_evening) == [date(2026, 11, day) for day in (19, 20, 21)]
    same_day = replace(NORDPOOL, deadline_days=0)
    assert same_day.days_to_poll(late_evening)[-1] == date(2026, 11, 22)


@pytest.mark.parametrize(
    ("feed", "first", "last"),
    [
        (DAILY, 14, 20),
        (REFERENCE_PRICES, 14, 22),
        (replace(DAILY, deadline_days=7), 13, 20),
        (replace(DAILY, deadline_days=6), 14, 20),
        (replace(DAILY, look_back=9), 12, 20),
        (replace(DAILY, deadline_days=-2), 14, 23),
    ],
)
def test_a_poll_covers_days_until_late_and_those_that_may_be_there(feed: Feed, first: int, last: int) -> None:
    days = feed.days_to_poll(datetime(2023, 2, 21, 12, tzinfo=UTC))
    assert days == [date(2023, 2, day) for day in range(first, last + 1)]


@pytest.mark.parametrize(("days", "deadline", "look_back"), [(7, time(9, 30), 3), (1, time(23, 45), 1)])
def test_a_file_is_polled_until_it_can_be_late(days: int, deadline: time, look_back: int) -> None:
    feed = replace(NORDPOOL, deadline_days=days, deadline=deadline, look_back=look_back)
    late_from = feed.late_from(FRIDAY)
    assert late_from is not None
    assert FRIDAY in feed.days_to_poll(next_poll(late_from))
    assert len(replace(feed, deadline=None).days_to_poll(late_from)) == look_back


def test_a_key_belongs_to_the_feed_whose_pattern_it_matches() -> None:
    feeds = (DAILY, REFERENCE_PRICES, NORDPOOL)
    assert list(feeds_of("np/20261120.csv", feeds)) == [(NORDPOOL, FRIDAY)]
    assert list(feeds_of("np/20261120.txt", feeds)) == []
    assert list(near_misses("EPEX-Trades-2026-11-20.csv", feeds)) == [(DAILY, FRIDAY)]


def test_no_delivery_day_waits_for_a_file_that_is_not_expected() -> None:
    feed = Feed("nordpool", KeyPattern("np/{YYYYMMDD}.csv"), required=True, since=date(2026, 6, 15))
    assert feed.delivery_days(date(2026, 6, 15)) == (date(2026, 6, 15), date(2026, 6, 16))
    assert feed.delivery_days(date(2026, 6, 14)) == ()


def test_every_half_hour_from_2020_to_2037_is_decided_as_the_law_says() -> None:
    """Summer time by its rule (Directive 2000/84/EC): from 01:00 UTC on March's last Sunday to October's."""
    instant, end = datetime(2020, 1, 1, tzinfo=UTC), datetime(2038, 1, 1, tzinfo=UTC)
    while instant < end:
        hours = 2 if _last_sunday(instant.year, 3) <= instant < _last_sunday(instant.year, 10) else 1
        wall = instant + timedelta(hours=hours)
        yesterday = wall.date() - timedelta(days=1)
        assert DAILY.days_to_poll(instant)[-1] == yesterday
        assert DAILY.is_late(yesterday, instant) == (wall.hour >= 8)
        assert DAILY.is_late(yesterday - timedelta(days=1), instant)
        instant += timedelta(minutes=30)


@cache
def _last_sunday(year: int, month: int) -> datetime:
    last = date(year, month, 31)
    sunday = last - timedelta(days=(last.weekday() + 1) % 7)
    return datetime(year, month, sunday.day, 1, tzinfo=UTC)
