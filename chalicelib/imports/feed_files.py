"""The feeds whose files can be imported, by name and by the key of a file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Final, NamedTuple

from chalicelib.common.errors import InvalidRequest, Problem
from chalicelib.feeds.feed import file_day_of, file_name, price_file_day_of, price_file_name
from chalicelib.imports.price_reading import DESK_FORMAT

TRADES: Final = "trades"
PRICES: Final = "prices"


class Feed(NamedTuple):
    name: str
    kind: str
    format: str
    pattern: str
    key: Callable[[date], str]
    day_of: Callable[[str], date | None]


DAILY: Final = Feed("daily", TRADES, "voltbook-daily", "epex_trades_{YYYYMMDD}.csv", file_name, file_day_of)
REFERENCE_PRICES: Final = Feed(
    "reference_prices",
    PRICES,
    DESK_FORMAT,
    "reference_prices_{YYYYMMDD}.csv",
    price_file_name,
    price_file_day_of,
)


def all_feeds() -> Sequence[Feed]:
    return DAILY, REFERENCE_PRICES


def feed_named(name: str) -> Feed:
    """Return a feed; raises InvalidRequest that names all."""
    feeds = {feed.name: feed for feed in all_feeds()}
    if name in feeds:
        return feeds[name]
    problem = Problem("feed", f"must be one of {', '.join(feeds)}, got {name[:60]!r}")
    raise InvalidRequest("the query has a problem", (problem,))


def feed_of(key: str) -> tuple[Feed, date] | None:
    """Return the feed whose pattern has this key, and the file day."""
    found = ((feed, feed.day_of(key)) for feed in all_feeds())
    return next(((feed, day) for feed, day in found if day is not None), None)
