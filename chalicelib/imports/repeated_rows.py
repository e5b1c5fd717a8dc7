"""Rows of one file that share an id: equal rows are repeated, different ones contradict each other.

Takes a few bytes of memory per row.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Final

from chalicelib.common.errors import Problem
from chalicelib.imports.formats.daily import Row
from chalicelib.trades.model import Trade

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


def hash_of(trade_id: str) -> int:
    """Return the 8 bytes that represent an id in memory."""
    return hash(trade_id)


def sort_out(
    ids: array[int], read_again: Callable[[], Iterator[Row]], most: int
) -> tuple[Sequence[int], Sequence[Group], int]:
    """Return the lines of repeated rows in order, groups of contradicting rows, and the number of all such rows.

    `ids` are the hashes of the ids of all good rows. The file is read again if ids may repeat, and once more if rows
    differ. At most `most` groups are returned.
    """
    suspects = _doubled(ids)
    if not suspects:
        return (), (), 0
    later, states = _compare(suspects, read_again())
    if _DIFFERS not in states:
        return later, (), 0
    repeated: array[int] = array("I")
    groups: dict[str, Group] = {}
    rows = 0
    for line, trade, place in _suspected(suspects, read_again()):
        if states[place] != _DIFFERS:
            if is_in(later, line):
                repeated.append(line)
            continue
        rows += 1
        digest = trade.terms_digest()
        if trade.id in groups or len(groups) < most:
            groups.setdefault(trade.id, Group(trade.id, digest)).add(line, trade, digest)
    alike = [group for group in groups.values() if not group.differs]  # another id with the same hash differs
    for group in alike:
        rows -= len(group.lines)
        repeated.extend(group.lines[1:])
    return sorted(repeated) if alike else repeated, [group for group in groups.values() if group.differs], rows


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
            wanted = hash_of(row.trade.id)
            place = bisect_left(suspects, wanted)
            if place < len(suspects) and suspects[place] == wanted:
                yield row.line, row.trade, place


def _doubled(ids: array[int]) -> array[int]:
    # One range of hashes at a time, as a set takes many times the memory of the array.
    width = 2**64 // (1 + len(ids) // AT_ONCE) + 1
    doubled: array[int] = array("q")
    for low in range(_FIRST_HASH, -_FIRST_HASH, width):
        counts = Counter(id_hash for id_hash in ids if low <= id_hash < low + width)
        doubled.extend(sorted(id_hash for id_hash, count in counts.items() if count > 1))
    return doubled
