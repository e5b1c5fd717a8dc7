"""Which side of a trade a row of a daily file states, and which sides the rows of a file leave out."""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from chalicelib.common.windows import windows
from chalicelib.feeds.file_day import FileDay
from chalicelib.imports.repeated_rows import is_in, is_self_traded, side_hash
from chalicelib.positions.model import VENUE, Direction
from chalicelib.trades.model import Trade, TradeKey
from chalicelib.trades.revision import Revision
from chalicelib.trades.service import find_sides
from chalicelib.trades.side import name_and_side, side_id, venue_and_id
from chalicelib.trades.statement import as_v2
from chalicelib.trades.store import Book

READ_AT_ONCE: Final = 100
Stated = tuple[str, Direction | None]
"""The id of a row, and its direction if that is legible."""


def side_met(row: Trade, current: Revision | None, self_traded: Callable[[], Sequence[int]]) -> Revision | None:
    """Return the side that a row states, or None if it is a new one; `current` is what `find_sides` found.

    The other direction of the only side corrects it, unless the file has rows of both, or the venue took it back.
    """
    if current is None or current.trade.direction is row.direction:
        return current
    own = not current.trade.state.counts or is_self_traded(row.id, self_traded())
    return None if own else current


def second_side(row: Revision, first: Revision, file: FileDay) -> Revision:
    """Return a new second side; the files that were seen to hold the first one may hold this one."""
    return replace(row, side=2, noted=first.seen_in - {file})


def stated_terms(revision: Revision) -> dict[str, Any]:
    """Return the terms of a trade as JSON values, in the v1 form if that states it."""
    if revision.trade.in_v1_form:
        return revision.trade.as_fields()
    terms = as_v2(revision)
    del terms["revision"]
    return terms


class StatedSides:
    """The sides that the rows of a file state, at 8 bytes a row; a row of illegible direction states both."""

    def __init__(self, rows: Iterable[Stated]) -> None:
        hashes = (side_hash(trade_id, one) for trade_id, direction in rows for one in directions_of(direction))
        self._hashes = array("q", sorted(hashes))

    def has(self, trade_id: str, direction: Direction) -> bool:
        return is_in(self._hashes, side_hash(trade_id, direction))

    def has_either(self, trade_id: str) -> bool:
        return any(self.has(trade_id, direction) for direction in Direction)


NOTHING: Final = StatedSides(())


def directions_of(direction: Direction | None) -> Collection[Direction]:
    return tuple(Direction) if direction is None else (direction,)


def sides_without_row(rows: Iterable[Stated], stated: StatedSides, book: Book) -> set[str]:
    """Return the booked sides that rows of another file or version state, and this one's do not.

    A row of the other direction states the only side of its id.
    """
    without: set[str] = set()
    turned: set[str] = set()
    for revision in _revisions_of(rows, stated, book):
        trade_id, direction = revision.trade.id, revision.trade.direction
        if not stated.has(trade_id, direction):
            (turned if stated.has_either(trade_id) else without).add(revision.side_id)
    return without | (turned - alone(turned, book))


def _revisions_of(rows: Iterable[Stated], stated: StatedSides, book: Book) -> Iterator[Revision]:
    ids: defaultdict[Direction, set[str]] = defaultdict(set)
    for trade_id, direction in rows:
        for one in directions_of(direction):
            if not stated.has(trade_id, one):
                ids[one].add(trade_id)
    for direction, of_direction in ids.items():
        for batch in windows(sorted(of_direction), READ_AT_ONCE):
            yield from find_sides([TradeKey(VENUE, trade_id, direction) for trade_id in batch], book).values()


def sides_in(rows: Iterable[Stated], sides: Mapping[str, Direction], book: Book) -> set[str]:
    """Return those of these sides that rows state."""
    present: set[str] = set()
    turned: set[str] = set()
    for trade_id, direction in rows:
        for name in (side_id(VENUE, trade_id), side_id(VENUE, trade_id, 2)):
            if name in sides:
                (present if direction in {None, sides[name]} else turned).add(name)
    return present | alone(turned - present, book)


def alone(names: Collection[str], book: Book) -> set[str]:
    """Return those of these sides that are the only one of their trade."""
    found: set[str] = set()
    for batch in windows(sorted(names), READ_AT_ONCE):
        others = {name: _other_side(name) for name in batch}
        booked = set(book.booked(others.values()))
        found |= {name for name, other in others.items() if other not in booked}
    return found


def _other_side(name: str) -> str:
    first, side = name_and_side(name)
    return side_id(*venue_and_id(first), 3 - side)
