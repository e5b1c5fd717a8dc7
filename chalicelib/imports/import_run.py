"""Booking the rows of a judged file window by window, with what is done saved after each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import islice
from threading import Lock
from typing import Final

from chalicelib.common.errors import Problem
from chalicelib.common.timestamps import format_utc
from chalicelib.feeds.file_change import ChangeKind, FileChange
from chalicelib.feeds.receipt import QuarantinedRow, Receipt
from chalicelib.feeds.store import Lease, StoredFile
from chalicelib.imports.batching import WINDOW, Chunk, Lane, lanes_of, windows
from chalicelib.imports.context import ImportContext
from chalicelib.imports.validation import Verdict, good_rows
from chalicelib.trades.revision import FromFile, Revision
from chalicelib.trades.service import MAX_ACTIONS, Outcome, Settled, noted, settle

READ_AT_ONCE: Final = 100
MARGIN: Final = timedelta(seconds=30)
"""Of a Lambda's time, what a window and the closing words may take at worst."""

AFTER_THE_RUN: Final = 5_000_000
"""Under which what a later run put back is kept: behind the lines of the rows."""

Progress = Callable[[int, int], None]
"""Told rows done and rows in all."""
Batch = tuple[list[Revision], Callable[[], Mapping[str, Revision]]]
"""Rows, and how to get what stands under their ids."""


@dataclass(frozen=True, slots=True)
class Run:
    """One pass over a judged file.

    `finished`: an earlier run of this version came to its end, so that this one only puts back what is no longer
    there and leaves its receipt alone. `repeat`: some rows are known to be there, so that all are asked for first.
    """

    desk: ImportContext
    lease: Lease
    stored: StoredFile
    verdict: Verdict
    finished: bool
    repeat: bool
    correcting: Lock = field(default_factory=Lock)
    """Corrections are made one by one: each checks the lease, and two in flight would be in each other's way."""

    def book(self, receipt: Receipt, progress: Progress) -> tuple[Receipt, bool]:
        """Book the rows after line `receipt.progress`; gives the receipt so far, and whether all rows are done."""
        revisions = self._revisions(receipt)
        with ThreadPoolExecutor(self.desk.in_flight) as pool:
            while batches := [self._asked(one, pool) for one in windows(islice(revisions, WINDOW), READ_AT_ONCE)]:
                window = [revision for batch, _ in batches for revision in batch]
                standing = {trade_id: one for _, found in batches for trade_id, one in found().items()}
                settled = self._book_window(window, standing, pool)
                receipt = self._counted(receipt, settled, window)
                self._save(receipt, settled, window)
                progress(min(window_end(window), receipt.rows), receipt.rows)
                if self.desk.time_left() < MARGIN:
                    return receipt, False
        progress(receipt.rows, receipt.rows)
        return receipt, True

    def quarantine_repeated_clashes(self, receipt: Receipt) -> int:
        """Store the rows that repeat one whose id is another execution's as quarantined, and return their number."""
        if receipt.quarantined == len(self.verdict.quarantine) or not self.verdict.repeated:
            return 0
        bad = {row.line for row in self.verdict.quarantine}
        clashes = {row.line: row for row in self.desk.receipts.quarantine(receipt.file_day, receipt.version)}
        used: dict[str, QuarantinedRow] = {}
        rows: list[QuarantinedRow] = []
        for line, trade in good_rows(self.stored.content, replace(self.verdict, repeated=frozenset())):
            if line in self.verdict.repeated:
                if trade.id in used:
                    rows.append(QuarantinedRow(line, used[trade.id].problems))
            elif line in clashes and line not in bad:
                used[trade.id] = clashes[line]
        self.desk.receipts.note_clashes(self.lease, receipt.version, AFTER_THE_RUN, rows)
        return len(rows)

    def _revisions(self, receipt: Receipt) -> Iterator[Revision]:
        said_at = format_utc(self.desk.clock.now())
        for line, trade in good_rows(self.stored.content, self.verdict):
            if line > receipt.progress:
                yield Revision(trade, 1, FromFile(receipt.file_day, receipt.version, line), said_at)

    def _asked(self, batch: list[Revision], pool: ThreadPoolExecutor) -> Batch:
        """Ask what stands, while the rows that follow are read: it spares a transaction for those that are there.

        The rest is decided by the write. Without an earlier import nothing is asked.
        """
        return batch, pool.submit(self._find, batch).result if self.repeat else dict

    def _find(self, batch: Sequence[Revision]) -> Mapping[str, Revision]:
        return self.desk.book.find_many([revision.trade.id for revision in batch])

    def _book_window(
        self, window: Sequence[Revision], standing: Mapping[str, Revision], pool: ThreadPoolExecutor
    ) -> list[Settled]:
        """Book what is not there, each id once: the stored verdict of a finished run tells no repeated rows apart."""
        known = [revision for revision in window if revision.trade.id in standing]
        settled = [one for batch in windows(known, MAX_ACTIONS) for one in self._settle_all(batch, standing)]
        new: dict[str, Revision] = {}
        settled += [
            Settled(Outcome.ALREADY_THERE, revision)
            for revision in window
            if revision.trade.id not in standing and new.setdefault(revision.trade.id, revision) is not revision
        ]
        for outcomes in pool.map(self._book_lane, lanes_of(list(new.values()))):
            settled += outcomes
        return settled

    def _book_lane(self, lane: Lane) -> list[Settled]:
        return [settled for chunk in lane for settled in self._book_chunk(chunk)]

    def _book_chunk(self, chunk: Chunk) -> list[Settled]:
        settled: list[Settled] = []
        while chunk:
            standing = self.desk.book.add(chunk)
            if not standing:
                return settled + [Settled(Outcome.BOOKED, revision) for revision in chunk]
            taken = [revision for revision in chunk if revision.trade.id in standing]
            settled += self._settle_all(taken, standing)
            chunk = [revision for revision in chunk if revision.trade.id not in standing]
        return settled

    def _settle_all(self, revisions: Sequence[Revision], standing: Mapping[str, Revision]) -> list[Settled]:
        rows = [revision.trade for revision in revisions]
        known = noted(rows, standing, self.lease.file_day, self.desk.book)
        return [self._settle(revision, known[revision.trade.id]) for revision in revisions]

    def _settle(self, revision: Revision, standing: Revision) -> Settled:
        with self.correcting:
            return settle(revision, standing, self.desk.book, self.lease, finished=self.finished)

    def _counted(self, receipt: Receipt, settled: Sequence[Settled], window: Sequence[Revision]) -> Receipt:
        counts = Counter(one.outcome for one in settled)
        return replace(
            receipt,
            booked=receipt.booked + counts[Outcome.BOOKED],
            already_there=receipt.already_there + counts[Outcome.ALREADY_THERE] + counts[Outcome.STALE],
            corrected=receipt.corrected + counts[Outcome.CORRECTED] + counts[Outcome.RESTORED],
            quarantined=receipt.quarantined + counts[Outcome.CLASHED],
            progress=window_end(window),
        )

    def _save(self, receipt: Receipt, settled: Sequence[Settled], window: Sequence[Revision]) -> None:
        receipts, version, first = self.desk.receipts, receipt.version, line_of(window[0])
        changes = sorted(filter(None, map(change_of, settled)), key=lambda change: (change.line or 0, change.trade_id))
        if self.finished:
            if changes:
                receipts.note_changes(self.lease, version, AFTER_THE_RUN + first, changes)
            receipts.prolong(self.lease, self.desk.until())
            return
        receipts.note_changes(self.lease, version, first, changes)
        receipts.note_clashes(self.lease, version, first, [clash_of(one) for one in settled if _has_clashed(one)])
        receipts.save(self.lease, receipt, self.desk.until())


