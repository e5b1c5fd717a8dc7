"""Importing a daily file: judged whole, booked in transactions, every row accounted for in its receipt."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Final

from chalicelib.domain.daily_file import file_name
from chalicelib.domain.execution_time import format_utc
from chalicelib.domain.receipt import BOOKED_STATES, FileState, Receipt
from chalicelib.domain.revision import FromFile, Revision
from chalicelib.domain.verdict import Limits, Verdict, good_rows, judge
from chalicelib.ports import Book, Clock, FileStore, Lease, Receipts, StoredFile
from chalicelib.services.booking import Outcome, settle
from chalicelib.services.chunks import Chunk, Lane, lanes_of, windows

LEASE: Final = timedelta(minutes=2)
"""How long a run that died keeps others out; a living one prolongs it with every window of rows."""
IN_FLIGHT: Final = 8
"""Transactions under way at once."""
READ_AT_ONCE: Final = 100

Progress = Callable[[int, int], None]
"""Told rows done and rows in all."""


def silent(_done: int, _rows: int) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True)
class Desk:
    """The collaborators of an import, and the name of the run that holds the lease."""

    store: FileStore
    receipts: Receipts
    book: Book
    clock: Clock
    owner: str
    limits: Limits = field(default_factory=Limits)
    in_flight: int = IN_FLIGHT

    def until(self) -> datetime:
        """When a lease taken or prolonged now runs out."""
        return self.clock.now() + LEASE


def import_daily_file(file_day: date, version: str | None, desk: Desk, progress: Progress = silent) -> Receipt:
    """Import one version (None: the newest) of a day's file and give its receipt.

    Content that was imported before is compared with the book again and changes nothing: its receipt then counts its
    rows as already there. Raises NotFound without a file, ImportUnderWay while another run holds the lease.
    """
    with desk.store.fetch(file_name(file_day), version) as stored, _lease(file_day, desk) as lease:
        return _import(stored, lease, desk, progress)


def already_imported(file_day: date, object_version: str, receipts: Receipts) -> bool:
    """Tell whether this very version of the object came to its end before, so that a look need not read it."""
    receipt = receipts.newest([file_day]).get(file_day)
    ended = receipt is not None and receipt.state not in {FileState.IMPORTING, FileState.WAITING}
    return ended and receipt is not None and receipt.object_version == object_version


def _import(stored: StoredFile, lease: Lease, desk: Desk, progress: Progress) -> Receipt:
    newest = lease.newest
    known = newest if newest is not None and newest.sha256 == stored.sha256 else None
    finished = known is not None and known.state in BOOKED_STATES
    verdict = judge(stored.content, desk.limits)
    receipt = _opened(stored, lease, verdict, known)
    if not finished:
        desk.receipts.set_aside(lease.file_day, receipt.version, verdict.quarantine)
        desk.receipts.save(lease, receipt, desk.until())
    if verdict.state is not FileState.IMPORTING:
        return receipt
    run = _Run(desk, lease, receipt, finished=finished, repeat=newest is not None)
    counts = run.book(stored, verdict, progress)
    ended = _ended(receipt, verdict, counts, desk)
    if known is not None and finished:
        return replace(ended, imported_at=known.imported_at)
    desk.receipts.save(lease, ended, desk.until())
    return ended


def _opened(stored: StoredFile, lease: Lease, verdict: Verdict, known: Receipt | None) -> Receipt:
    before = lease.newest.version if lease.newest else 0
    return Receipt(
        file_day=lease.file_day,
        version=known.version if known else before + 1,
        state=verdict.state,
        key=stored.key,
        sha256=stored.sha256,
        object_version=stored.version,
        rows=verdict.rows,
        quarantined=len(verdict.quarantine),
        ignored_columns=verdict.ignored_columns,
        reason=verdict.reason,
    )


def _ended(receipt: Receipt, verdict: Verdict, counts: Mapping[Outcome, int], desk: Desk) -> Receipt:
    return replace(
        receipt,
        state=FileState.PROVISIONAL if verdict.quarantine else FileState.IMPORTED,
        booked=counts[Outcome.BOOKED],
        already_there=counts[Outcome.ALREADY_THERE] + len(verdict.repeated),
        corrected=counts[Outcome.CORRECTED],
        reason="the file has no rows" if receipt.rows == 0 else None,
        imported_at=format_utc(desk.clock.now()),
    )


@dataclass(frozen=True, slots=True)
class _Run:
    """One pass over a judged file. `repeat`: an earlier version was imported, so most rows will be there."""

    desk: Desk
    lease: Lease
    receipt: Receipt
    finished: bool
    repeat: bool

    def book(self, stored: StoredFile, verdict: Verdict, progress: Progress) -> Counter[Outcome]:
        counts: Counter[Outcome] = Counter()
        done = verdict.rows - self._to_book(verdict)
        with ThreadPoolExecutor(self.desk.in_flight) as pool:
            for window in windows(self._revisions(stored, verdict)):
                left = self._settle_known(window, counts, pool) if self.repeat else window
                for outcomes in pool.map(self._book_lane, lanes_of(left)):
                    counts.update(outcomes)
                done += len(window)
                progress(done, verdict.rows)
                self.desk.receipts.prolong(self.lease, self.desk.until())
        return counts

    def _to_book(self, verdict: Verdict) -> int:
        return verdict.rows - len(verdict.quarantine) - len(verdict.repeated)

    def _revisions(self, stored: StoredFile, verdict: Verdict) -> Iterator[Revision]:
        said_at = format_utc(self.desk.clock.now())
        for line, trade in good_rows(stored.content, verdict):
            yield Revision(trade, 1, FromFile(self.receipt.file_day, self.receipt.version, line), said_at)

    def _settle_known(
        self, window: Sequence[Revision], counts: Counter[Outcome], pool: ThreadPoolExecutor
    ) -> list[Revision]:
        """Spare a transaction for rows that are read to be there already; the rest is decided by the write."""
        batches = pool.map(self._find, windows(window, READ_AT_ONCE))
        standing = {trade_id: revision for found in batches for trade_id, revision in found.items()}
        known = [revision for revision in window if revision.trade.id in standing]
        counts.update(pool.map(lambda revision: self._settle(revision, standing[revision.trade.id]), known))
        return [revision for revision in window if revision.trade.id not in standing]

    def _find(self, batch: Sequence[Revision]) -> Mapping[str, Revision]:
        return self.desk.book.find_many([revision.trade.id for revision in batch])

    def _book_lane(self, lane: Lane) -> list[Outcome]:
        return [outcome for chunk in lane for outcome in self._book_chunk(chunk)]

    def _book_chunk(self, chunk: Chunk) -> list[Outcome]:
        outcomes: list[Outcome] = []
        while chunk:
            standing = self.desk.book.add(chunk)
            if not standing:
                return outcomes + [Outcome.BOOKED] * len(chunk)
            taken = [revision for revision in chunk if revision.trade.id in standing]
            outcomes += [self._settle(revision, standing[revision.trade.id]) for revision in taken]
            chunk = [revision for revision in chunk if revision.trade.id not in standing]
        return outcomes

    def _settle(self, revision: Revision, standing: Revision) -> Outcome:
        return settle(revision, standing, self.desk.book, finished=self.finished)


@contextmanager
def _lease(file_day: date, desk: Desk) -> Iterator[Lease]:
    lease = desk.receipts.begin(file_day, desk.owner, desk.clock.now(), desk.until())
    try:
        yield lease
    finally:
        desk.receipts.end(lease)
