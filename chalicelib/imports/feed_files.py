"""The files of feeds: by name, by day, and by the keys of the bucket."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import date
from typing import NamedTuple

from chalicelib.common.errors import InvalidRequest, Problem
from chalicelib.feeds.feed import Feed
from chalicelib.feeds.store import FileStore


class FeedFile(NamedTuple):
    feed: Feed
    file_day: date
    key: str


def feed_named(name: str, feeds: Sequence[Feed]) -> Feed:
    """Return a feed; raises InvalidRequest that names all."""
    found = next((feed for feed in feeds if feed.name == name), None)
    if found is None:
        problem = Problem("feed", f"must be one of {', '.join(feed.name for feed in feeds)}, got {name[:60]!r}")
        raise InvalidRequest("the query has a problem", (problem,))
    return found


def file_of(feed: Feed, file_day: date) -> FeedFile:
    return FeedFile(feed, file_day, feed.key(file_day))


def files_of(feed: Feed, file_days: Collection[date], store: FileStore) -> Iterator[FeedFile]:
    """Return the files of these days: a pattern with `*` may have several of one day, or none, in the bucket."""
    if not feed.pattern.is_open:
        yield from (file_of(feed, day) for day in file_days)
        return
    for key in store.names(feed.pattern.prefix):
        day = feed.day_of(key)
        if day is not None and day in file_days:
            yield FeedFile(feed, day, key)
