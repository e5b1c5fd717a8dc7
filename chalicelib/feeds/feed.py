"""Expected files: their names, the times of the polls, and when the daily file is late."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final

from chalicelib.common.delivery import BERLIN, berlin_day

INTERVAL: Final = timedelta(minutes=30)
DEADLINE: Final = time(8)
"""On the Berlin clock, the morning after the file day."""
DAYS_BACK: Final = 7
"""File days that every poll covers."""
_NAME: Final = re.compile(r"epex_trades_(\d{4})(\d{2})(\d{2})\.csv", re.ASCII)
_COPY: Final = r"(?:[\s_-]{0,3}\(\d{1,3}\)|[\s_-]{1,3}(?:copy|kopie|t?\d{1,6}(?!\d)))"
_ENDING: Final = r"\s?\.(?:csv|txt|tsv|dat|json|xlsx?|gz|gzip|zip|7z|bz2|xz|zst|tmp|part|partial|filepart|bak|old)"
_NEAR: Final = re.compile(
    r"(?:(?:copy of|kopie von) )?epex[ _.-]*trades?[ _.-]*"
    r"(?:(\d{4})([-_. ]?)(\d{2})\2(\d{2})|(\d{2})\.(\d{2})\.(\d{4}))(?!\d)"
    f"{_COPY}{{0,3}}(?:{_ENDING}){{0,3}}{_COPY}{{0,1}}[ .]?",
    re.ASCII,
)
"""A misspelled daily file name in lower case; a checksum file is not one."""
_PRICE_NAME: Final = re.compile(r"reference_prices_(\d{8})\.csv", re.ASCII)


@dataclass(frozen=True, slots=True)
class ImportAttempt:
    """The last import of a file day began at `tried_at` (UTC); a poll found the version `seen` but had not imported it.

    `marked`: runs have not ended their day marks.
    """

    tried_at: datetime | None = None
    seen: str | None = None
    seen_at: datetime | None = None
    marked: bool = False


def late_from(file_day: date) -> datetime:
    """Return the deadline in UTC: 08:00 in Berlin on the day after."""
    return datetime.combine(file_day + timedelta(days=1), DEADLINE, BERLIN).astimezone(UTC)


def is_late(file_day: date, now: datetime) -> bool:
    return now >= late_from(file_day)


def next_poll(now: datetime) -> datetime:
    hour = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    return next(poll for poll in (hour, hour + INTERVAL, hour + 2 * INTERVAL) if poll > now)


def days_to_poll(now: datetime) -> list[date]:
    today = berlin_day(now)
    return [today - timedelta(days=back) for back in range(DAYS_BACK, 0, -1)]


@lru_cache(maxsize=64)
def file_name(file_day: date) -> str:
    """Return the name of a daily file, also its key in S3."""
    return f"epex_trades_{file_day.isoformat().replace('-', '')}.csv"


def file_day_of(name: str) -> date | None:
    """Return the file day; None unless it is exactly a daily file's name."""
    match = _NAME.fullmatch(name)
    if match is None:
        return None
    try:
        return date(*(int(part) for part in match.groups()))
    except ValueError:
        return None


def near_miss(name: str) -> date | None:
    """Return the likely file day of a misspelled name; None for correct and unrelated names."""
    if file_day_of(name) is not None:
        return None
    match = _NEAR.fullmatch(unicodedata.normalize("NFKC", name).rpartition("/")[2].strip().lower())
    if match is None:
        return None
    year, _, month, day, german_day, german_month, german_year = match.groups()
    return file_day_of(f"epex_trades_{year or german_year}{month or german_month}{day or german_day}.csv")


def price_file_name(file_day: date) -> str:
    return f"reference_prices_{file_day:%Y%m%d}.csv"


def price_file_day_of(name: str) -> date | None:
    """Return the day in a price file's name; it only identifies the file."""
    match = _PRICE_NAME.fullmatch(name)
    if match is None:
        return None
    try:
        return date.fromisoformat(match[1])
    except ValueError:
        return None


def price_days_to_poll(now: datetime) -> Iterator[date]:
    """Return the days of a poll up to tomorrow: prices arrive the day before."""
    today = berlin_day(now)
    return (today + timedelta(days=ahead) for ahead in range(-DAYS_BACK, 2))
