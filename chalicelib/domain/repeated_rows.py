"""Rows of one file that share an id: equal ones are repeated, differing ones contradict each other.

The memory is bounded by a few bytes a row, also where every row of the longest file stands twice.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from chalicelib.domain.daily_file import Row
from chalicelib.domain.errors import Problem
from chalicelib.domain.line_set import Lines
from chalicelib.domain.trade import Trade

LINES_NAMED: Final = 5
AT_ONCE: Final = 100_000
_DIGEST: Final = 16
"""Bytes kept of the terms under a suspect id."""
_FIRST_HASH: Final = -(2**63)
_SEEN: Final = 1
_DIFFERS: Final = 2


@dataclass(slots=True)
class Contradiction:
    """Rows with one id and different terms: their lines, and the days on which they were executed."""

    trade_id: str
    digest: bytes
    differs: bool = False
    lines: array[int] = field(default_factory=lambda: array("I"))
    days: array[int] = field(default_factory=lambda: array("I"))

    @property
    def problem(self) -> Problem:
        """What is wrong with each of these rows."""
        named = ", ".join(str(line) for line in self.lines[:LINES_NAMED])
        more = f" and {len(self.lines) - LINES_NAMED} more" if len(self.lines) > LINES_NAMED else ""
        return Problem("id", f"stands on lines {named}{more} with different terms, got {self.trade_id!r}")

    def rows(self) -> Iterator[tuple[int, date]]:
        """Return line and day of execution of each row."""
        return zip(self.lines, map(date.fromordinal, self.days), strict=True)


def hash_of(trade_id: str) -> int:
    """Return the 8 bytes that are kept of each id of a file."""
    return hash(trade_id)


def sort_out(
    ids: array[int], read_again: Callable[[], Iterator[Row]], most: int
) -> tuple[Lines, Sequence[Contradiction]]:
    """Find the lines that repeat an earlier line's trade, and the first `most` ids that contradict themselves.

    `ids` are the hashes of all good rows' ids. The file is read again only if some may repeat, and once more only if
    some of these differ; what shares a hash by accident is then told apart by its id.
    """
    suspects = _doubled(ids)
    if not suspects:
        return Lines(), ()
    repeated, looks = _compare(suspects, read_again())
    if _DIFFERS not in looks:
        return repeated, ()
    groups: dict[str, Contradiction] = {}
    for line, trade, place in _suspected(suspects, read_again()):
        if looks[place] != _DIFFERS:
            continue
        repeated.discard(line)
        digest = trade.terms_digest()
        if trade.id in groups or len(groups) < most:
            group = groups.setdefault(trade.id, Contradiction(trade.id, digest))
            group.differs |= group.digest != digest
            group.lines.append(line)
            group.days.append(trade.own_day.toordinal())
    for group in groups.values():
        for line in () if group.differs else group.lines[1:]:
            repeated.add(line)
    return repeated, [group for group in groups.values() if group.differs]


def _compare(suspects: array[int], rows: Iterator[Row]) -> tuple[Lines, bytearray]:
    """Return the lines that repeat the first row of their id's hash, and for each hash whether others differ."""
    repeated, looks = Lines(), bytearray(len(suspects))
    digests = bytearray(_DIGEST * len(suspects))
    for line, trade, place in _suspected(suspects, rows):
        digest, kept = trade.terms_digest(), slice(place * _DIGEST, (place + 1) * _DIGEST)
        if not looks[place]:
            looks[place], digests[kept] = _SEEN, digest
        elif digests[kept] == digest:
            repeated.add(line)
        else:
            looks[place] = _DIFFERS
    return repeated, looks


def _suspected(suspects: array[int], rows: Iterator[Row]) -> Iterator[tuple[int, Trade, int]]:
    for row in rows:
        if row.trade is not None:
            wanted = hash_of(row.trade.id)
            place = bisect_left(suspects, wanted)
            if place < len(suspects) and suspects[place] == wanted:
                yield row.line, row.trade, place


def _doubled(ids: array[int]) -> array[int]:
    """Return in order each hash that occurs more than once.

    A part of them is looked at at a time: a set takes many times what they take in the array.
    """
    parts = 1 + len(ids) // AT_ONCE
    width = 2**64 // parts + 1
    found: array[int] = array("q")
    for low in range(_FIRST_HASH, -_FIRST_HASH, width):
        high, seen, doubled = low + width, set[int](), set[int]()
        for one in ids:
            if low <= one < high:
                (doubled if one in seen else seen).add(one)
        found.extend(sorted(doubled))
    return found
