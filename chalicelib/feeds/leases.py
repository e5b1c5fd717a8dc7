"""The `files` table: the fencing of its transactions, and day marks.

A stale lease holder cannot write. The `current` item of a file day names the delivery days it has marked: the next run
after a crash ends their marks.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from pynamodb.attributes import BooleanAttribute, UnicodeAttribute, UnicodeSetAttribute
from pynamodb.exceptions import TransactWriteError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action
from pynamodb.models import Model
from pynamodb.transactions import TransactWrite

from chalicelib.aws.client import connection
from chalicelib.aws.errors import attempted, succeeded
from chalicelib.aws.items import CURRENT, IntegerAttribute
from chalicelib.aws.reads import read_many
from chalicelib.common.errors import ImportUnderWay
from chalicelib.common.names import DAILY_NAME
from chalicelib.feeds.day_mark import DayMark
from chalicelib.feeds.file_day import FileDay
from chalicelib.feeds.mark_items import PARTITION

if TYPE_CHECKING:  # keeps the Protocols out of a cold start
    from chalicelib.feeds.receipt import Receipt
    from chalicelib.feeds.store import Lease

_BOOK: Final = "book"
"""The partition of the first file day of each feed."""
MARKS_PER_TRANSACTION: Final = 50
"""DynamoDB takes 100 actions."""
_OPEN: Final = "open"
"""The partition of file days that every poll handles; each feed has its own."""


class FileItem(Model):
    """A receipt (`v000001`), the newest receipt with the lease (`current`), or the rows of one (`v000001#...`).

    Other partitions hold the open file days, the day marks (`marks`) and the footers.
    """

    class Meta:
        table_name = "files"

    file_day = UnicodeAttribute(hash_key=True)
    version = UnicodeAttribute(range_key=True)
    number = IntegerAttribute(null=True)
    state = UnicodeAttribute(null=True)
    key = UnicodeAttribute(null=True)
    sha256 = UnicodeAttribute(null=True)
    object_version = UnicodeAttribute(null=True)
    rows = IntegerAttribute(null=True)
    booked = IntegerAttribute(null=True)
    already_there = IntegerAttribute(null=True)
    corrected = IntegerAttribute(null=True)
    quarantined = IntegerAttribute(null=True)
    withdrawn = IntegerAttribute(null=True)
    progress = IntegerAttribute(null=True)
    ignored_columns = UnicodeAttribute(null=True)
    reason = UnicodeAttribute(null=True)
    imported_at = UnicodeAttribute(null=True)
    confirmed_at = UnicodeAttribute(null=True)
    changed_before = BooleanAttribute(null=True)
    standing_version = IntegerAttribute(null=True)
    standing_at = UnicodeAttribute(null=True)
    own_rows = IntegerAttribute(null=True)
    other_rows = IntegerAttribute(null=True)
    early = BooleanAttribute(null=True)
    awaited = BooleanAttribute(null=True)
    warnings = UnicodeAttribute(null=True)
    accepted_at = UnicodeAttribute(null=True)
    accepted_by = UnicodeAttribute(null=True)
    rules = IntegerAttribute(null=True)
    enriched = IntegerAttribute(null=True)
    format = UnicodeAttribute(null=True)
    mapping = UnicodeAttribute(null=True)
    kept = IntegerAttribute(null=True)
    compared_with = UnicodeAttribute(null=True)
    undecided_days = UnicodeSetAttribute(null=True)
    undecided = UnicodeSetAttribute(null=True)
    owner = UnicodeAttribute(null=True)
    expires = IntegerAttribute(null=True)
    fence = IntegerAttribute(null=True)
    tried = IntegerAttribute(null=True)
    seen = UnicodeAttribute(null=True)
    seen_at = IntegerAttribute(null=True)
    quarantine = UnicodeAttribute(null=True)
    changes = UnicodeAttribute(null=True)
    marked_days = UnicodeSetAttribute(null=True)
    changes_count = IntegerAttribute(null=True, attr_name="count")  # a model has a method `count`
    running = UnicodeSetAttribute(null=True)
    changed_at = UnicodeAttribute(null=True)
    added_at = UnicodeAttribute(null=True)
    first_day = UnicodeAttribute(null=True)
    footer = UnicodeAttribute(null=True)


def of_feed(name: str, feed: str) -> str:
    """Return a key as the feed has it; that of the daily file is not named."""
    return name if feed == DAILY_NAME else f"{name}@{feed}"


def open_days(feed: str) -> dict[date, int]:
    items = FileItem.query(of_feed(_OPEN, feed), consistent_read=True)
    return {date.fromisoformat(item.version): item.fence for item in items}


def open_day(file: FileDay, mark: int) -> FileItem:
    return FileItem(of_feed(_OPEN, file.feed), file.day.isoformat(), fence=mark)


def current(lease: Lease) -> FileItem:
    """Return the item that holds the lease."""
    return FileItem(lease.file.text, CURRENT)


def ours(lease: Lease) -> Condition:
    return FileItem.fence == lease.fence


def require_lease(transaction: TransactWrite, lease: Lease) -> None:
    """Fail the transaction unless the lease is ours; PynamoDB puts checks first."""
    transaction.condition_check(FileItem, lease.file.text, CURRENT, ours(lease))


def lease_check(lease: Lease) -> dict[str, Any]:
    """Return the check as an action of DynamoDB."""
    return FileItem.get_operation_kwargs_from_class(lease.file.text, CURRENT, ours(lease))


def refuse_without_lease(error: TransactWriteError, lease: Lease, at: int = 0) -> None:
    """Raise ImportUnderWay if the lease check failed, which is the action at index `at`."""
    reasons = error.cancellation_reasons
    reason = reasons[at] if len(reasons) > at else None
    if reason is not None and reason.code == "ConditionalCheckFailed":
        raise under_way(lease.file) from error


def under_way(file: FileDay) -> ImportUnderWay:
    return ImportUnderWay(f"the file of {file} is being imported by another run")


def mark_item(delivery_day: date) -> FileItem:
    return FileItem(f"{PARTITION}{delivery_day}", CURRENT)


def mark_changed(delivery_day: date, file: FileDay, at: str) -> dict[str, Any]:
    run = FileItem.running.add({file.text})
    return _action(mark_item(delivery_day), [FileItem.changes_count.add(1), run, FileItem.changed_at.set(at)])


def mark_undecided(transaction: TransactWrite, before: Receipt | None, receipt: Receipt) -> None:
    """Mark the days with unconfirmed withdrawals, and unmark those of `before`."""
    file, days = {receipt.file.text}, set(receipt.undecided_days)
    earlier = set(before.undecided_days) if before is not None else set()
    for day in sorted(days ^ earlier):
        action = FileItem.undecided.add(file) if day in days else FileItem.undecided.delete(file)
        transaction.update(mark_item(day), [action])


def note_marked(lease: Lease, delivery_days: Collection[date]) -> dict[str, Any]:
    return _action(current(lease), [FileItem.marked_days.add(_texts(delivery_days))], ours(lease))


def put_open_day(lease: Lease) -> dict[str, Any]:
    """Open a file day, so that the next poll finds the marks its run left."""
    return open_day(lease.file, lease.fence).get_save_kwargs_from_instance()


def end_marks(lease: Lease, delivery_days: Iterable[date]) -> None:
    """End the marks of these days. Raises ImportUnderWay if the lease is lost."""
    days = sorted(delivery_days)
    for first in range(0, len(days), MARKS_PER_TRANSACTION):
        attempted(partial(_end, lease, days[first : first + MARKS_PER_TRANSACTION]))


def split_states(items: Iterable[FileItem]) -> tuple[list[FileItem], dict[date, DayMark]]:
    """Split these items into newest receipts and marks by delivery day; a lease alone is neither."""
    receipts: list[FileItem] = []
    marks: dict[date, DayMark] = {}
    for item in items:
        if item.file_day.startswith(PARTITION):
            marks[date.fromisoformat(item.file_day.removeprefix(PARTITION))] = _mark_of(item)
        elif item.number is not None:
            receipts.append(item)
    return receipts, marks


def _mark_of(item: FileItem) -> DayMark:
    running, undecided = (frozenset(map(FileDay.of, files or ())) for files in (item.running, item.undecided))
    return DayMark(item.changes_count or 0, running, item.changed_at, item.added_at, undecided)


def first_day(feed: str) -> date | None:
    """Return the first file day of a feed; None in the book of an older release without a new file day."""
    key = {"file_day": _BOOK, "version": of_feed("begins", feed)}
    return next((date.fromisoformat(item.first_day) for item in read_many(FileItem, [key])), None)


def include_first_day(file: FileDay) -> None:
    """Store this file day if it is the first one; for the daily file of an older release the book is scanned once."""
    known = first_day(file.feed)
    if known is not None and known <= file.day:
        return
    scanned = known is None and file.feed == DAILY_NAME
    first = min([file.day, *attempted(_daily_file_days)]) if scanned else file.day
    item = FileItem(_BOOK, of_feed("begins", file.feed))
    earlier = FileItem.first_day.does_not_exist() | (FileItem.first_day > first.isoformat())
    update = partial(item.update, [FileItem.first_day.set(first.isoformat())], earlier)
    succeeded(partial(attempted, update))  # else an earlier one is there


def _daily_file_days() -> list[date]:
    items = FileItem.scan(FileItem.version == CURRENT, consistent_read=True, attributes_to_get=["file_day", "number"])
    files = (FileDay.of(item.file_day) for item in items if item.number is not None)
    return [file.day for file in files if file.feed == DAILY_NAME]


def _end(lease: Lease, days: list[date]) -> None:
    try:
        with TransactWrite(connection=connection()) as transaction:
            transaction.update(current(lease), [FileItem.marked_days.delete(_texts(days))], ours(lease))
            for day in days:
                transaction.update(mark_item(day), [FileItem.running.delete({lease.file.text})])
    except TransactWriteError as error:
        refuse_without_lease(error, lease)
        raise


def _action(item: FileItem, actions: list[Action], condition: Condition | None = None) -> dict[str, Any]:
    return item.get_update_kwargs_from_instance(actions, condition)


def _texts(days: Iterable[date]) -> set[str]:
    return {day.isoformat() for day in days}
