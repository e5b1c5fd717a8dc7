"""Files of trades in any format but the daily one, read for an import."""

from __future__ import annotations

import io
from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import date, datetime
from functools import partial
from typing import Any, BinaryIO, Final, NamedTuple, NoReturn

from chalicelib.common.csv_records import UnreadableFile
from chalicelib.common.errors import InvalidRequest, Problem
from chalicelib.common.fields import shown_value
from chalicelib.feeds.file_day import FileDay
from chalicelib.feeds.receipt import FileState, QuarantinedRow, Receipt
from chalicelib.imports.file_reader import DailyReader, FileReader
from chalicelib.imports.formats import daily
from chalicelib.imports.formats.head import Head, read_head
from chalicelib.imports.formats.reading import Format, Kind, Row
from chalicelib.imports.formats.recognition import NotRecognised, named, recognise
from chalicelib.imports.formats.separated import CUT
from chalicelib.imports.formats.unpacked import unpacked
from chalicelib.imports.repeated_rows import add_side, hashes_of, is_in, sort_out
from chalicelib.imports.sides import Stated, first_side_of
from chalicelib.imports.validation import (
    BadRows,
    FileValidation,
    Limits,
    late_execution,
    too_many_rows,
)
from chalicelib.positions.model import Direction
from chalicelib.trades.model import Trade
from chalicelib.trades.revision import Revision
from chalicelib.trades.rules import RowEffect, RowRule, effect_in_file
from chalicelib.trades.statement import Statement, as_v2
from chalicelib.trades.statement_warnings import statement_warnings

_MOST_UNPACKED: Final = Limits().size
_JSON_ENDS: Final = {"[": b"]", "{": b"}"}
_END: Final = 1024
"""Bytes at the end of a file that show whether it is whole."""
DAILY: Final = "voltbook-daily"
AUTO: Final = "auto"


class Opened(NamedTuple):
    form: Format
    content: BinaryIO
    head: Head

    def rows(self, file_day: date | None) -> Iterator[Row]:
        """Return the rows that are not skipped."""
        rows = self.form.read(self.content, self.head, file_day)
        return (row for row in rows if row.statements or row.problems)


