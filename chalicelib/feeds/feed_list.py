"""The feeds, each with its newest file and its next deadline."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from chalicelib.access.identity import Identity
from chalicelib.common.clock import Clock
from chalicelib.common.errors import InvalidRequest, Problem
from chalicelib.common.timestamps import format_utc
from chalicelib.feeds.feed import Feed, FeedKind
from chalicelib.feeds.feed_file import WEEKDAYS
from chalicelib.feeds.service import FileStatus, list_files
from chalicelib.feeds.store import Receipts
from chalicelib.notices.store import Outbox


class FeedStatus(NamedTuple):
    feed: Feed
    newest: FileStatus | None
    """Of the last 30 file days; None for prices, which have no receipts of trades."""
    next_deadline: str | None

    def as_json(self) -> dict[str, object]:
        feed, newest = self.feed, self.newest.as_json() if self.newest else {}
        return {
            "name": feed.name,
            "kind": feed.kind.value,
            "venue": feed.venue,
            "format": feed.format,
            "pattern": feed.pattern.text,
            "deadline": f"{feed.deadline:%H:%M}" if feed.deadline else None,
            "deadline_days": feed.deadline_days,
            "timezone": feed.timezone.key,
            "required": feed.required,
            "since": feed.since.isoformat() if feed.since else None,
            "weekdays": [WEEKDAYS[day] for day in sorted(feed.weekdays)],
            "newest_file_day": newest.get("file_day"),
            "state": newest.get("state"),
            "next_deadline": self.next_deadline,
        }


def list_feeds(
    feeds: Sequence[Feed], caller: Identity, receipts: Receipts, outbox: Outbox, clock: Clock
) -> Sequence[FeedStatus]:
    """Return all feeds in the order of the settings; raises NotAllowed."""
    caller.require_files()
    now = clock.now()
    found = []
    for feed in feeds:
        newest: Sequence[FileStatus] = ()
        if feed.kind is FeedKind.TRADES:
            newest = list_files(None, None, caller, receipts.of(feed), outbox.of_feed(feed.name), clock, feed)
        deadline = feed.next_deadline(now)
        found.append(FeedStatus(feed, newest[0] if newest else None, format_utc(deadline) if deadline else None))
    return found


def feed_of_trades(name: str | None, feeds: Sequence[Feed]) -> Feed:
    """Return the feed of trades of this name (None: the daily file); raises InvalidRequest that names all."""
    of_trades = [feed for feed in feeds if feed.kind is FeedKind.TRADES]
    found = next((feed for feed in of_trades if name is None or feed.name == name), None)
    if found is None:
        names = ", ".join(feed.name for feed in of_trades)
        problem = Problem("feed", f"must be a feed of trades: {names}; got {str(name)[:60]!r}")
        raise InvalidRequest("the request has a problem", (problem,))
    return found
