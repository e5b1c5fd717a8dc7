"""Feeds: which files are expected, under which names, the times of the polls, and when a file is late."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from chalicelib.common.delivery import BERLIN
from chalicelib.common.names import DAILY_NAME
from chalicelib.feeds.file_day import FileDay
from chalicelib.feeds.key_pattern import KeyPattern

INTERVAL: Final = timedelta(minutes=30)
DAYS_BACK: Final = 7
"""File days that every poll covers."""
EVERY_DAY: Final = frozenset(range(7))
_COPY: Final = r"(?:[\s_-]{0,3}\(\d{1,3}\)|[\s_-]{1,3}(?:copy|kopie|t?\d{1,6}(?!\d)))"
_ENDING: Final = r"\s?\.(?:csv|txt|tsv|dat|json|xlsx?|gz|gzip|zip|7z|bz2|xz|zst|tmp|part|partial|filepart|bak|old)"
_NEAR: Final = re.compile(
    r"(?:(?:copy of|kopie von) )?epex[ _.-]*trades?[ _.-]*"
    r"(?:(\d{4})([-_. ]?)(\d{2})\2(\d{2})|(\d{2})\.(\d{2})\.(\d{4}))(?!\d)"
    f"{_COPY}{{0,3}}(?:{_ENDING}){{0,3}}{_COPY}{{0,1}}[ .]?",
    re.ASCII,
)
"""A misspelled daily file name in lower case; a checksum file is not one."""


class FeedKind(StrEnum):
    TRADES = "trades"
    PRICES = "prices"


@dataclass(frozen=True, slots=True)
class Feed:
    """The files of one sender.

    Attributes:
        venue: Of its trades; a row of another one is quarantined.
        pattern: The keys in the bucket, and the paths in the inbox.
        deadline: On the clock of `timezone`, `deadline_days` after the file day; without one no file is late.
        look_back: File days that every poll covers; more if a file is late only after them.
        required: Delivery days wait for its files.
        since: The first file day that is expected.
        weekdays: File days on which a file is expected; Monday is 0.
        file_days: The file days that a delivery day needs, counted from it.
    """

    name: str
    pattern: KeyPattern
    kind: FeedKind = FeedKind.TRADES
    venue: str | None = None
    format: str = "auto"
    deadline: time | None = time(8)
    deadline_days: int = 1
    timezone: ZoneInfo = BERLIN
    look_back: int = DAYS_BACK
    required: bool = False
    since: date | None = None
    weekdays: frozenset[int] = EVERY_DAY
    file_days: tuple[int, ...] = (-1, 0)

    @property
    def is_daily(self) -> bool:
        return self.name == DAILY_NAME

    def key(self, file_day: date) -> str:
        """Return the key of a day's file, without any text in place of `*`."""
        return self.pattern.key(file_day)

    def day_of(self, key: str) -> date | None:
        """Return the file day of a key; None unless the pattern matches all of it."""
        return self.pattern.day_of(key)

    def file(self, file_day: date) -> FileDay:
        return FileDay(file_day, self.name)

    def expects(self, file_day: date) -> bool:
        """Check whether a file of this day is to come."""
        return file_day.weekday() in self.weekdays and (self.since is None or file_day >= self.since)

    def late_from(self, file_day: date) -> datetime | None:
        """Return the deadline in UTC."""
        if self.deadline is None:
            return None
        day = file_day + timedelta(days=self.deadline_days)
        return datetime.combine(day, self.deadline, self.timezone).astimezone(UTC)

    def is_late(self, file_day: date, now: datetime) -> bool:
        deadline = self.late_from(file_day)
        return deadline is not None and now >= deadline

    def next_deadline(self, now: datetime) -> datetime | None:
        """Return the next time at which a file can be late."""
        if self.deadline is None:
            return None
        today = self.today(now)
        away = abs(self.deadline_days)
        days = (today + timedelta(days=ahead) for ahead in range(-away, away + self.look_back + 7))
        deadlines = (self.late_from(day) for day in days if self.expects(day))
        return next((deadline for deadline in deadlines if deadline is not None and deadline > now), None)

    def today(self, now: datetime) -> date:
        return now.astimezone(self.timezone).date()

    def days_to_poll(self, now: datetime) -> list[date]:
        """Return the file days of a poll, oldest first: up to the day whose file is due today."""
        today, last = self.today(now), min(self.deadline_days, 1)
        # A file that is due late in the evening is first late in a poll of the next day.
        first = self.look_back if self.deadline is None else max(self.look_back, self.deadline_days + 1)
        return [today - timedelta(days=back) for back in range(first, last - 1, -1)]

    def needed(self, delivery_day: date) -> tuple[date, ...]:
        """Return the file days that a delivery day waits for."""
        days = (delivery_day + timedelta(days=days) for days in self.file_days)
        return tuple(day for day in days if self.required and self.expects(day))

    def delivery_days(self, file_day: date) -> tuple[date, ...]:
        """Return the delivery days that wait for this file: none for one that is not expected."""
        if not self.required or not self.expects(file_day):
            return ()
        return tuple(file_day - timedelta(days=days) for days in reversed(self.file_days))

    def near_miss(self, key: str) -> date | None:
        """Return the likely file day of a misspelled key; None for correct and unrelated ones."""
        if self.day_of(key) is not None:
            return None
        return _near_miss_of_daily(key) if self.is_daily else self.pattern.near_miss(key)


