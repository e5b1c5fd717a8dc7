"""Receipts and leases in the `files` table: the fence decides who may write, not the clock of a stale run."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
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
from chalicelib.feeds.feed import ImportAttempt
from chalicelib.feeds.leases import (
    OPEN,
    FileItem,
    current,
    end_marks,
    first_day_of_book,
    include_first_day,
    mark_item,
    mark_key,
    mark_undecided,
    open_day,
    ours,
    split_states,
    under_way,
)
from chalicelib.feeds.receipt import FileState, Receipt, newly_covered
from chalicelib.feeds.receipt_items import act_on, receipt_of, values_of, version_name
from chalicelib.feeds.store import Lease
from chalicelib.notices.dynamodb import NoticeItem, notice_item
from chalicelib.notices.model import Notice

FOOTERS: Final = "footers"
"""The partition of the footers; the sort key is a hash, because a text may be longer than a key."""


class ReceiptTable:
    """The `files` table; `Receipts` documents the calls. Receipts and late notices end with `changed()`."""

    first_day = staticmethod(first_day_of_book)
    store_quarantine = staticmethod(receipt_items.store_quarantine)
    quarantine = staticmethod(receipt_items.quarantine)
    store_changes = staticmethod(receipt_items.store_changes)
    changes = staticmethod(receipt_items.changes)

    def __init__(self, clock: Clock, changed: Callable[[], None]) -> None:
        self._clock, self._changed = clock, changed

    def acquire(self, file_day: date, owner: str, now: datetime, until: datetime) -> Lease:
        item = FileItem(file_day.isoformat(), CURRENT)
        # The owner may take it again: its first reply may have been lost.
        free = FileItem.expires.does_not_exist() | (FileItem.expires <= millis(now)) | (FileItem.owner == owner)
        actions = [
            FileItem.owner.set(owner),
            FileItem.expires.set(millis(until)),
            FileItem.tried.set(millis(now)),
            FileItem.fence.add(1),
        ]
        self._update(item, actions, free)
        return Lease(file_day, owner, item.fence, receipt_of(item) if item.number is not None else None)

    def save(
        self, lease: Lease, receipt: Receipt, until: datetime, notices: Sequence[Notice] = (), by: str | None = None
    ) -> None:
        if lease.newest is None and not receipt.progress:
            include_first_day(lease.file_day)
        if not succeeded(partial(retried, partial(self._save, lease, receipt, until, notices, by))):
            raise under_way(lease.file_day.isoformat())
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
        keys = [*map(_current_key, dict.fromkeys(file_days)), *map(mark_key, dict.fromkeys(delivery_days))]
        receipts, marks = split_states(read_many(FileItem, keys))
        return DayStates({date.fromisoformat(item.file_day): receipt_of(item) for item in receipts}, marks)

    def attempts(self, file_days: Collection[date]) -> Mapping[date, ImportAttempt]:
        items = read_many(FileItem, list(map(_current_key, file_days)))
        return {date.fromisoformat(item.file_day): _attempt_of(item) for item in items}

    def store_seen(self, file_day: date, object_version: str, at: datetime) -> None:
        item = FileItem(file_day.isoformat(), CURRENT)
        attempted(partial(item.update, [FileItem.seen.set(object_version), FileItem.seen_at.set(millis(at))]))

    def versions(self, file_day: date) -> Sequence[Receipt]:
        with translated_errors():
            items = FileItem.query(file_day.isoformat(), FileItem.version.startswith("v"), consistent_read=True)
            receipts = [receipt_of(item) for item in items if item.number is not None]
        return sorted(receipts, key=lambda receipt: -receipt.version)

    def open_days(self) -> Mapping[date, int]:
        with translated_errors():
            return {date.fromisoformat(item.version): item.fence for item in FileItem.query(OPEN, consistent_read=True)}

    def close_day(self, file_day: date, mark: int) -> None:
        delete = partial(open_day(file_day, mark).delete, FileItem.fence == mark)
        succeeded(partial(attempted, delete))  # else it was opened again

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
            raise under_way(item.file_day)

    def _save(self, lease: Lease, receipt: Receipt, until: datetime, notices: Sequence[Notice], by: str | None) -> None:
        values = values_of(receipt)
        attributes = [(getattr(FileItem, name), value) for name, value in values.items()]
        actions = [one.remove() if value is None else one.set(value) for one, value in attributes]
        actions.append(FileItem.expires.set(millis(until)))
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
            transaction.update(current(lease), actions, ours(lease))


def _current_key(file_day: date) -> dict[str, str]:
    return {"file_day": file_day.isoformat(), "version": CURRENT}


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
        transaction.condition_check(FileItem, notice.file_day.isoformat(), CURRENT, unused & unread)
        transaction.save(notice_item(notice), NoticeItem.file_day.does_not_exist())
        transaction.save(open_day(notice.file_day, 0))


def _add_footer(text: str, by: str, now: datetime) -> None:
    item = FileItem(FOOTERS, sha256(text.encode()).hexdigest(), footer=text)
    entry = Entry(Deed(by, Act.FOOTER_REMEMBERED, "daily files"), now, {}, {"footer": text})
    with translated_errors(), TransactWrite(connection=connection()) as transaction:
        transaction.save(item, FileItem.file_day.does_not_exist())
        add_entry(transaction, entry)