_KINDS: Final = {
    Outcome.CORRECTED: ChangeKind.CORRECTED,
    Outcome.RESTORED: ChangeKind.RESTORED,
    Outcome.STALE: ChangeKind.STALE,
}


def change_of(settled: Settled) -> FileChange | None:
    """Return what a row changed, or would have changed if another file did not lead; None where it is neither."""
    kind = _KINDS.get(settled.outcome)
    if kind is None:
        return None
    before = settled.replaced
    old = before.trade.as_fields() if before is not None and not before.withdrawn else None
    return FileChange(kind, settled.row.trade.id, line_of(settled.row), old, settled.row.trade.as_fields())


def clash_of(settled: Settled) -> QuarantinedRow:
    """Return the quarantined row of another execution under an id that is in use."""
    row, used_by = settled.row, settled.replaced
    day = f"{used_by.executed_on:%d %b %Y}" if used_by else "another day"
    return QuarantinedRow(
        line_of(row), (Problem("id", f"already used by a trade executed on {day}, got {row.trade.id!r}"),)
    )


def _has_clashed(settled: Settled) -> bool:
    return settled.outcome is Outcome.CLASHED


def window_end(window: Sequence[Revision]) -> int:
    """The last line of a window."""
    return line_of(window[-1])


def line_of(revision: Revision) -> int:
    """The line of the daily file that says so."""
    if not isinstance(revision.source, FromFile):
        message = "only rows of a file have lines"
        raise TypeError(message)
    return revision.source.line