DAILY: Final = Feed(DAILY_NAME, KeyPattern("epex_trades_{YYYYMMDD}.csv"), format="voltbook-daily", required=True)
REFERENCE_PRICES: Final = Feed(
    "reference_prices",
    KeyPattern("reference_prices_{YYYYMMDD}.csv"),
    FeedKind.PRICES,
    format="reference_prices",
    deadline=None,
    deadline_days=-1,  # prices arrive the day before
)
BUILT_IN: Final = (DAILY, REFERENCE_PRICES)


@dataclass(frozen=True, slots=True)
class ImportAttempt:
    """The last import of a file day began at `tried_at` (UTC); a poll found the version `seen` but had not imported it.

    `marked`: runs have not ended their day marks.
    """

    tried_at: datetime | None = None
    seen: str | None = None
    seen_at: datetime | None = None
    marked: bool = False


def next_poll(now: datetime) -> datetime:
    hour = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    return next(poll for poll in (hour, hour + INTERVAL, hour + 2 * INTERVAL) if poll > now)


def feeds_of(key: str, feeds: Iterable[Feed]) -> Sequence[tuple[Feed, date]]:
    """Return the feeds whose pattern a key matches, with its file day: at most one, as patterns do not overlap."""
    return [(feed, day) for feed in feeds if (day := feed.day_of(key)) is not None]


def feed_of(name: str, feeds: Iterable[Feed]) -> Feed:
    """Return the feed of this name, also if it is no longer in the settings: its receipts stay."""
    return next((feed for feed in feeds if feed.name == name), None) or Feed(name, KeyPattern(f"{name}/{{YYYYMMDD}}"))


def near_misses(key: str, feeds: Iterable[Feed]) -> Iterator[tuple[Feed, date]]:
    """Yield the feeds that a misspelled key may be meant for, with its likely file day."""
    return ((feed, day) for feed in feeds if (day := feed.near_miss(key)) is not None)


def _near_miss_of_daily(key: str) -> date | None:
    match = _NEAR.fullmatch(unicodedata.normalize("NFKC", key).rpartition("/")[2].strip().lower())
    if match is None:
        return None
    year, _, month, day, german_day, german_month, german_year = match.groups()
    return file_day_of(f"epex_trades_{year or german_year}{month or german_month}{day or german_day}.csv")


# What no setting changes of the built-in feeds.
file_name = DAILY.key
file_day_of = DAILY.day_of
price_file_name = REFERENCE_PRICES.key
