"""The outbox and the topic in memory."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date, datetime

from chalicelib.common.errors import Unavailable
from chalicelib.common.names import DAILY_NAME
from chalicelib.common.timestamps import format_utc
from chalicelib.notices.model import Kind, Notice

Key = tuple[date, Kind, int, str]


class FakeOutbox:
    """Notices in a dictionary."""

    def __init__(self) -> None:
        self.notices: dict[Key, Notice] = {}
        self.claims: dict[Key, tuple[str, datetime]] = {}
        self.opened: dict[date, int] = {}
        self.feeds = {DAILY_NAME: self}

    def of_feed(self, feed: str) -> FakeOutbox:
        if feed not in self.feeds:
            self.feeds[feed] = FakeOutbox()
            self.feeds[feed].feeds = self.feeds
        return self.feeds[feed]

    def add(self, notice: Notice) -> None:
        self.notices.setdefault(_key(notice), notice)

    def has(self, notice: Notice) -> bool:
        return _key(notice) in self.notices

    def of(self, file_days: Collection[date]) -> Sequence[Notice]:
        found = [notice for notice in self.notices.values() if notice.file_day in file_days]
        return sorted(found, key=lambda notice: notice.written_at)

    def claim(self, notice: Notice, owner: str, now: datetime, until: datetime) -> bool:
        held, (holder, expires) = self.notices[_key(notice)], self.claims.get(_key(notice), (owner, now))
        if held.sent_at is not None or (holder != owner and expires > now):
            return False
        self.claims[_key(notice)] = (owner, until)
        return True

    def sent(self, notice: Notice, at: datetime) -> None:
        self.notices[_key(notice)] = replace(notice, sent_at=format_utc(at))
        self.claims.pop(_key(notice), None)


def _key(notice: Notice) -> Key:
    version = 0 if notice.kind is Kind.LATE else notice.version
    return (notice.file_day, notice.kind, version, notice.of_file)


class FakeNotices:
    """Keeps what was sent; a test may take it down."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str]] = []
        self.down = False
        self.subscribed = True

    def has_receiver(self) -> bool:
        return self.subscribed

    def publish(self, subject: str, body: str) -> None:
        if self.down:
            message = "nobody answers"
            raise Unavailable(message)
        self.sent.append((subject, body))
