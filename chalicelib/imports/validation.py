"""Validating a whole daily file before any row is booked, in bounded memory."""

from __future__ import annotations

from array import array
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import BinaryIO, Final

from chalicelib.common.csv_records import MAX_LINE_BYTES, Header, UnreadableFile
from chalicelib.common.errors import InvalidRequest, Problem
from chalicelib.common.fields import shown_value
from chalicelib.common.foreign_format import describe_foreign_format
from chalicelib.common.timestamps import format_utc
from chalicelib.feeds.receipt import RULES, FileState, QuarantinedRow
from chalicelib.feeds.store import MAX_FILE_BYTES
from chalicelib.imports.column_checks import checked_columns, require_repeated
from chalicelib.imports.formats.daily import Row, read_rows, read_trade_header
from chalicelib.imports.repeated_rows import SortedOut, add_side, hashes_of, is_in, sort_out
from chalicelib.positions.model import Direction
from chalicelib.trades.model import FIELDS, Trade

CLOCKS_DIFFER: Final = timedelta(minutes=5)
"""How far the exchange's clock may be ahead of the file store's."""
_NEVER_CUT: Final = "execution_time"
"""The only column that is invalid when it is cut short, so that a file may end in it without a line end."""


@dataclass(frozen=True, slots=True)
class Limits:
    """A file is rejected if its bad rows exceed both of the first two limits, or if it exceeds `rows` or `size`."""

    bad_rows: int = 10
    bad_share_percent: int = 1
    rows: int = 2_000_000
    size: int = MAX_FILE_BYTES
    """Bytes."""
    fewer_percent: int = 20
    """A version is held if it has fewer rows than the last one by more than this percentage."""
    harmless_columns: frozenset[str] = frozenset()
    """Columns that are not compared with the eight fields; case does not matter."""
    footers: frozenset[str] = frozenset()
    """Texts of a last line that count as blank."""


@dataclass(frozen=True, slots=True)
class FileValidation:
    """The result of validating a file: `state` is `importing` if its good rows may be booked.

    `repeated` are the lines, in order, with the trade of an earlier line. `self_traded` are hashes of the ids that have
    rows in both directions. `executed` counts good rows by Berlin day.
    """

    state: FileState
    rows: int = 0
    header: Header | None = None
    quarantine: tuple[QuarantinedRow, ...] = ()
    repeated: Sequence[int] = ()
    self_traded: Sequence[int] = ()
    reason: str | None = None
    executed: Mapping[date, int] = field(default_factory=dict)
    file_day: date | None = None
    format: str | None = None
    """Unless it is the daily file's."""
    mapping: str | None = None
    unset: InvalidRequest | None = None
    """Why the settings do not let it be read."""

    @property
    def ignored_columns(self) -> tuple[str, ...]:
        """Return the columns that are neither a field of a trade nor compared with one."""
        if self.header is None:
            return ()
        checked = {self.header.columns[place] for place in self.header.checked}
        return tuple(name for name in self.header.ignored if name not in checked)

    @property
    def own_rows(self) -> int:
        return self.executed.get(self.file_day, 0) if self.file_day else 0

    @property
    def other_rows(self) -> int:
        return sum(rows for _, rows in self.other_days)

    @property
    def other_days(self) -> tuple[tuple[date, int], ...]:
        """Return the number of good rows by each other day of execution, in order."""
        return tuple((day, count) for day, count in sorted(self.executed.items()) if day != self.file_day)


def validate_file(
    content: BinaryIO, limits: Limits, *, file_day: date | None = None, stored_at: datetime | None = None
) -> FileValidation:
    """Validate a seekable file, which is read once, and again if ids repeat.

    A row is bad if it was executed later than `stored_at` by more than clocks may differ.
    """
    return replace(_validate(content, limits, stored_at), file_day=file_day)


