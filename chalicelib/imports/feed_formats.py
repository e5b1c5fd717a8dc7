"""Which feeds have a format that cannot read their files: else only the first file would show it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from chalicelib.common.errors import InvalidRequest
from chalicelib.feeds.feed import Feed
from chalicelib.imports.format_reader import DAILY
from chalicelib.imports.formats.reading import Format, Kind
from chalicelib.imports.formats.recognition import AUTO, named


def unusable_formats(feeds: Sequence[Feed], mappings: Sequence[Format]) -> Iterator[str]:
    """Return a sentence for each feed whose format is not known, or is not of what the feed holds."""
    for feed in feeds:
        try:
            kind = _kind_of(feed.format, mappings)
        except InvalidRequest as error:
            yield f"feed {feed.name}: its files cannot be read: {error.in_full}"
            continue
        if kind is not None and kind != feed.kind.value:
            other = f"it is of kind {feed.kind.value}, and its format {feed.format} is of kind {kind}"
            yield f"feed {feed.name}: its files cannot be read: {other}"


def _kind_of(form: str, mappings: Sequence[Format]) -> str | None:
    """Return what a format holds; None if each file shows it. Raises InvalidRequest if it is not known."""
    if form == AUTO:
        return None
    return Kind.TRADES.value if form == DAILY else named(form, mappings).kind.value
