"""Booking the rows of a validated file in transactions as full as allowed; progress is saved after each window.

No two transactions in flight change one position.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import timedelta
from threading import Lock
from typing import Final

from chalicelib.common.errors import Problem
from chalicelib.common.timestamps import format_utc
from chalicelib.common.windows import windows
from chalicelib.feeds.file_change import ChangeKind, FileChange
from chalicelib.feeds.receipt import QuarantinedRow, Receipt
from chalicelib.feeds.store import Lease, StoredFile
from chalicelib.imports.context import ImportContext
from chalicelib.imports.repeated_rows import is_in
from chalicelib.imports.sides import READ_AT_ONCE, second_side, side_met, stated_terms
from chalicelib.imports.validation import FileValidation
from chalicelib.positions.model import PositionKey
from chalicelib.trades.model import Trade, TradeKey, position_key
from chalicelib.trades.revision import FromFile, Revision, late_days
from chalicelib.trades.rules import Outcome
from chalicelib.trades.service import MAX_ACTIONS, Settled, find_sides, note_rows, settle
from chalicelib.trades.store import Book

WINDOW: Final = 4_000
"""Rows grouped at once: enough to fill transactions from an unsorted file, few enough for memory."""

Chunk = list[Revision]
Lane = list[Chunk]
"""Chunks to be written one after the other, as they share a position."""
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
    correcting: Lock = field(default_factory=Lock)
    """Serializes corrections: each checks the lease, so that two in flight would conflict."""
    self_traded: list[Sequence[int]] = field(default_factory=list)
    """Those of a finished file, once a row needed them."""
    taken_back: dict[str, int] = field(default_factory=dict)
    """The lines of rows that meet a trade which its venue recalled or cancelled, by side."""

    def book(self, receipt: Receipt, progress: Progress) -> tuple[Receipt, bool]:
        """Book the rows after line `receipt.progress`; return the receipt, and whether all rows are done."""
        with ThreadPoolExecutor(self.context.in_flight) as pool:
            for window in windows(self._revisions(receipt), WINDOW):
                rows = [revision.trade for revision in window]
                current = find_all(rows, self.context.book, pool) if self.repeat else {}
                settled = self._book_window(window, current, pool)
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
        rows: list[QuarantinedRow] = []
        for line, trade in self.context.reader.good_rows(self.stored.content, replace(self.validation, repeated=())):
            if is_in(self.validation.repeated, line):
                if trade.key in clashes_by_side:
                    rows.append(QuarantinedRow(line, clashes_by_side[trade.key].problems))
            elif line in clashes and line not in bad:
                clashes_by_side[trade.key] = clashes[line]
        self.context.receipts.store_quarantine(self.lease, receipt.version, rows, AFTER_THE_RUN)
        return len(rows)

    def _revisions(self, receipt: Receipt) -> Iterator[Revision]:
        now = format_utc(self.context.clock.now())
        for line, trade in self.context.reader.good_rows(self.stored.content, self.validation):
            if line > receipt.progress:
                yield Revision(trade, 1, FromFile(receipt.file_day, receipt.version, line, self.lease.feed), now)

    def _book_window(
        self, window: Sequence[Revision], current: Mapping[TradeKey, Revision], pool: ThreadPoolExecutor
    ) -> list[Settled]:
        booked, unbooked = self._parted(window, current)
        settled = [outcome for rows in windows(booked, MAX_ACTIONS) for outcome in self._settle_all(rows, current)]
        # The stored validation of a finished run has no repeated rows, so that rows may occur twice.
        new: dict[TradeKey, Revision] = {}
        settled += [
            Settled(Outcome.ALREADY_THERE, revision)
            for revision in unbooked
            if new.setdefault(revision.trade.key, revision) is not revision
        ]
        return settled + self._book_new(list(new.values()), pool)

    def _parted(
        self, revisions: Sequence[Revision], current: Mapping[TradeKey, Revision]
    ) -> tuple[list[Revision], list[Revision]]:
        """Return the rows whose side is booked, and the others, each as the side that it becomes."""
        booked, unbooked = [], []
        for revision in revisions:
            trade = revision.trade
            found = current.get(trade.key)
            if side_met(trade, found, self._self_traded) is not None:
                booked.append(revision)
            else:
                unbooked.append(second_side(revision, found, self.lease.file) if found is not None else revision)
        return booked, unbooked

    def _self_traded(self) -> Sequence[int]:
        if not self.finished:
            return self.validation.self_traded
        if not self.self_traded:  # a second stream, as the rows of the first are being read
            with self.context.store.fetch(self.stored.key, self.stored.version) as again:
                self.self_traded.append(self.context.reader.self_traded(again.content, self.validation))
        return self.self_traded[0]

    def _book_new(self, new: list[Revision], pool: ThreadPoolExecutor) -> list[Settled]:
        """Book new sides; a second one can be booked once the first one is."""
        settled: list[Settled] = []
        while new:
            firsts = {revision.side_id: revision for revision in reversed(new) if revision.side == 1}
            batch = firsts or {revision.side_id: revision for revision in reversed(new)}
            new = [replace(revision, side=2) for revision in new if batch.get(revision.side_id) is not revision]
            for outcomes, second_sides in pool.map(self._book_lane, lanes_of(list(reversed(batch.values())))):
                settled += outcomes
                new += second_sides
        return settled

    def _book_lane(self, lane: Lane) -> tuple[list[Settled], list[Revision]]:
        settled: list[Settled] = []
        second_sides: list[Revision] = []
        for chunk in lane:
            self._book_chunk(chunk, settled, second_sides)
        return settled, second_sides

    def _book_chunk(self, chunk: Chunk, settled: list[Settled], second_sides: list[Revision]) -> None:
        while chunk:
            in_the_way = self.context.book.add(chunk)
            rest = [revision for revision in chunk if revision.side_id not in in_the_way]
            if not in_the_way:
                settled += [Settled(Outcome.BOOKED, revision) for revision in chunk]
                return
            met = [revision for revision in chunk if revision.side_id in in_the_way]
            current = self._found(met, in_the_way)
            booked, unbooked = self._parted(met, current)
            settled += self._settle_all(booked, current)
            second_sides += unbooked
            chunk = rest

    def _found(self, met: Sequence[Revision], in_the_way: Mapping[str, Revision]) -> Mapping[TradeKey, Revision]:
        current = {revision.trade.key: in_the_way[revision.side_id] for revision in met}
        turned = [key for key, found in current.items() if found.trade.direction is not key.direction]
        return {**current, **find_sides(turned, self.context.book)} if turned else current

    def _settle_all(self, revisions: Sequence[Revision], current: Mapping[TradeKey, Revision]) -> list[Settled]:
        rows = [revision.trade for revision in revisions]
        confirmed = note_rows(rows, current, self.lease.file, self.context.book)
        return [self._settle(revision, confirmed[revision.trade.key]) for revision in revisions]

    def _settle(self, revision: Revision, current: Revision) -> Settled:
        if not current.trade.state.counts:
            self.taken_back.setdefault(current.side_id, line_of(revision))
        with self.correcting:
            return settle(revision, current, self.context.book, self.lease, finished=self.finished)

    def _counted(self, receipt: Receipt, settled: Sequence[Settled], window: Sequence[Revision]) -> Receipt:
        counts = Counter(row.outcome for row in settled)
        return replace(
            receipt,
            booked=receipt.booked + counts[Outcome.BOOKED],
            already_there=receipt.already_there + counts[Outcome.ALREADY_THERE] + counts[Outcome.STALE],
            corrected=receipt.corrected + counts[Outcome.CORRECTED] + counts[Outcome.RESTORED],
            quarantined=receipt.quarantined + counts[Outcome.CLASHED],
            progress=line_of(window[-1]),
        )

    def _save(self, receipt: Receipt, settled: Sequence[Settled], window: Sequence[Revision]) -> None:
        receipts, version, first = self.context.receipts, receipt.version, line_of(window[0])
        changes = sorted(filter(None, map(change_of, settled)), key=lambda change: (change.line or 0, change.trade_id))
        if self.finished:
            if changes:
                receipts.store_changes(self.lease, version, AFTER_THE_RUN + first, changes)
            receipts.extend(self.lease, self.context.until())
            return
        clashes = [clash_of(row) for row in settled if row.outcome is Outcome.CLASHED]
        receipts.store_changes(self.lease, version, first, changes)
        receipts.store_quarantine(self.lease, version, clashes, first)
        receipts.save(self.lease, receipt, self.context.until())


_KINDS: Final = {
    Outcome.CORRECTED: ChangeKind.CORRECTED,
    Outcome.RESTORED: ChangeKind.RESTORED,
    Outcome.STALE: ChangeKind.STALE,
}


def change_of(settled: Settled) -> FileChange | None:
    kind = _KINDS.get(settled.outcome)
    if kind is None:
        return None
    row, before = settled.row, settled.replaced
    old = stated_terms(before) if before is not None and before.counts else None
    counts = before is None or before.trade.state.counts or kind is ChangeKind.STALE
    return FileChange(kind, row.trade.id, line_of(row), old, row.trade.as_fields() if counts else None)


def clash_of(settled: Settled) -> QuarantinedRow:
    row, used_by = settled.row, settled.replaced
    day = f"{used_by.executed_on:%d %b %Y}" if used_by else "another day"
    problem = Problem("id", f"already used by a trade executed on {day}, got {row.trade.id!r}")
    return QuarantinedRow(line_of(row), (problem,))


def line_of(revision: Revision) -> int:
    if not isinstance(revision.source, FromFile):
        raise TypeError("only rows of a file have lines")
    return revision.source.line


def find_all(rows: Iterable[Trade], book: Book, pool: Executor) -> Mapping[TradeKey, Revision]:
    """Return what rows find booked, as `find_sides` does."""
    keys = (row.key for row in rows)
    batches = pool.map(lambda batch: find_sides(batch, book), windows(keys, READ_AT_ONCE))
    return {key: revision for found in batches for key, revision in found.items()}


def lanes_of(revisions: Sequence[Revision], most: int = MAX_ACTIONS) -> list[Lane]:
    """Return chunks of at most `most` actions for sides and their positions, in lanes that share no position.

    All are first sides, or all are second ones, which take two actions each. Trades that are late for a delivery day
    share one lane, as they share its mark.
    """
    late = late_days(revisions)
    lanes = _packed([revision for revision in revisions if revision.trade.delivery_day not in late], most)
    for day in sorted(late):
        packed = _packed([revision for revision in revisions if revision.trade.delivery_day == day], most - 1)
        lanes.append([chunk for lane in packed for chunk in lane])
    return lanes


def _packed(revisions: Sequence[Revision], most: int) -> list[Lane]:
    lanes: list[Lane] = []
    open_chunk: Chunk = []
    actions = 0
    of_each = max((revision.side for revision in revisions), default=1)
    for group in _by_position(revisions):
        taken = len(group) * of_each + 1
        if taken > most:
            lanes.append(list(windows(group, (most - 1) // of_each)))
            continue
        if actions + taken > most:
            lanes.append([open_chunk])
            open_chunk, actions = [], 0
        open_chunk += group
        actions += taken
    return [*lanes, [open_chunk]] if open_chunk else lanes


def _by_position(revisions: Sequence[Revision]) -> list[Chunk]:
    groups: dict[PositionKey, Chunk] = {}
    for revision in revisions:
        groups.setdefault(position_key(revision.trade), []).append(revision)
    return list(groups.values())
