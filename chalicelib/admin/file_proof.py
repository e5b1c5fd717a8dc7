"""Check that the book contains every row of the booked versions of a file of trades."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Final

from chalicelib.common.csv_records import UnreadableFile
from chalicelib.common.errors import InvalidRequest
from chalicelib.common.timestamps import instant
from chalicelib.common.windows import windows
from chalicelib.feeds.file_change import ChangeKind
from chalicelib.feeds.receipt import Receipt
from chalicelib.feeds.store import Receipts, StoredFile
from chalicelib.imports.file_reader import FileReader
from chalicelib.positions.model import Direction
from chalicelib.trades.model import Trade
from chalicelib.trades.revision import FromFile, Posted, Revision
from chalicelib.trades.rules import NOT_STATED, Outcome, RowRule
from chalicelib.trades.service import find_sides
from chalicelib.trades.statement import Statement
from chalicelib.trades.store import Book

READ_AT_ONCE: Final = 100
NAMED: Final = 1_000
"""Deviating rows of one version that are named; the rest are counted, so that a lost table does not fill the memory."""
OWN_DAY_LEADS: Final = 2
"""The first rules by which the file of the day of execution outranks the files of all other days."""
CLOCKS_APART: Final = timedelta(hours=1)
"""By how much a revision may be younger than the import that found it: clocks differ, and are set back."""


@dataclass(frozen=True)
class FileProof:
    """A booked version of a file; `newest` if no later version of its day is booked.

    `receipts` and `reader` are those of its feed.

    A row of the newest version is correct if the book has its terms, or those of a revision that outranks it. A row of
    any version is correct only if the history of its trade has its terms, or what outranked them when it was imported.
    """

    receipt: Receipt
    newest: bool
    book: Book
    receipts: Receipts
    reader: FileReader

    @property
    def where(self) -> str:
        return f"file {self.receipt.file} version {self.receipt.version}"

    def deviations(self, stored: StoredFile) -> Iterator[str]:
        """Yield a sentence for each valid row that deviates, the first `NAMED` with line, trade and what to do."""
        quarantine = self.receipts.quarantine(self.receipt.file_day, self.receipt.version)
        try:
            validation = self.reader.validate_imported(stored.content, self.receipt, quarantine)
            rows = self.reader.good_rows(stored.content, validation)
            yield from self._of_rows(rows)
        except (UnreadableFile, InvalidRequest) as error:
            problems = error.problems if isinstance(error, InvalidRequest) else ()
            why = "; ".join(map(str, problems)) or error.message
            yield f"{self.where}: {self.receipt.key} was imported and can no longer be read: {why}"

    def _of_rows(self, rows: Iterator[tuple[int, Statement]]) -> Iterator[str]:
        compared = named = last = 0
        for batch in windows(rows, READ_AT_ONCE):
            statements = [statement for _, statement in batch]
            rule = self.reader.rule(statements)
            current = find_sides([statement.trade.key for statement in statements], self.book)
            for line, (trade, _) in batch:
                compared += line != last  # a line may state both sides of a trade
                last = line
                deviation = self._of_row(line, trade, current.get(trade.key), rule)
                if deviation is None:
                    continue
                named += 1
                if named <= NAMED:
                    yield f"{self.where}, line {line}: trade {trade.id!r} {deviation}"
        if named > NAMED:
            yield f"{self.where}: {named - NAMED} more rows deviate; repair those that are named, then verify again"
        expected = self.receipt.rows - self.receipt.quarantined
        if compared != expected:
            yield f"{self.where}: {self.receipt.key} has {compared} valid rows and the receipt counts {expected}"

    def _of_row(self, line: int, trade: Trade, current: Revision | None, rule: RowRule) -> str | None:
        # The history is read only if the current revision does not settle it.
        if current is None:
            return f"is not in the book; expected {_terms(trade)}; {self._what_to_do}"
        agrees = current.trade.agrees_with(trade)
        if self.newest and current.withdrawn and not self._is_taken_back(trade, current, rule):
            return f"was withdrawn by {_origin(current)}, and this version has it; {self._what_to_do}"
        if self.newest and self._deviates(line, trade, current, rule):
            other = f"has other terms than this line: {_difference(trade, current.trade)}"
            return f"{other}, by {_origin(current)}; {self._what_to_do}"
        if agrees or self._was_stated(trade, current) or self._was_stale(trade):
            return None
        return f"has no revision with the terms of this line: expected {_terms(trade)}; {_FROM_A_BACKUP}"

    def _deviates(self, line: int, trade: Trade, current: Revision, rule: RowRule) -> bool:
        """Return whether importing a row of the newest version again would change the trade, and nobody did since."""
        if current.withdrawn:
            return False
        outcome = rule(trade, current, self.receipt.file).outcome
        if not current.trade.agrees_with(trade):
            stays = outcome is Outcome.STALE and _takes_back(current, trade)
            outranked = stays or _has_newer_number(current, trade) or self._has_number_since(current, trade)
            # A row that its import found outranked may lead now that another file has the trade: nothing was lost.
            return not outranked and not self._was_corrected(line, trade, current) and not self._was_stale(trade)
        if outcome is Outcome.ENRICHED:
            lost = any(getattr(current.trade, name) is None for name in _stated_of(trade))
            # What was corrected since may leave open what the row, overruled before, could fill now.
            return self._is_of_this_file(current) or (lost and not self._was_stale(trade))
        since = self._has_number_since(current, trade) or self._was_corrected(line, trade, current)
        return outcome is Outcome.CORRECTED and not since and not self._was_stale(trade)

    def _is_taken_back(self, row: Trade, current: Revision, rule: RowRule) -> bool:
        """Return whether a withdrawn trade stays so, as its venue took it back too."""
        return _takes_back(current, row) and rule(row, current, self.receipt.file).outcome is Outcome.STALE

    def _was_stale(self, row: Trade) -> bool:
        """Return whether the import found this row outranked, or one that it repeats."""
        return hash(row.key) in self._stale

    @cached_property
    def _stale(self) -> frozenset[int]:
        """The hashes of the keys of rows that the import found outranked: all rows of a file may be."""
        changes = self.receipts.changes(self.receipt.file_day, self.receipt.version)
        # The only side of a trade may have outranked a row of the other direction, which is that of its new terms.
        return frozenset(
            hash((change.venue, change.trade_id, Direction(row["direction"])))
            for change in changes
            if change.kind is ChangeKind.STALE and (row := change.new)
        )

    def _has_number_since(self, current: Revision, row: Trade) -> bool:
        """Return whether another file's statement may have replaced this one by its number, which this one has not."""
        numbered = current.trade.venue_revision is not None and row.venue_revision is None
        return numbered and self.receipt.file in current.noted and not self._is_of_this_file(current)

    def _is_of_this_file(self, current: Revision) -> bool:
        source = current.source
        return (
            isinstance(source, FromFile) and source.file == self.receipt.file and source.version <= self.receipt.version
        )

    def _was_corrected(self, line: int, trade: Trade, current: Revision) -> bool:
        row = FromFile(self.receipt.file_day, self.receipt.version, line, self.receipt.feed)
        # A correction over HTTP notes the files that had the trade before, a new side none.
        since = self.receipt.file in current.noted or not self._was_there(current)
        since = since and isinstance(current.source, Posted)
        return since or row.older_than(current.source) or self._is_outranked(trade, current)

    @property
    def _what_to_do(self) -> str:
        if not self.newest:  # importing it again would replace the newest version
            return _FROM_A_BACKUP
        return f"importing the file again puts it back: voltbook import {self.receipt.key}"

    def _was_stated(self, trade: Trade, current: Revision) -> bool:
        """Return whether the history has the terms of a row, or a revision that outranked them at the import."""
        # A row of an earlier version may be of a side that was corrected to the other direction since.
        sides = [[current]] if current.number == 1 == current.side else self.book.sides(trade.venue, trade.id)
        return any(
            (not revision.withdrawn and revision.trade.agrees_with(trade))
            or (
                self._was_there(revision)
                and (
                    self._is_outranked(trade, revision)
                    or _has_newer_number(revision, trade)
                    or _takes_back(revision, trade)
                )
            )
            for revisions in sides
            for revision in revisions
        )

    def _was_there(self, revision: Revision) -> bool:
        ended = self.receipt.imported_at
        return ended is None or instant(revision.recorded_at) <= instant(ended) + CLOCKS_APART

    def _is_outranked(self, trade: Trade, revision: Revision) -> bool:
        """Return whether a revision comes from the file of another day that outranks this one.

        The file of the day of execution does, and that of a later day. Since `OWN_DAY_LEADS` no file of a later day
        outranks that of the day of execution.
        """
        own = self.receipt.file
        stated = {file for file in (revision.matched, revision.source_file) if file is not None}
        # Without any, the files that have a posted trade keep their order.
        others = (stated or (frozenset() if revision.withdrawn else revision.noted)) - {own}
        leads = self.receipt.rules >= OWN_DAY_LEADS and trade.own_day == own.day
        # A file of the same day leads by its feed.
        own_of_others = {file for file in others if file.day == revision.executed_on}
        if any(file.day != own.day or file.rank > own.rank for file in own_of_others):
            return True
        return not leads and any(file.rank > own.rank for file in others)