class FormatReader:
    """Reads files of the format that `choose` finds by their head; `venue` is that of the feed."""

    rereads = True
    turns = False
    warnings = staticmethod(statement_warnings)

    def __init__(self, choose: Callable[[Head], Format], venue: str | None = None) -> None:
        self._choose = choose
        self._venue = venue

    def validate(
        self, content: BinaryIO, limits: Limits, *, file_day: date | None = None, stored_at: datetime | None = None
    ) -> FileValidation:
        """Validate a file, which is read once, and again if ids repeat."""
        try:
            validation = self._validate(content, limits, file_day, late_execution(stored_at))
        except UnreadableFile as unreadable:
            state = FileState.WAITING if _ends_early(content) else FileState.REJECTED
            validation = FileValidation(state, reason=unreadable.message)
        return replace(validation, file_day=file_day)

    def validate_imported(
        self, content: BinaryIO, receipt: Receipt, quarantine: Sequence[QuarantinedRow] = ()
    ) -> FileValidation:
        with self._opened(content) as opened:
            form = opened.form
        return FileValidation(
            FileState.IMPORTING,
            quarantine=tuple(quarantine),
            file_day=receipt.file_day,
            format=form.name,
            mapping=form.mapping,
        )

    def validate_unfinished(
        self, content: BinaryIO, receipt: Receipt, quarantine: Sequence[QuarantinedRow]
    ) -> FileValidation:
        validation = self.validate_imported(content, receipt, quarantine)
        hashes, paired = hashes_of(self.row_sides(content, validation)), array("I")
        found = sort_out(hashes, lambda: self._good(content, validation, paired), 0)
        return replace(validation, repeated=_whole(found.repeated, paired), self_traded=found.self_traded)

    def good_rows(self, content: BinaryIO, validation: FileValidation) -> Iterator[tuple[int, Statement]]:
        quarantined = {row.line for row in validation.quarantine}
        for row in self._rows(content, validation):
            if not row.problems and row.line not in quarantined and not is_in(validation.repeated, row.line):
                for statement in row.statements:
                    yield row.line, statement

    def row_sides(self, content: BinaryIO, validation: FileValidation) -> Iterator[Stated]:
        return (side for row in self._rows(content, validation) for side in _sides_of(row))

    def self_traded(self, content: BinaryIO, validation: FileValidation) -> Sequence[int]:
        return sort_out(hashes_of(self.row_sides(content, validation)), lambda: iter(()), 0).self_traded

    def line_with_id(
        self, content: BinaryIO, validation: FileValidation, name: str, direction: Direction | None = None
    ) -> int | None:
        wanted = {(name, direction), (name, None)}
        for row in self._rows(content, validation):
            for side in _sides_of(row):
                if side in wanted or (direction is None and side[0] == name):
                    return row.line
        return None

    def last_row(self, content: BinaryIO) -> NoReturn:  # noqa: ARG002 - as a FileReader
        raise InvalidRequest("a last line that is no trade is named in the mapping of its format, under skip")

    def rule(self, statements: Iterable[Statement]) -> RowRule:
        about_state = {statement.trade.key for statement in statements if statement.about_state}

        def effect(row: Trade, current: Revision, file: FileDay) -> RowEffect:
            return effect_in_file(Statement(row, row.key in about_state), current, file)

        return effect

    def may_turn(self, side: Revision, file: FileDay) -> bool:  # noqa: ARG002 - a row names its side
        return False

    def terms(self, revision: Revision, after: Trade | None = None) -> dict[str, Any]:
        terms = as_v2(revision if after is None else revision._replace(trade=after))
        del terms["revision"]
        return terms

    def may_state(self, trade: Trade) -> bool:
        return self._venue is None or trade.venue == self._venue

    def _validate(
        self, content: BinaryIO, limits: Limits, file_day: date | None, late: Callable[[Trade], Problem | None]
    ) -> FileValidation:
        bad = BadRows(limits)
        sides, paired = array("q"), array("I")
        executed: Counter[date] = Counter()
        rows = 0
        with self._opened(content) as opened:
            form = opened.form
            whole = FileValidation(FileState.IMPORTING, format=form.name, mapping=form.mapping)
            for row in opened.rows(file_day):
                rows += 1
                if rows > limits.rows:
                    raise too_many_rows(limits)
                if CUT in row.problems:
                    cut = f"the file ends inside line {row.line}"
                    return replace(whole, state=FileState.WAITING, rows=rows, reason=cut)
                for side in _sides_of(row):
                    add_side(sides, *side)
                if problems := row.problems or self._problems(row, late):
                    bad.rows += 1
                    bad.keep(row.line, problems)
                    continue
                executed[row.statements[0].trade.own_day] += 1

        again = partial(self._good, content, replace(whole, file_day=file_day), paired, late)
        found = sort_out(sides, again, bad.most)
        bad.keep_contradictions(found, executed)
        if len(bad.kept) < bad.most:
            bad.rows = len(bad.kept)  # both sides of one line are one row
        whole = replace(whole, rows=rows, quarantine=bad.quarantine)
        if reason := bad.reason_to_reject(rows, limits):
            return replace(whole, state=FileState.REJECTED, reason=reason)
        repeated = _whole(found.repeated, paired)
        return replace(whole, repeated=repeated, self_traded=found.self_traded, executed=+executed)

    def _problems(self, row: Row, late: Callable[[Trade], Problem | None]) -> tuple[Problem, ...]:
        found = [problem for trade, _ in row.statements for problem in (self._of_venue(trade), late(trade)) if problem]
        return tuple(dict.fromkeys(found))

    def _of_venue(self, trade: Trade) -> Problem | None:
        if self.may_state(trade):
            return None
        return Problem("venue", f"must be {self._venue}, the venue of the feed, got {shown_value(trade.venue)}")

    def _good(
        self,
        content: BinaryIO,
        validation: FileValidation,
        paired: array[int],
        late: Callable[[Trade], Problem | None] = lambda _: None,
    ) -> Iterator[daily.Row]:
        """Return the good rows by side; `paired` gets the lines of two."""
        del paired[:]
        quarantined = {row.line for row in validation.quarantine}
        for row in self._rows(content, validation):
            if row.problems or row.line in quarantined or self._problems(row, late):
                continue
            if len(row.statements) > 1:
                paired.append(row.line)
            for trade, _ in row.statements:
                yield daily.Row(row.line, trade, (), cut=False)

    def _rows(self, content: BinaryIO, validation: FileValidation) -> Iterator[Row]:
        with self._opened(content) as opened:
            yield from opened.rows(validation.file_day)

    @contextmanager
    def _opened(self, content: BinaryIO) -> Iterator[Opened]:
        content.seek(0)
        with unpacked(content, _MOST_UNPACKED) as plain:
            head = read_head(plain)
            if _is_blank(head):
                raise UnreadableFile("the file is empty")
            try:
                form = self._choose(head)
            except NotRecognised as error:
                raise UnreadableFile(error.message) from error
            if form.kind is not Kind.TRADES:
                raise UnreadableFile(f"the file is {form.name}, which has no trades of the desk")
            yield Opened(form, plain, head)


def _sides_of(row: Row) -> Iterable[Stated]:
    if row.statements:
        return [(first_side_of(trade), trade.direction) for trade, _ in row.statements]
    return row.about


def _whole(repeated: Sequence[int], paired: Sequence[int]) -> Sequence[int]:
    """Return the lines all of whose sides are repeated; `repeated` has a line once for each such side."""
    if not paired:
        return repeated
    times = Counter(repeated)
    return array("I", sorted(line for line, count in times.items() if count > is_in(paired, line)))


def _ends_early(content: BinaryIO) -> bool:
    """Check whether the rest of a file may still come: it is empty, or ends inside its header or its JSON."""
    content.seek(0)
    with suppress(UnreadableFile), unpacked(content, _MOST_UNPACKED) as plain:
        head = read_head(plain)
        if head.is_json:
            plain.seek(-min(len(head.start), _END), io.SEEK_END)
            begin = head.text.lstrip("\ufeff \r\n\t")[:1]
            return not plain.read().rstrip().endswith(_JSON_ENDS[begin])
        return not head.found and head.whole and (_is_blank(head) or "\n" not in head.text)
    return False


def _is_blank(head: Head) -> bool:
    return not head.found and not head.text.strip("\ufeff \r\n\t")


def reader_of(name: str, mappings: Callable[[], Sequence[Format]] = tuple, venue: str | None = None) -> FileReader:
    """Return the reader of a format by its name, or of the one that each file shows (`auto`).

    To read a file raises InvalidRequest if there is no such format, InvalidMapping if a mapping is not valid.
    """

    def choose(head: Head) -> Format:
        if name == AUTO:
            return recognise(head, mappings())
        return _required(named(name, mappings()), head)

    return DailyReader() if name == DAILY else FormatReader(choose, venue)


def _required(form: Format, head: Head) -> Format:
    if form.recognises(head):
        return form
    found = head.describe()
    raise UnreadableFile(f"the file is not {form.name}, recognised by {form.recognised_by}: found {found}")
