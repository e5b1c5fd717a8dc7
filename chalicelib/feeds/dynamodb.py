"""Receipts and leases in the `files` table: the fence decides who may write, not the clock of a stale run."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import partial
from hashlib import sha256
from typing import Final

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from chalicelib.audit.dynamodb import add_entry
from chalicelib.audit.model import Act, Deed, Entry
from chalicelib.aws.client import connection
from chalicelib.aws.errors import attempted, retried, succeeded, translated_errors
from chalicelib.aws.items import CURRENT
from chalicelib.aws.reads import read_many
from chalicelib.common.clock import Clock
from chalicelib.common.errors import ImportUnderWay
from chalicelib.common.timestamps import from_millis, millis
from chalicelib.feeds import receipt_items
from chalicelib.feeds.day_mark import DayStates
from chalicelib.feeds.feed import DAILY, Feed, ImportAttempt
from chalicelib.feeds.file_change import FileChange
from chalicelib.feeds.file_day import FileDay
from chalicelib.feeds.leases import (
    FileItem,
    current,
    end_marks,
    first_day,
    include_first_day,
    mark_item,
    mark_undecided,
    open_day,
    open_days,
    ours,
    split_states,
    under_way,
)
from chalicelib.feeds.mark_items import mark_key
from chalicelib.feeds.receipt import FileState, QuarantinedRow, Receipt, newly_covered
from chalicelib.feeds.receipt_items import act_on, receipt_of, values_of, version_name
from chalicelib.feeds.store import Lease
from chalicelib.notices.dynamodb import NoticeItem, notice_item
from chalicelib.notices.model import Notice

FOOTERS: Final = "footers"
"""The partition of the footers; the sort key is a hash, because a text may be longer than a key."""


class ReceiptTable:
    """One feed in the `files` table; `Receipts` documents the calls. Receipts and late notices end with `changed()`."""

    store_quarantine = staticmethod(receipt_items.store_quarantine)
    store_changes = staticmethod(receipt_items.store_changes)

    def __init__(self, clock: Clock, changed: Callable[[], None], feed: Feed = DAILY) -> None:
        self._clock, self._changed, self._feed = clock, changed, feed

    def of(self, feed: Feed) -> ReceiptTable:
        return ReceiptTable(self._clock, self._changed, feed)

    def acquire(self, file_day: date, owner: str, now: datetime, until: datetime) -> Lease:
        item = self._item(file_day)
        # The owner may take it again: its first reply may have been lost.
        free = FileItem.expires.does_not_exist() | (FileItem.expires <= millis(now)) | (FileItem.owner == owner)
        actions = [
            FileItem.owner.set(owner),
            FileItem.expires.set(millis(until)),
            FileItem.tried.set(millis(now)),
            FileItem.fence.add(1),
        ]
        self._update(item, actions, free)
        newest = receipt_of(item) if item.number is not None else None
        return Lease(file_day, owner, item.fence, newest, self._feed.name)

    def save(
        self, lease: Lease, receipt: Receipt, until: datetime, notices: Sequence[Notice] = (), by: str | None = None
    ) -> None:
        if lease.newest is None and not receipt.progress:
            include_first_day(lease.file)
        if not succeeded(partial(retried, partial(self._save, lease, receipt, until, notices, by))):
            raise under_way(lease.file)
        self._changed()

    def extend(self, lease: Lease, until: datetime) -> None:
        self._update(current(lease), [FileItem.expires.set(millis(until))], ours(lease))

    def release(self, lease: Lease) -> None:
        item = current(lease)
        try:  # The item also names the days that earlier runs marked and did not end.
            self._update(item, [FileItem.owner.remove(), FileItem.expires.remove()], ours(lease))
            if item.marked_days and item.state != FileState.IMPORTING.value:
                end_marks(lease, map(date.fromisoformat, item.marked_days))
        except ImportUnderWay:
            return

    def newest(self, file_days: Collection[date]) -> Mapping[date, Receipt]:
        return self.states(file_days, ()).receipts

    def states(self, file_days: Collection[date], delivery_days: Collection[date]) -> DayStates:
        keys = [*self._keys(dict.fromkeys(file_days)), *map(mark_key, dict.fromkeys(delivery_days))]
        items, marks = split_states(read_many(FileItem, keys))
        receipts = map(receipt_of, items)
        return DayStates({receipt.file_day: receipt for receipt in receipts}, marks)

    def attempts(self, file_days: Collection[date]) -> Mapping[date, ImportAttempt]:
        items = read_many(FileItem, self._keys(file_days))
        return {FileDay.of(item.file_day).day: _attempt_of(item) for item in items}

    def store_seen(self, file_day: date, object_version: str, at: datetime) -> None:
        item = self._item(file_day)
        attempted(partial(item.update, [FileItem.seen.set(object_version), FileItem.seen_at.set(millis(at))]))

    def versions(self, file_day: date) -> Sequence[Receipt]:
        with translated_errors():
            items = FileItem.query(self._file(file_day).text, FileItem.version.startswith("v"), consistent_read=True)
            receipts = [receipt_of(item) for item in items if item.number is not None]
        return sorted(receipts, key=lambda receipt: -receipt.version)

    def open_days(self) -> Mapping[date, int]:
        with translated_errors():
            return open_days(self._feed.name)

    def close_day(self, file_day: date, mark: int) -> None:
        delete = partial(open_day(self._file(file_day), mark).delete, FileItem.fence == mark)
        succeeded(partial(attempted, delete))  # else it was opened again

    def first_day(self) -> date | None:
        return first_day(self._feed.name)

    def quarantine(self, file_day: date, version: int, *, by_validation: bool = False) -> Sequence[QuarantinedRow]:
        return receipt_items.quarantine(self._file(file_day), version, by_validation=by_validation)

    def changes(self, file_day: date, version: int) -> Iterator[FileChange]:
        return receipt_items.changes(self._file(file_day), version)

    def add_late(self, notice: Notice, now: datetime, despite: Receipt | None = None) -> bool:
        added = succeeded(partial(retried, partial(_add_late, notice, now, despite)))
        if added:
            self._changed()
        return added

    def footers(self) -> frozenset[str]:
        with translated_errors():
            return frozenset(item.footer for item in FileItem.query(FOOTERS, consistent_read=True))

    def add_footer(self, text: str, by: str) -> None:
        succeeded(partial(retried, partial(_add_footer, text, by, self._clock.now())))  # else it is there

    def _update(self, item: FileItem, actions: Sequence[Action], condition: Condition) -> None:
        if not succeeded(partial(attempted, partial(item.update, list(actions), condition))):
            raise under_way(FileDay.of(item.file_day))

    def _file(self, file_day: date) -> FileDay:
        return self._feed.file(file_day)

    def _item(self, file_day: date) -> FileItem:
        return FileItem(self._file(file_day).text, CURRENT)

    def _keys(self, file_days: Iterable[date]) -> list[dict[str, str]]:
        return [{"file_day": self._file(day).text, "version": CURRENT} for day in file_days]

    def _save(self, lease: Lease, receipt: Receipt, until: datetime, notices: Sequence[Notice], by: str | None) -> None:
        values = values_of(receipt)
        attributes = [(getattr(FileItem, name), value) for name, value in values.items()]
        actions = [one.remove() if value is None else one.set(value) for one, value in attributes]
        actions.append(FileItem.expires.set(millis(until)))
        with translated_errors(), TransactWrite(connection=connection()) as transaction:
            transaction.save(FileItem(receipt.file.text, version_name(receipt.version), **values))
            for notice in notices:
                _add_once(transaction, notice)
            if notices or receipt.state is FileState.IMPORTING:
                transaction.save(open_day(lease.file, lease.fence))
            for day in newly_covered(receipt, lease.newest, self._feed):
                transaction.update(mark_item(day), [FileItem.added_at.remove()])
            mark_undecided(transaction, lease.newest, receipt)
            if by is not None:
                add_entry(transaction, act_on(receipt, by, self._clock.now()))
            transaction.update(current(lease), actions, ours(lease))


def _attempt_of(item: FileItem) -> ImportAttempt:
    return ImportAttempt(from_millis(item.tried), item.seen, from_millis(item.seen_at), bool(item.marked_days))


def _add_once(transaction: TransactWrite, notice: Notice) -> None:
    """Store a notice, but keep the values of one that exists: it may have been sent."""
    item = notice_item(notice)
    transaction.update(
        item,
        [
            NoticeItem.subject.set(NoticeItem.subject | item.subject),
            NoticeItem.body.set(NoticeItem.body | item.body),
            NoticeItem.written_at.set(NoticeItem.written_at | item.written_at),
        ],
    )


def _add_late(notice: Notice, now: datetime, despite: Receipt | None) -> None:
    waiting = FileItem.state == FileState.WAITING.value
    unused = FileItem.state.does_not_exist() | waiting | (FileItem.awaited == True)  # noqa: E712 - an expression
    if despite is not None:
        as_read = FileItem.object_version == despite.object_version
        unused |= as_read & (FileItem.state == despite.state.value)
    unread = FileItem.expires.does_not_exist() | (FileItem.expires <= millis(now))
    with translated_errors(), TransactWrite(connection=connection()) as transaction:
        transaction.condition_check(FileItem, notice.file, CURRENT, unused & unread)
        transaction.save(notice_item(notice), NoticeItem.file_day.does_not_exist())
        transaction.save(open_day(FileDay(notice.file_day, notice.feed), 0))


def _add_footer(text: str, by: str, now: datetime) -> None:
    item = FileItem(FOOTERS, sha256(text.encode()).hexdigest(), footer=text)
    entry = Entry(Deed(by, Act.FOOTER_REMEMBERED, "daily files"), now, {}, {"footer": text})
    with translated_errors(), TransactWrite(connection=connection()) as transaction:
        transaction.save(item, FileItem.file_day.does_not_exist())
        add_entry(transaction, entry)