def _validate(content: BinaryIO, limits: Limits, stored_at: datetime | None) -> FileValidation:
    content.seek(0)
    first = content.readline(MAX_LINE_BYTES + 1)
    if not first.strip() and not content.read(1):
        return FileValidation(FileState.WAITING, reason="the file is empty")
    if foreign := describe_foreign_format(first, FIELDS):
        return FileValidation(FileState.REJECTED, reason=foreign)
    if len(first) > MAX_LINE_BYTES:
        return FileValidation(FileState.REJECTED, reason=f"line 1 is longer than {MAX_LINE_BYTES} bytes")
    if not first.endswith(b"\n"):
        return _validate_header_alone(first, limits)
    content.seek(len(first))
    try:
        return _validate_rows(content, _header(first, limits), limits, stored_at)
    except UnreadableFile as unreadable:
        return FileValidation(FileState.REJECTED, reason=unreadable.message)


def _header(first: bytes, limits: Limits) -> Header:
    header = read_trade_header(first)
    return replace(header, checked=checked_columns(header.columns, limits.harmless_columns))


def _validate_header_alone(first: bytes, limits: Limits) -> FileValidation:
    # Without a line end the header is complete only if a known field is its last.
    with suppress(UnreadableFile):
        header = _header(first, limits)
        if header.last in FIELDS:
            return FileValidation(FileState.IMPORTING, header=header)
    return FileValidation(FileState.WAITING, reason="the file ends inside its header")


def validate_imported(content: BinaryIO, quarantine: Sequence[QuarantinedRow], rules: int = RULES) -> FileValidation:
    """Return the validation of a file that was imported before, from its header and its stored quarantine.

    `repeated` is empty: repeated rows count as already there. `rules` are those of the receipt, under which names may
    be valid that are refused in a new file.
    """
    content.seek(0)
    header = read_trade_header(content.readline())
    header = replace(header, stored=True, spaced=header.spaced and rules > 1)
    return FileValidation(FileState.IMPORTING, header=header, quarantine=tuple(quarantine))


def validate_unfinished(content: BinaryIO, quarantine: Sequence[QuarantinedRow], rules: int) -> FileValidation:
    """Return the validation of a file whose import was begun under earlier rules, which also apply to the rest.

    It has the repeated lines, as the counts of an unfinished import exclude them.
    """
    validation = validate_imported(content, quarantine, rules)

    def read_again() -> Iterator[Row]:
        return (Row(line, trade, (), cut=False) for line, trade in good_rows(content, validation))

    found = sort_out(hashes_of(row_sides(content, validation)), read_again, 0)
    return replace(validation, repeated=found.repeated, self_traded=found.self_traded)


def self_traded_of(content: BinaryIO, validation: FileValidation) -> Sequence[int]:
    """Return the `self_traded` of a file that was imported before; reads the file."""
    return sort_out(hashes_of(row_sides(content, validation)), lambda: iter(()), 0).self_traded


def good_rows(content: BinaryIO, validation: FileValidation) -> Iterator[tuple[int, Trade]]:
    """Return line and trade of each row that is neither quarantined nor repeated."""
    if validation.header is None:
        return
    quarantined = {row.line for row in validation.quarantine}
    for row in _again(content, validation.header):
        if row.trade is not None and row.line not in quarantined and not is_in(validation.repeated, row.line):
            yield row.line, row.trade


def row_sides(content: BinaryIO, validation: FileValidation) -> Iterator[tuple[str, Direction | None]]:
    """Return the id and the direction of each row, also of those that are no trades, where it is legible."""
    rows = _again(content, validation.header) if validation.header is not None else iter(())
    return ((row.trade_id, row.direction) for row in rows if row.trade_id is not None)


def line_with_id(
    content: BinaryIO, validation: FileValidation, trade_id: str, direction: Direction | None = None
) -> int | None:
    """Return the first line with this id, and this direction unless that is None or illegible."""
    rows = _again(content, validation.header) if validation.header is not None else iter(())
    found = (row for row in rows if row.trade_id == trade_id)
    return next((row.line for row in found if direction is None or row.direction in {None, direction}), None)


def last_row(content: BinaryIO) -> Row | None:
    """Return the last row that is not blank; raises UnreadableFile."""
    content.seek(0)
    last = deque(_again(content, read_trade_header(content.readline())), maxlen=1)
    return last[0] if last else None


