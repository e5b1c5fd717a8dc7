"""The verdict on a whole daily file, reached before anything of it is written and in bounded memory."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import BinaryIO, Final

from chalicelib.domain.daily_file import MAX_LINE_BYTES, Header, Row, UnreadableFile, read_header, read_rows
from chalicelib.domain.errors import Problem
from chalicelib.domain.receipt import RULES, FileState, QuarantinedRow
from chalicelib.domain.trade import Trade

LINES_NAMED: Final = 5
SORTED_AT_ONCE: Final = 100_000
_NEVER_CUT: Final = "execution_time"
"""The only column that cannot be cut short and stay valid, so a file may end in it without a line end."""


@dataclass(frozen=True, slots=True)
class Limits:
    """A file with more bad rows than both limits allow is rejected; a longer one than `rows` is not read at all."""

    bad_rows: int = 10
    bad_share_percent: int = 1
    rows: int = 2_000_000
    size: int = 256 * 1024 * 1024
    """Bytes."""
    fewer_percent: int = 20
    """A version with more than so many per cent fewer rows than the last one is held."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What to do with a file: `state` is `importing` where its good rows may be booked.

    `repeated` are lines that say the same again of a trade that stands on an earlier line.
    """

    state: FileState
    rows: int = 0
    header: Header | None = None
    quarantine: tuple[QuarantinedRow, ...] = ()
    repeated: frozenset[int] = frozenset()
    reason: str | None = None

    @property
    def ignored_columns(self) -> tuple[str, ...]:
        """Columns of the file that are no field of a trade."""
        return self.header.ignored if self.header else ()


def judge(content: BinaryIO, limits: Limits) -> Verdict:
    """Read the whole file once (and again where ids repeat) from a seekable stream of bytes, and judge it."""
    content.seek(0)
    first = content.readline(MAX_LINE_BYTES + 1)
    if not first.strip() and not content.read(1):
        return Verdict(FileState.WAITING, reason="the file is empty")
    if len(first) > MAX_LINE_BYTES:
        return Verdict(FileState.REJECTED, reason=f"line 1 is longer than {MAX_LINE_BYTES} bytes")
    if not first.endswith(b"\n"):
        return Verdict(FileState.WAITING, reason="the file ends inside its header")
    content.seek(len(first))
    try:
        return _judge_rows(content, read_header(first), limits)
    except UnreadableFile as unreadable:
        return Verdict(FileState.REJECTED, reason=unreadable.message)


def judged_before(content: BinaryIO, quarantine: Sequence[QuarantinedRow], rules: int = RULES) -> Verdict:
    """Return the verdict on a file that was imported, from what was kept of it: only its header is read again.

    `repeated` is left empty: such a row is then one of a trade that is there. A row that was good then is good now,
    though its names would be refused in a new file: `rules` are those of its receipt.
    """
    content.seek(0)
    header = replace(read_header(content.readline()), stored=True, rules=rules)
    return Verdict(FileState.IMPORTING, header=header, quarantine=tuple(quarantine))


def good_rows(content: BinaryIO, verdict: Verdict) -> Iterator[tuple[int, Trade]]:
    """Give line and trade of every row to book: neither quarantined nor repeated."""
    if verdict.header is None:
        return
    left_out = {row.line for row in verdict.quarantine} | verdict.repeated
    for row in _again(content, verdict.header):
        if row.trade is not None and row.line not in left_out:
            yield row.line, row.trade


def row_ids(content: BinaryIO, verdict: Verdict) -> Iterator[str]:
    """Give the id of every row that has one, also of those that are no valid trades."""
    if verdict.header is not None:
        yield from (row.trade_id for row in _again(content, verdict.header) if row.trade_id is not None)


def _judge_rows(content: BinaryIO, header: Header, limits: Limits) -> Verdict:
    bad: dict[int, tuple[Problem, ...]] = {}
    ids: array[int] = array("q")
    rows = 0
    most_kept = max(limits.bad_rows, limits.rows * limits.bad_share_percent // 100) + 1
    for row in read_rows(content, header):
        rows += 1
        if rows > limits.rows:
            message = f"the file has more than {limits.rows} rows"
            raise UnreadableFile(message)
        if row.cut and (row.trade is None or header.last != _NEVER_CUT):
            return Verdict(FileState.WAITING, rows, header, reason=f"the file ends inside line {row.line}")
        if row.trade is None:
            if len(bad) < most_kept:
                bad[row.line] = row.problems
        else:
            ids.append(hash(row.trade.id))
    repeated = _sort_out_repeated(content, header, ids, bad)
    quarantine = tuple(QuarantinedRow(line, bad[line]) for line in sorted(bad))
    if len(bad) > limits.bad_rows and len(bad) * 100 > rows * limits.bad_share_percent:
        return Verdict(FileState.REJECTED, rows, header, quarantine, reason=_too_many(quarantine, rows))
    return Verdict(FileState.IMPORTING, rows, header, quarantine, repeated)


def _too_many(quarantine: tuple[QuarantinedRow, ...], rows: int) -> str:
    first = quarantine[0]
    field = first.problems[0].field
    return f"{len(quarantine)} of {rows} rows are no valid trades; the first is line {first.line} ({field})"


def _sort_out_repeated(
    content: BinaryIO, header: Header, ids: array[int], bad: dict[int, tuple[Problem, ...]]
) -> frozenset[int]:
    """Find ids that stand on several lines: equal rows are repeated, differing ones all become bad.

    Only a hash of each id is held for the first look; the few that may repeat are then compared exactly.
    """
    suspects = _doubled(ids)
    if not suspects:
        return frozenset()
    held: dict[str, list[Row]] = {}
    for row in _again(content, header):
        if row.trade is not None and hash(row.trade.id) in suspects:
            held.setdefault(row.trade.id, []).append(row)
    repeated: set[int] = set()
    for trade_id, found in held.items():
        if all(_trade(row).same_terms(_trade(found[0])) for row in found):
            repeated.update(row.line for row in found[1:])
            continue
        problem = Problem("id", f"stands on lines {_lines(found)} with different terms, got {trade_id!r}")
        bad.update((row.line, (problem,)) for row in found)
    return frozenset(repeated)


def _lines(rows: Sequence[Row]) -> str:
    named = ", ".join(str(row.line) for row in rows[:LINES_NAMED])
    return named if len(rows) <= LINES_NAMED else f"{named} and {len(rows) - LINES_NAMED} more"


def _again(content: BinaryIO, header: Header) -> Iterator[Row]:
    content.seek(0)
    content.readline()
    return read_rows(content, header)


def _doubled(ids: array[int]) -> set[int]:
    """Look at a part of the ids at a time: sorted, each takes five times what it takes in the array."""
    parts = 1 + len(ids) // SORTED_AT_ONCE
    found: set[int] = set()
    for part in range(parts):
        ordered = sorted(one for one in ids if one % parts == part)
        found.update(one for one, other in pairwise(ordered) if one == other)
    return found


def _trade(row: Row) -> Trade:
    if row.trade is None:
        message = f"line {row.line} is no trade"
        raise ValueError(message)
    return row.trade
