"""Which feed a file is of, and its day: by its name where the patterns of the feeds say so, else by options."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

import click

from chalicelib.feeds.feed import BUILT_IN, Feed, FeedKind, feeds_of, near_misses
from chalicelib.feeds.key_pattern import InvalidPattern, KeyPattern
from chalicelib.imports.feed_files import FeedFile
from chalicelib.imports.formats.recognition import AUTO

if TYPE_CHECKING:
    from cli.client.operations import Client


def feed_file(name: str, feeds: Sequence[Feed], feed_name: str | None, file_day: date | None) -> FeedFile:
    """Return the feed and day of a file of this name; raises click.BadParameter that lists the feeds."""
    chosen = [feed for feed in feeds if feed.name == feed_name] if feed_name else feeds
    if not chosen:
        raise click.BadParameter(f"must be one of {_listed(feeds)}; got {feed_name!r}", param_hint="--feed")
    found = [(feed, day) for feed in chosen if (day := _day_of(name, feed)) is not None]
    if feed_name and file_day is not None:
        found = [(chosen[0], file_day)]
    if len(found) == 1:
        [(feed, day)] = found
        day = file_day or day
        return FeedFile(feed, day, _own_key(name, feed, day) or feed.key(day))
    if feed_name:
        raise click.BadParameter(
            f"is not in the name {name!r}, expected {chosen[0].pattern.text}: add --file-day", param_hint="--file-day"
        )
    if found:
        both = " and ".join(feed.name for feed, _ in found)
        raise click.BadParameter(f"{name!r} may be of the feeds {both}: add --feed", param_hint="FILE")
    meant = [feed.key(day) for feed, day in near_misses(name, feeds)]
    rename = f" (rename it to {meant[0]})" if meant else ""
    raise click.BadParameter(
        f"must be named as the files of a feed, such as epex_trades_YYYYMMDD.csv; got {name!r}{rename}. Or add --feed "
        f"and --file-day; there are {_listed(feeds)}",
        param_hint="FILE",
    )


def feeds_behind(book: Client, names: Sequence[str], feed_name: str | None) -> Sequence[Feed]:
    """Return the feeds of a book behind an API; the built-in ones, unasked, if they have all the names."""
    if feed_name is None and all(feeds_of(name, BUILT_IN) for name in names):
        return BUILT_IN
    return [
        Feed(
            *(str(feed["name"]), KeyPattern.read(str(feed["pattern"])), FeedKind(str(feed["kind"]))),
            format=str(feed.get("format", AUTO)),
        )
        for feed in book.list_feeds()
    ]


def _day_of(name: str, feed: Feed) -> date | None:
    """Return the day in a file's name, which has none of the folders of the pattern."""
    try:
        return KeyPattern.read(feed.pattern.text.rpartition("/")[2]).day_of(name)
    except InvalidPattern:  # the day is in the name of a folder
        return None


def _own_key(name: str, feed: Feed, day: date) -> str | None:
    """Return the key with a file's own name, if the pattern takes it."""
    folder, slash, _ = feed.pattern.text.rpartition("/")
    key = f"{folder}{slash}{name}"
    return key if feed.day_of(key) == day else None


def _listed(feeds: Sequence[Feed]) -> str:
    return ", ".join(f"{feed.name} ({feed.pattern.text})" for feed in feeds)