_FROM_A_BACKUP: Final = "only a backup of the book has it: voltbook import-all FOLDER"


def _has_newer_number(revision: Revision, row: Trade) -> bool:
    """Return whether the venue's revision numbers say that a row is older."""
    number, booked = row.venue_revision, revision.trade.venue_revision
    return number is not None and booked is not None and number < booked


def _takes_back(revision: Revision, row: Trade) -> bool:
    """Return whether the venue took a trade back which a row still counts: of that nothing is changed."""
    return not revision.trade.state.counts and row.state.counts


def _stated_of(row: Trade) -> Iterator[str]:
    return (name for name in NOT_STATED if getattr(row, name) is not None)


def _origin(revision: Revision) -> str:
    if isinstance(revision.source, Posted):
        return f"{revision.source.user!r} at {revision.recorded_at}"
    source = revision.source
    return f"file {source.file} version {source.version}, line {source.line}, at {revision.recorded_at}"


def _terms(trade: Trade) -> str:
    terms = trade.as_fields() if trade.in_v1_form else trade.as_terms()
    return ", ".join(f"{name} {_shown(name, value)}" for name, value in terms.items() if name != "id")


def _difference(expected: Trade, found: Trade) -> str:
    if found.in_v1_form and expected.in_v1_form:
        wanted, actual = expected.as_fields(), found.as_fields()
    else:
        wanted, actual = expected.as_terms(), found.as_terms()
    return "; ".join(
        f"{name}: expected {_shown(name, value)}, found {_shown(name, actual.get(name))}"
        for name, value in wanted.items()
        if value is not None and value != actual.get(name)
    )


def _shown(name: str, value: object) -> str:
    # A name may begin or end with a space.
    return repr(value) if name == "trader_id" else str(value)
