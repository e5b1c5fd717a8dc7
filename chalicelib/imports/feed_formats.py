"""Which feeds have a format that cannot read their files: else only the first file would show it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from chalicelib.common.errors import InvalidRequest
from chalicelib.feeds.feed import Feed, FeedKind
from chalicelib.imports.format_reader import DAILY
from chalicelib.imports.formats.reading import Format, Kind
from chalicelib.imports.formats.recognition import AUTO, named

_ANY: Final = (AUTO, DAILY)


def unusable_formats(feeds: Sequence[Feed], mappings: Sequence[Format]) -> Iterator[str]:
    """Return a sentence for each feed whose format is not known, or is not of what the feed holds."""
    for feed in feeds:
        if feed.format in _ANY:
            continue
        try:
            form = named(feed.format, mappings)
        except InvalidRequest as error:
            yield f"feed {feed.name}: its files cannot be read: {error.in_full}"
            continue
        if (form.kind is Kind.PRICES) is not (feed.kind is FeedKind.PRICES):
            kinds = (
                f"a feed of {feed.kind.value}, and its format {feed.format} is of {form.kind.value.replace('_', ' ')}"
            )
            yield f"feed {feed.name}: its files cannot be read: it is {kinds}"
