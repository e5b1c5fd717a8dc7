"""Receipts and leases in the `files` table: who may write is decided by the fence, not by the clock of a zombie."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import partial

from pynamodb.exceptions import DeleteError, TransactWriteError, UpdateError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from chalicelib.audit.dynamodb import add_entry
from chalicelib.aws.client import connection
from chalicelib.aws.errors import attempted, condition_failed, retried, translated_errors
from chalicelib.aws.items import CURRENT
from chalicelib.aws.reads import read_many
from chalicelib.common.clock import Clock
from chalicelib.common.errors import ImportUnderWay
from chalicelib.common.timestamps import from_millis, millis
from chalicelib.feeds import footers, late_notices, receipt_rows
from chalicelib.feeds.day_mark import DayStates
from chalicelib.feeds.feed import ImportAttempt
from chalicelib.feeds.file_change import FileChange
from chalicelib.feeds.leases import OPEN, FileItem, current, open_day, ours, under_way
from chalicelib.feeds.marks import (
    end_marks,
    first_day_of_book,
    include_first_day,
    mark_item,
    mark_key,
    mark_undecided,
    split_states,
)
from chalicelib.feeds.receipt import FileState, QuarantinedRow, Receipt, newly_covered
from chalicelib.feeds.receipt_items import MAY_BE_ABSENT, act_on, receipt_of, values_of
from chalicelib.feeds.receipt_rows import version_name
from chalicelib.feeds.store import Lease
from chalicelib.notices.dynamodb import NoticeItem, notice_item
from chalicelib.notices.model import Notice


class ReceiptTable:
    """The table `files`; see `Receipts` for what each call promises."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def acquire(self, file_day: date, owner: str, now: datetime, until: datetime) -> Lease:
        """Take the lease if it is free or has run out; a reply that was lost leaves it ours already."""
        item = FileItem(file_day.isoformat(), CURRENT)
        free = FileItem.expires.does_not_exist() | (FileItem.expires <= millis(now)) | (FileItem.owner == owner)
        taken = [
            FileItem.owner.set(owner),
            FileItem.expires.set(millis(until)),
            FileItem.tried.set(millis(now)),
            FileItem.fence.add(1),
        ]
        self._update(item, taken, free)
        return Lease(file_day, owner, item.fence, receipt_of(item) if item.number is not None else None)

    def save(
        self, lease: Lease, receipt: Receipt, until: datetime, notices: Sequence[Notice] = (), by: str | None = None
    ) -> None:
        """Write the receipt of its version and as the newest, with its notices, if the lease is still ours."""
        if lease.newest is None and not receipt.progress:
            include_first_day(lease.file_day)
        retried(partial(self._save, lease, receipt, until, notices, by))

    def extend(self, lease: Lease, until: datetime) -> None:
        """Keep the lease, if it is still ours."""
        self._update(current(lease), [FileItem.expires.set(millis(until))], ours(lease))

    def release(self, lease: Lease) -> None:
        """Give the lease back, if it is still ours; what was marked is kept in the table, also by runs that died."""
        item = current(lease)
        try:
            self._update(item, [FileItem.owner.remove(), FileItem.expires.remove()], ours(lease))
            if item.marked_days and item.state != FileState.IMPORTING.value:
                end_marks(lease, map(date.fromisoformat, item.marked_days))
        except ImportUnderWay:
            return

    def newest(self, file_days: Collection[date]) -> Mapping[date, Receipt]:
        """Give the newest receipts there are."""
        return self.states(file_days, ()).receipts

    def states(self, file_days: Collection[date], delivery_days: Collection[date]) -> DayStates:
        """Return receipts and marks, with one request for 100 of them."""
        keys = [*map(_current_key, dict.fromkeys(file_days)), *map(mark_key, dict.fromkeys(delivery_days))]
        receipts, marks = split_states(read_many(FileItem, keys))
        return DayStates({date.fromisoformat(item.file_day): receipt_of(item) for item in receipts}, marks)

    def first_day(self) -> date | None:
        """Return the first file day of the book."""
        return first_day_of_book()

    def file_days_with_marks(self, file_days: Collection[date]) -> Collection[date]:
        """Return the file days with marked days."""
        found = read_many(FileItem, list(map(_current_key, file_days)))
        return {date.fromisoformat(item.file_day) for item in found if item.marked_days}

    def attempts(self, file_days: Collection[date]) -> Mapping[date, ImportAttempt]:
        """Return what is kept with the lease."""
        found = read_many(FileItem, [{"file_day": day.isoformat(), "version": CURRENT} for day in file_days])
        return {
            date.fromisoformat(item.file_day): ImportAttempt(
                from_millis(item.tried), item.seen, from_millis(item.seen_at)
            )
            for item in found
        }

    def store_seen(self, file_day: date, object_version: str, at: datetime) -> None:
        """Keep it with the lease, whoever has that."""
        item = FileItem(file_day.isoformat(), CURRENT)
        attempted(partial(item.update, [FileItem.seen.set(object_version), FileItem.seen_at.set(millis(at))]))

    def versions(self, file_day: date) -> Sequence[Receipt]:
        """Give all receipts of a file day, newest first."""
        with translated_errors():
            held = FileItem.query(file_day.isoformat(), FileItem.version.startswith("v"), consistent_read=True)
            return sorted((receipt_of(item) for item in held if item.number is not None), key=lambda one: -one.version)

    def open_days(self) -> Mapping[date, int]:
        """Give what was opened and not closed: one partition holds them all, and there are few."""
        with translated_errors():
            held = FileItem.query(OPEN, consistent_read=True)
            return {date.fromisoformat(item.version): item.fence for item in held}

    def close_day(self, file_day: date, mark: int) -> None:
        """Take it off the list, unless it was put there again."""
        try:
            attempted(partial(open_day(file_day, mark).delete, FileItem.fence == mark))
        except DeleteError as error:
            if not condition_failed(error):
                raise

    def store_quarantine(self, lease: Lease, version: int, rows: Sequence[QuarantinedRow]) -> None:
        """Keep quarantined rows, some to an item."""
        receipt_rows.store_quarantine(lease, version, rows)

    def store_changes(self, lease: Lease, version: int, first: int, changes: Iterable[FileChange]) -> None:
        """Keep what a stretch changed, in the place of what was kept of it."""
        receipt_rows.store_changes(lease, version, first, changes)

    def store_clashes(self, lease: Lease, version: int, first: int, rows: Sequence[QuarantinedRow]) -> None:
        """Keep the rows that a stretch quarantined, in the place of what was kept of it."""
        receipt_rows.store_clashes(lease, version, first, rows)

    def iter_changes(self, file_day: date, version: int) -> Iterator[FileChange]:
        """Read what one version changed, in order."""
        return receipt_rows.iter_changes(file_day, version)

    def changes(self, file_day: date, version: int) -> Sequence[FileChange]:
        """Return what one version changed, in order."""
        return list(receipt_rows.iter_changes(file_day, version))

    def add_late(self, notice: Notice, now: datetime, despite: Receipt | None = None) -> bool:
        """Write a late notice while its file is neither used nor being read."""
        return late_notices.add_late(notice, now, despite)

    def footers(self) -> frozenset[str]:
        """Return the texts of a last line that count as blank."""
        return footers.known()

    def add_footer(self, text: str, by: str) -> None:
        """Store such a text under its hash, unless it is there."""
        footers.add(text, by, self._clock.now())

    def quarantine(self, file_day: date, version: int) -> Sequence[QuarantinedRow]:
        """Return the quarantined rows of one version, by line."""
        return receipt_rows.quarantine(file_day, version)

    def _update(self, item: FileItem, actions: Sequence[Action], condition: Condition) -> None:
        try:
            attempted(partial(item.update, list(actions), condition))
        except UpdateError as error:
            if not condition_failed(error):
                raise
            raise under_way(item.file_day) from error

    def _save(self, lease: Lease, receipt: Receipt, until: datetime, notices: Sequence[Notice], by: str | None) -> None:
        values = values_of(receipt)
        moved = [
            FileItem.expires.set(millis(until)),
            *(getattr(FileItem, name).set(value) for name, value in values.items()),
        ]
        moved += [getattr(FileItem, name).remove() for name in MAY_BE_ABSENT if name not in values]
        try:
            with translated_errors(), TransactWrite(connection=connection()) as transaction:
                transaction.save(FileItem(receipt.file_day.isoformat(), version_name(receipt.version), **values))
                for notice in notices:
                    _add_once(transaction, notice)
                if notices or receipt.state is FileState.IMPORTING:
                    transaction.save(open_day(receipt.file_day, lease.fence))
                for day in newly_covered(receipt, lease.newest):
                    transaction.update(mark_item(day), [FileItem.added_at.remove()])
                mark_undecided(transaction, lease.newest, receipt)
                if by is not None:
                    add_entry(transaction, act_on(receipt, by, self._clock.now()))
                transaction.update(current(lease), moved, ours(lease))
        except TransactWriteError as error:
            if not condition_failed(error):
                raise
            raise under_way(lease.file_day.isoformat()) from error


def _current_key(file_day: date) -> dict[str, str]:
    return {"file_day": file_day.isoformat(), "version": CURRENT}


def _add_once(transaction: TransactWrite, notice: Notice) -> None:
    """Write a notice without touching what is known of one that is there: it may have been sent."""
    item = notice_item(notice)
    transaction.update(
        item,
        [
            NoticeItem.subject.set(NoticeItem.subject | item.subject),
            NoticeItem.body.set(NoticeItem.body | item.body),
            NoticeItem.written_at.set(NoticeItem.written_at | item.written_at),
        ],
    )