class BadRows:
    def __init__(self, limits: Limits) -> None:
        # Rows to keep: more would not change the result.
        self.most = max(limits.bad_rows, limits.rows * limits.bad_share_percent // 100) + 1
        self.rows = 0
        self.kept: dict[int, QuarantinedRow] = {}

    def keep(self, line: int, problems: tuple[Problem, ...]) -> None:
        if len(self.kept) < self.most:
            self.kept[line] = QuarantinedRow(line, problems)

    def keep_contradictions(self, found: SortedOut, executed: Counter[date]) -> None:
        self.rows += found.rows
        for group in found.contradictions:
            problem = group.problem
            for line, day in group.rows():
                if line not in self.kept:
                    executed[day] -= 1
                self.keep(line, (problem,))

    def reason_to_reject(self, rows: int, limits: Limits) -> str | None:
        if self.rows <= limits.bad_rows or self.rows * 100 <= rows * limits.bad_share_percent:
            return None
        first = self.kept[min(self.kept)].without_values
        return f"{self.rows} of {rows} rows are no valid trades; the first is {first}"

    @property
    def quarantine(self) -> tuple[QuarantinedRow, ...]:
        return tuple(row for _, row in sorted(self.kept.items()))


def _validate_rows(content: BinaryIO, header: Header, limits: Limits, stored_at: datetime | None) -> FileValidation:
    bad = BadRows(limits)
    sides: array[int] = array("q")
    executed: Counter[date] = Counter()
    rows, footer = 0, None
    in_time = _in_time(stored_at)
    for row in read_rows(content, header):
        rows += 1
        if rows > limits.rows:
            raise too_many_rows(limits)
        footer = row.line if row.trade is None and row.text in limits.footers else None
        if footer is None and row.cut and (row.trade is None or header.last != _NEVER_CUT):
            return FileValidation(FileState.WAITING, rows, header, reason=f"the file ends inside line {row.line}")
        if footer is None and row.checked:
            require_repeated(row, header.columns, header.checked)
        add_side(sides, row.trade_id, row.direction)
        timely = in_time(row)
        if timely.trade is None:
            bad.rows += 1
            bad.keep(row.line, timely.problems)
        else:
            executed[timely.trade.own_day] += 1
    if footer is not None:
        rows, bad.rows = rows - 1, bad.rows - 1
        bad.kept.pop(footer, None)
    found = sort_out(sides, lambda: map(in_time, _again(content, header)), bad.most)
    bad.keep_contradictions(found, executed)
    if reason := bad.reason_to_reject(rows, limits):
        return FileValidation(FileState.REJECTED, rows, header, bad.quarantine, reason=reason)
    return FileValidation(
        FileState.IMPORTING, rows, header, bad.quarantine, found.repeated, found.self_traded, executed=+executed
    )


def too_many_rows(limits: Limits) -> UnreadableFile:
    return UnreadableFile(f"the file has more than {limits.rows} rows")


def late_execution(stored_at: datetime | None) -> Callable[[Trade], Problem | None]:
    """Return a function that finds trades that were executed after the file was stored."""
    if stored_at is None:
        return lambda _: None
    latest = stored_at + CLOCKS_DIFFER
    hour = f"{latest.astimezone(UTC):%Y-%m-%dT%H}"

    def problem_of(trade: Trade) -> Problem | None:
        if trade.execution_time < hour or trade.executed_at <= latest:
            return None
        minutes = CLOCKS_DIFFER // timedelta(minutes=1)
        stored, got = format_utc(stored_at), shown_value(trade.execution_time)
        message = f"must not be later than {minutes} minutes after the file was stored ({stored}), got {got}"
        return Problem(_NEVER_CUT, message)

    return problem_of


def _in_time(stored_at: datetime | None) -> Callable[[Row], Row]:
    """Return a function that makes rows bad that were executed after the file was stored."""
    late = late_execution(stored_at)

    def checked(row: Row) -> Row:
        problem = late(row.trade) if row.trade is not None else None
        return row if problem is None else row._replace(trade=None, problems=(problem,))

    return checked


def _again(content: BinaryIO, header: Header) -> Iterator[Row]:
    content.seek(0)
    content.readline()
    return read_rows(content, header)
