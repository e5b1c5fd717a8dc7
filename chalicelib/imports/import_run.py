"""Booking the rows of a validated file window by window; progress is saved after each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import groupby
from operator import itemgetter
from threading import Event, Lock
from typing import Final

from chalicelib.common.errors import Problem
from chalicelib.common.timestamps import format_utc
from chalicelib.common.windows import windows
from chalicelib.feeds.file_change import ChangeKind, FileChange, Terms
from chalicelib.feeds.receipt import QuarantinedRow, Receipt
from chalicelib.feeds.store import Lease, StoredFile
from chalicelib.imports.context import ImportContext
from chalicelib.imports.repeated_rows import is_in
from chalicelib.imports.row_booking import RowBooking, line_of
from chalicelib.imports.sides import READ_AT_ONCE
from chalicelib.imports.validation import FileValidation
from chalicelib.trades.model import Trade, TradeKey
from chalicelib.trades.revision import FromFile, Revision
from chalicelib.trades.rules import Outcome
from chalicelib.trades.service import Settled, find_sides
from chalicelib.trades.statement import Statement
from chalicelib.trades.store import Book

WINDOW: Final = 4_000
"""Rows grouped at once: enough to fill transactions from an unsorted file, few enough for memory."""

MARGIN: Final = timedelta(seconds=30)
"""The time of a Lambda that a window and the end of the run may take at most."""

AFTER_THE_RUN: Final = 5_000_000
"""The number under which later corrections are stored: after the lines of all rows."""

Progress = Callable[[int, int], None]
"""Takes the number of rows done, and of all rows."""


@dataclass(frozen=True, slots=True)
class Run:
    """One pass over a validated file.

    `finished`: an earlier run finished this version; trades are put back and the receipt is not saved.
    `repeat`: some rows may be booked already, which need no transaction, so that all are looked up first.
    """

    context: ImportContext
    lease: Lease
    stored: StoredFile
    validation: FileValidation
    finished: bool = False
    repeat: bool = True
    turned: Event = field(default_factory=Event)
    """Set if some rows may have the other direction of a booked trade."""
    correcting: Lock = field(default_factory=Lock)
    """Serializes corrections: each checks the lease, so that two in flight would conflict."""
    self_traded: list[Sequence[int]] = field(default_factory=list)
    """Those of a finished file, once a row needed them."""
    taken_back: dict[str, int] = field(default_factory=dict)
    """The lines of rows that meet a trade which its venue recalled or cancelled, by side."""

    def book(self, receipt: Receipt, progress: Progress) -> tuple[Receipt, bool]:
        """Book the rows after line `receipt.progress`; return the receipt, and whether all rows are done."""
        now = format_utc(self.context.clock.now())
        with ThreadPoolExecutor(self.context.in_flight) as pool:
            for lines in windows(self._lines(receipt), WINDOW):
                rows = [row for line in lines for row in line]
                window = [_revision(receipt, line, statement.trade, now) for line, statement in rows]
                trades = (statement.trade for _, statement in rows)
                current = find_all(trades, self.context.book, pool) if self.repeat else {}
                settled = self._booking(rows).book(window, current, pool)
                receipt = self._counted(receipt, settled, window)
                self._save(receipt, settled, window)
                progress(min(line_of(window[-1]), receipt.rows), receipt.rows)
                if self.context.time_left() < MARGIN:
                    return receipt, False
        progress(receipt.rows, receipt.rows)
        return receipt, True

    def quarantine_repeated_clashes(self, receipt: Receipt) -> int:
        """Quarantine the rows that repeat a clashing row, and return their number."""
        if receipt.quarantined == len(self.validation.quarantine) or not self.validation.repeated:
            return 0
        bad = {row.line for row in self.validation.quarantine}
        clashes = {row.line: row for row in self.context.receipts.quarantine(receipt.file_day, receipt.version)}
        clashes_by_side: dict[TradeKey, QuarantinedRow] = {}
        rows: dict[int, QuarantinedRow] = {}
        again = self.context.reader.good_rows(self.stored.content, replace(self.validation, repeated=()))
        for line, (trade, _) in again:
            if is_in(self.validation.repeated, line):
                if trade.key in clashes_by_side:
                    rows[line] = QuarantinedRow(line, clashes_by_side[trade.key].problems)
            elif line in clashes and line not in bad:
                clashes_by_side[trade.key] = clashes[line]
        self.context.receipts.store_quarantine(self.lease, receipt.version, list(rows.values()), AFTER_THE_RUN)
        return len(rows)

    def _lines(self, receipt: Receipt) -> Iterator[list[tuple[int, Statement]]]:
        """Return the rows after line `receipt.progress`, both sides of a line together."""
        rows = self.context.reader.good_rows(self.stored.content, self.validation)
        return (list(sides) for line, sides in groupby(rows, itemgetter(0)) if line > receipt.progress)

    def _booking(self, rows: Sequence[tuple[int, Statement]]) -> RowBooking:
        rule = self.context.reader.rule(statement for _, statement in rows)
        return RowBooking(
            self.context,
            self.lease,
            rule,
            self._self_traded,
            self.correcting,
            self.finished,
            self.taken_back,
            self.turned,
        )

    def _self_traded(self) -> Sequence[int]:
        if not self.finished:
            return self.validation.self_traded
        if not self.self_traded:  # a second stream, as the rows of the first are being read
            with self.context.store.fetch(self.stored.key, self.stored.version) as again:
                self.self_traded.append(self.context.reader.self_traded(again.content, self.validation))
        return self.self_traded[0]

    def _counted(self, receipt: Receipt, settled: Sequence[Settled], window: Sequence[Revision]) -> Receipt:
        counts = Counter(_by_line(settled).values())
        there = counts[Outcome.ALREADY_THERE] + counts[Outcome.STALE] + counts[Outcome.ENRICHED]
        return replace(
            receipt,
            booked=receipt.booked + counts[Outcome.BOOKED],
            already_there=receipt.already_there + there,
            enriched=receipt.enriched + counts[Outcome.ENRICHED],
            corrected=receipt.corrected + counts[Outcome.CORRECTED] + counts[Outcome.RESTORED],
            quarantined=receipt.quarantined + counts[Outcome.CLASHED],
            progress=line_of(window[-1]),
        )

    def _save(self, receipt: Receipt, settled: Sequence[Settled], window: Sequence[Revision]) -> None:
        receipts, version, first = self.context.receipts, receipt.version, line_of(window[0])
        found = (change_of(row, self.context.reader.terms) for row in settled)
        changes = sorted(filter(None, found), key=lambda change: (change.line or 0, change.trade_id))
        if self.finished:
            if changes:
                receipts.store_changes(self.lease, version, AFTER_THE_RUN + first, changes)
            receipts.extend(self.lease, self.context.until())
            return
        clashes = {line_of(row.row): clash_of(row) for row in settled if row.outcome is Outcome.CLASHED}
        receipts.store_changes(self.lease, version, first, changes)
        receipts.store_quarantine(self.lease, version, list(clashes.values()), first)
        receipts.save(self.lease, receipt, self.context.until())


_KINDS: Final = {
    Outcome.CORRECTED: ChangeKind.CORRECTED,
    Outcome.RESTORED: ChangeKind.RESTORED,
    Outcome.STALE: ChangeKind.STALE,
}


_BY_WEIGHT: Final = (
    Outcome.ALREADY_THERE,
    Outcome.STALE,
    Outcome.ENRICHED,
    Outcome.BOOKED,
    Outcome.RESTORED,
    Outcome.CORRECTED,
    Outcome.CLASHED,
)


def _by_line(settled: Iterable[Settled]) -> Mapping[int, Outcome]:
    """Return what became of each line: of the sides that it states, what weighs most."""
    outcomes: dict[int, Outcome] = {}
    for row in settled:
        line = line_of(row.row)
        other = outcomes.get(line, row.outcome)
        outcomes[line] = row.outcome if other is row.outcome else max(other, row.outcome, key=_BY_WEIGHT.index)
    return outcomes


def _revision(receipt: Receipt, line: int, trade: Trade, now: str) -> Revision:
    return Revision(trade, 1, FromFile(receipt.file_day, receipt.version, line, receipt.feed), now)


def change_of(settled: Settled, terms: Callable[..., Terms]) -> FileChange | None:
    kind = _KINDS.get(settled.outcome)
    if kind is None:
        return None
    row, before, after = settled.row, settled.replaced, settled.after
    old = terms(before) if before is not None and before.counts else None
    counts = after is None or after.state.counts
    return FileChange(kind, row.trade.id, line_of(row), old, terms(row, after) if counts else None)


def clash_of(settled: Settled) -> QuarantinedRow:
    row, used_by = settled.row, settled.replaced
    day = f"{used_by.executed_on:%d %b %Y}" if used_by else "another day"
    problem = Problem("id", f"already used by a trade executed on {day}, got {row.trade.id!r}")
    return QuarantinedRow(line_of(row), (problem,))


def find_all(rows: Iterable[Trade], book: Book, pool: Executor) -> Mapping[TradeKey, Revision]:
    """Return what rows find booked, as `find_sides` does."""
    keys = (row.key for row in rows)
    batches = pool.map(lambda batch: find_sides(batch, book), windows(keys, READ_AT_ONCE))
    return {key: revision for found in batches for key, revision in found.items()}
