"""Rows of one file that share an id: equal rows are repeated, different ones of one direction contradict each other.

Two rows of both directions are the two sides of a self-trade. Takes a few bytes of memory per row.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from typing import Final, NamedTuple

from chalicelib.common.errors import Problem
from chalicelib.imports.formats.daily import Row
from chalicelib.positions.model import Direction
from chalicelib.trades.model import Trade, TradeKey
from chalicelib.trades.side import side_id

LINES_NAMED: Final = 5
AT_ONCE: Final = 100_000
_DIGEST: Final = 16
"""The size of `Trade.terms_digest` in bytes."""
_FIRST_HASH: Final = -(2**63)
_SEEN: Final = 1
_DIFFERS: Final = 2


class Group:
    __slots__ = ("_days", "_digest", "differs", "lines", "trade_id")

    def __init__(self, trade_id: str, digest: bytes) -> None:
        self.trade_id = trade_id
        self.differs = False
        self.lines: array[int] = array("I")
        self._digest = digest
        self._days: array[int] = array("I")

    def add(self, line: int, trade: Trade, digest: bytes) -> None:
        self.differs |= digest != self._digest
        self.lines.append(line)
        self._days.append(trade.own_day.toordinal())

    @property
    def problem(self) -> Problem:
        return Problem("id", f"stands on lines {listed(self.lines)} with different terms, got {self.trade_id!r}")

    def rows(self) -> Iterator[tuple[int, date]]:
        return zip(self.lines, map(date.fromordinal, self._days), strict=True)


def listed(lines: Sequence[int]) -> str:
    more = f" and {len(lines) - LINES_NAMED} more" if len(lines) > LINES_NAMED else ""
    return f"{', '.join(map(str, lines[:LINES_NAMED]))}{more}"


def is_in(ordered: Sequence[int], number: int) -> bool:
    place = bisect_left(ordered, number)
    return place < len(ordered) and ordered[place] == number


def hash_of(name: str) -> int:
    """Return the 8 bytes that represent a trade in memory, by the name of its first side."""
    return hash(name)


def side_hash(name: str, direction: Direction) -> int:
    """Return the 8 bytes that represent a side; those of the other side differ in the last bit alone."""
    return _first_of(name) | (direction is Direction.SELL)


def hashes_of(sides: Iterable[tuple[str, Direction | None]]) -> array[int]:
    hashes: array[int] = array("q")
    for name, direction in sides:
        add_side(hashes, name, direction)
    return hashes


def add_side(hashes: array[int], name: str | None, direction: Direction | None) -> None:
    if name is not None and direction is not None:
        hashes.append(side_hash(name, direction))


def is_self_traded(name: str, self_traded: Sequence[int]) -> bool:
    return is_in(self_traded, _first_of(name))


def _first_of(name: str) -> int:
    return hash_of(name) & ~1


class SortedOut(NamedTuple):
    """`repeated` are the lines of repeated rows in order, `rows` is the number of all contradicting rows.

    `self_traded` are hashes, in order, of the ids with rows in both directions. That two ids of a night share one is
    less likely than a read error of the disk.
    """

    repeated: Sequence[int] = ()
    contradictions: Sequence[Group] = ()
    rows: int = 0
    self_traded: Sequence[int] = ()


def sort_out(sides: array[int], read_again: Callable[[], Iterator[Row]], most: int) -> SortedOut:
    """Sort out the rows of one file by `sides`, the hashes of all of them that are legible.

    The file is read again if rows may repeat, and once more if they differ. At most `most` groups are returned.
    """
    suspects, self_traded = _doubled(sides)
    if not suspects:
        return SortedOut(self_traded=self_traded)
    later, states = _compare(suspects, read_again())
    if _DIFFERS not in states:
        return SortedOut(later, self_traded=self_traded)
    repeated: array[int] = array("I")
    groups: dict[TradeKey, Group] = {}
    rows = 0
    for line, trade, place in _suspected(suspects, read_again()):
        if states[place] != _DIFFERS:
            if is_in(later, line):
                repeated.append(line)
            continue
        rows += 1
        digest = trade.terms_digest()
        if trade.key in groups or len(groups) < most:
            groups.setdefault(trade.key, Group(trade.id, digest)).add(line, trade, digest)
    alike = [group for group in groups.values() if not group.differs]  # another id with the same hash differs
    for group in alike:
        rows -= len(group.lines)
        repeated.extend(group.lines[1:])
    differing = [group for group in groups.values() if group.differs]
    return SortedOut(sorted(repeated) if alike else repeated, differing, rows, self_traded)


def _compare(suspects: array[int], rows: Iterator[Row]) -> tuple[array[int], bytearray]:
    """Return the lines that repeat the first row of their hash, and by hash whether any row differs."""
    repeated, states = array("I"), bytearray(len(suspects))
    digests = bytearray(_DIGEST * len(suspects))
    for line, trade, place in _suspected(suspects, rows):
        digest, stored = trade.terms_digest(), slice(place * _DIGEST, (place + 1) * _DIGEST)
        if not states[place]:
            states[place], digests[stored] = _SEEN, digest
        elif digests[stored] == digest:
            repeated.append(line)
        else:
            states[place] = _DIFFERS
    return repeated, states


def _suspected(suspects: array[int], rows: Iterator[Row]) -> Iterator[tuple[int, Trade, int]]:
    for row in rows:
        if row.trade is not None:
            wanted = side_hash(side_id(row.trade.venue, row.trade.id), row.trade.direction)
            place = bisect_left(suspects, wanted)
            if place < len(suspects) and suspects[place] == wanted:
                yield row.line, row.trade, place


def _doubled(sides: array[int]) -> tuple[array[int], array[int]]:
    """Return the hashes that occur twice, and of the sides that occur both the first."""
    # One range of hashes at a time, as a set takes many times the memory of the array.
    width = 2 * (2**63 // (1 + len(sides) // AT_ONCE) + 1)
    doubled: array[int] = array("q")
    both: array[int] = array("q")
    for low in range(_FIRST_HASH, -_FIRST_HASH, width):
        counts = Counter(side for side in sides if low <= side < low + width)
        doubled.extend(sorted(side for side, count in counts.items() if count > 1))
        both.extend(sorted(side for side in counts if not side & 1 and side | 1 in counts))
    return doubled, both
