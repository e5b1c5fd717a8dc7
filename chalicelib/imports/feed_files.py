"""The files of feeds: by name, by day, and by the keys of the bucket."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from chalicelib.common.errors import InvalidRequest, Problem
from chalicelib.common.fields import shown_value
from chalicelib.feeds.feed import Feed
from chalicelib.feeds.feed_file import InvalidFeeds
from chalicelib.feeds.store import FileStore, ListedFile
from chalicelib.positions.model import VENUE
from chalicelib.trades.venues import venue_of


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


def require_venues(feeds: Sequence[Feed], settings_file: str) -> Sequence[Feed]:
    """Return the feeds; raises InvalidFeeds for those whose venue is not in the table."""
    problems = []
    for feed in feeds:
        try:
            venue_of(feed.venue or VENUE)
        except ValueError as error:
            problems.append(Problem(f"[[feed]] {feed.name}: venue", f"{error}, got {shown_value(feed.venue)}"))
    if problems:
        raise InvalidFeeds(settings_file, tuple(problems))
    return feeds


def file_of(feed: Feed, file_day: date) -> FeedFile:
    return FeedFile(feed, file_day, feed.key(file_day))


def files_of(feed: Feed, file_days: Collection[date], store: FileStore) -> Iterator[FeedFile]:
    """Return the files of these days: a pattern with `*` may have several of one day, or none, in the bucket."""
    return (FeedFile(feed, day, key) for day, keys in keys_of(feed, file_days, store).items() for key in keys)


def keys_of(feed: Feed, file_days: Collection[date], store: FileStore) -> Mapping[date, Sequence[str]]:
    """Return the keys of each of these days: of a pattern with `*` those in the bucket, as they were stored."""
    if not feed.pattern.is_open:
        return {day: [feed.key(day)] for day in file_days}
    found: dict[date, list[ListedFile]] = {day: [] for day in file_days}
    for prefix in dict.fromkeys(map(feed.pattern.prefix_of, file_days)):
        for file in store.listed(prefix):
            day = feed.day_of(file.key)
            if day in found:
                found[day].append(file)
    in_order = ((day, sorted(files, key=lambda file: (file.stored_at, file.key))) for day, files in found.items())
    return {day: [file.key for file in files] for day, files in in_order}
