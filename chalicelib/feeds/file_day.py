"""File days: which feed's file of which day."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import NamedTuple

from chalicelib.common.names import DAILY_NAME, feed_day_text


class FileDay(NamedTuple):
    day: date
    feed: str = DAILY_NAME

    @staticmethod
    @lru_cache(maxsize=1024)  # thousands of revisions name few files
    def of(text: str) -> FileDay:
        feed, _, day = text.rpartition("@")
        return FileDay(date.fromisoformat(day), feed or DAILY_NAME)

    @property
    def text(self) -> str:
        """Return the key of its items: `2026-11-24` of the daily file, else `nordpool@2026-11-24`."""
        return feed_day_text(self.day, self.feed)

    @property
    def rank(self) -> tuple[date, bool, str]:
        """Return its place among files: the later day leads, then the daily file, then the name of the feed."""
        return self.day, self.feed == DAILY_NAME, self.feed

    def __str__(self) -> str:
        return str(self.day) if self.feed == DAILY_NAME else f"{self.day} of feed {self.feed}"
