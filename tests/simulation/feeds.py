"""The feeds of a world beside the daily file: none in many, else one or two of trades, and when each is late."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Final
from zoneinfo import ZoneInfo

from chalicelib.feeds.feed import BUILT_IN, EVERY_DAY, Feed
from chalicelib.feeds.file_day import FileDay
from chalicelib.feeds.key_pattern import KeyPattern
from tests.simulation.berlin import midnight

WITHOUT: Final = 0.4
"""The share of worlds that have the daily file alone."""
NAMES: Final = ("a-desk", "nordpool")
"""One ranks before `daily`, and one after."""
VENUES: Final = ("epex", "epex", "nordpool", "otc", None)
FORMATS: Final = ("voltbook-v2", "mapping:blotter", "powerbot", "auto")
DEADLINES: Final = (time(7), time(8), time(9, 30), time(12), None)
EAST_OF_BERLIN: Final = {"Europe/Berlin": 0, "Europe/Helsinki": 1}
"""Hours."""
FILE_DAYS: Final = ((-1, 0), (0,), (-1,))


def draw_feeds(seed: int, first: date) -> Sequence[Feed]:
    """Return the feeds of a seed: the built-in ones, and others in some."""
    dice = Random(f"feeds {seed}")
    if dice.random() < WITHOUT:
        return BUILT_IN
    names = NAMES if dice.random() < 0.4 else (dice.choice(NAMES),)
    return (*BUILT_IN, *(_draw(dice, name, first) for name in names))


def _draw(dice: Random, name: str, first: date) -> Feed:
    required = dice.random() < 0.4
    since = first + timedelta(days=dice.randrange(-1, 3)) if required or dice.random() < 0.2 else None
    weekdays = frozenset(dice.sample(range(7), 5)) if dice.random() < 0.3 else EVERY_DAY
    pattern = "{}/{{YYYYMMDD}}_*.csv" if dice.random() < 0.25 else "{}/trades_{{YYYYMMDD}}.csv"
    return Feed(
        name,
        KeyPattern(pattern.format(name)),
        venue=dice.choice(VENUES),
        format=dice.choice(FORMATS),
        deadline=dice.choice(DEADLINES),
        timezone=ZoneInfo(dice.choice([*EAST_OF_BERLIN, "UTC"])),
        look_back=dice.choice((2, 4, 7, 7)),
        required=required,
        since=since,
        weekdays=weekdays,
        file_days=dice.choice(FILE_DAYS),
    )


def late_from(file: FileDay, feed: Feed) -> datetime | None:
    """Return when a file is late, in UTC: on the clock of its feed, after the clocks changed if they change."""
    if feed.deadline is None:
        return None
    day = file.day + timedelta(days=1)
    if feed.timezone.key == "UTC":
        return datetime.combine(day, feed.deadline, UTC)
    left = timedelta(hours=24 - feed.deadline.hour + EAST_OF_BERLIN[feed.timezone.key], minutes=-feed.deadline.minute)
    return midnight(day + timedelta(days=1)) - left


def yesterday_of(feed: Feed, now: datetime) -> date:
    """Return the day before today on the clock of a feed."""
    if feed.timezone.key == "UTC":
        return now.date() - timedelta(days=1)
    there = now + timedelta(hours=EAST_OF_BERLIN[feed.timezone.key])
    day = (there + timedelta(hours=2)).date()
    return day - timedelta(days=1 if there >= midnight(day) else 2)


def expects(file: FileDay, feed: Feed) -> bool:
    """Check whether a file is to come."""
    return file.day.weekday() in feed.weekdays and (feed.since is None or file.day >= feed.since)
