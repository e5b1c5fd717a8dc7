"""Which side of a trade a row of a daily file states, and which sides the rows of a file leave out."""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from chalicelib.common.windows import windows
from chalicelib.feeds.file_day import FileDay
from chalicelib.imports.repeated_rows import is_in, is_self_traded, side_hash
from chalicelib.positions.model import Direction
from chalicelib.trades.model import Trade, TradeKey
from chalicelib.trades.revision import Revision
from chalicelib.trades.service import find_sides
from chalicelib.trades.side import name_and_side, second_side_of, side_id, venue_and_id
from chalicelib.trades.statement import as_v2
from chalicelib.trades.store import Book

READ_AT_ONCE: Final = 100
Stated = tuple[str, Direction | None]
"""The name of the first side of a row's trade (`side_id`), and the row's direction if that is legible."""
MayTurn = Callable[[Revision], bool]
"""Whether a row of the other direction corrects this side, if that is the only one of its trade."""


def first_side_of(trade: Trade) -> str:
    return side_id(trade.venue, trade.id)


def may_turn(side: Revision, file: FileDay) -> bool:
    """Check whether a row of the daily file in the other direction corrects the only side of a trade.

    If the file of another feed stated the side, or its venue took it back, the row states a side of its own: whose file
    came first must not matter.
    """
    return side.trade.state.counts and all(seen.feed == file.feed for seen in side.seen_in)


def side_met(
    row: Trade,
    current: Revision | None,
    file: FileDay,
    may_turn: Callable[[Revision, FileDay], bool],
    self_traded: Callable[[], Sequence[int]],
) -> Revision | None:
    """Return the side that a row states, or None if it is a new one; `current` is what `find_sides` found.

    A row of which the file has both directions states a side of its own.
    """
    if current is None or current.trade.direction is row.direction:
        return current
    turns = may_turn(current, file) and not is_self_traded(first_side_of(row), self_traded())
    return current if turns else None


def second_side(row: Revision, first: Revision, file: FileDay) -> Revision:
    """Return a new second side; the files that were seen to hold the first one may hold this one."""
    return row._replace(side=2, noted=first.seen_in - {file})


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
        hashes = (side_hash(name, one) for name, direction in rows for one in directions_of(direction))
        self._hashes = array("q", sorted(hashes))

    def has(self, name: str, direction: Direction) -> bool:
        return is_in(self._hashes, side_hash(name, direction))

    def has_either(self, name: str) -> bool:
        return any(self.has(name, direction) for direction in Direction)


NOTHING: Final = StatedSides(())


def directions_of(direction: Direction | None) -> Collection[Direction]:
    return tuple(Direction) if direction is None else (direction,)


def sides_without_row(rows: Iterable[Stated], stated: StatedSides, may_turn: MayTurn, book: Book) -> set[str]:
    """Return the booked sides that rows of another file or version state, and this one's do not.

    A row of the other direction states the only side of its id if it may turn it.
    """
    without: set[str] = set()
    turned: set[str] = set()
    for revision in _revisions_of(rows, stated, book):
        name, direction = first_side_of(revision.trade), revision.trade.direction
        if not stated.has(name, direction):
            (turned if stated.has_either(name) and may_turn(revision) else without).add(revision.side_id)
    return without | (turned - alone(turned, book))


def _revisions_of(rows: Iterable[Stated], stated: StatedSides, book: Book) -> Iterator[Revision]:
    names: defaultdict[Direction, set[str]] = defaultdict(set)
    for name, direction in rows:
        for one in directions_of(direction):
            if not stated.has(name, one):
                names[one].add(name)
    for direction, of_direction in names.items():
        for batch in windows(sorted(of_direction), READ_AT_ONCE):
            yield from find_sides([TradeKey(*venue_and_id(name), direction) for name in batch], book).values()


def turned_sides(rows: Iterable[Trade], stated: StatedSides, book: Book) -> Iterator[Revision]:
    """Return the booked sides of trades that the rows of a file state in the other direction alone."""
    for batch in windows(rows, READ_AT_ONCE // 2):
        names = sorted({first_side_of(row) for row in batch})
        single = [name for name in names if not all(stated.has(name, direction) for direction in Direction)]
        seconds = sorted(book.booked([second_side_of(name) for name in single]))
        firsts = [name_and_side(name)[0] for name in seconds]
        for side in book.find_many([*firsts, *seconds]).values():
            if side.counts and not stated.has(first_side_of(side.trade), side.trade.direction):
                yield side


def sides_in(rows: Iterable[Stated], sides: Mapping[str, Direction], may_turn: MayTurn, book: Book) -> set[str]:
    """Return those of these sides that rows state; one of the other direction does if it may turn the only side."""
    present: set[str] = set()
    turned: set[str] = set()
    for first, direction in rows:
        for name in (first, second_side_of(first)):
            if name in sides:
                (present if direction in {None, sides[name]} else turned).add(name)
    return present | {name for name, side in _only_sides(turned - present, book) if may_turn(side)}


def _only_sides(names: Collection[str], book: Book) -> Iterator[tuple[str, Revision]]:
    for batch in windows(sorted(alone(names, book)), READ_AT_ONCE):
        yield from book.find_many(batch).items()


def alone(names: Collection[str], book: Book) -> set[str]:
    """Return those of these sides that are the only one of their trade."""
    found: set[str] = set()
    for batch in windows(sorted(names), READ_AT_ONCE):
        others = {name: other_side(name) for name in batch}
        booked = set(book.booked(others.values()))
        found |= {name for name, other in others.items() if other not in booked}
    return found


def other_side(name: str) -> str:
    first, side = name_and_side(name)
    return second_side_of(first) if side == 1 else first
