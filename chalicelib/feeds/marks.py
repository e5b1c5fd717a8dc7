"""Day marks in the `files` table, as DynamoDB's own actions: each is a small item beside the receipts.

While a run is at a delivery day, the mark names the file day, and the file day's `current` item names the delivery day:
so whatever ends the run, or the next one after a crash, finds the marks that it must end.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from pynamodb.exceptions import TransactWriteError, UpdateError

from chalicelib.aws.batch_read import read_items
from chalicelib.aws.client import connection
from chalicelib.aws.errors import attempted, condition_failed
from chalicelib.aws.items import CURRENT
from chalicelib.feeds.day_mark import DayMark
from chalicelib.feeds.leases import OPEN, FileItem, refuse_without_lease

if TYPE_CHECKING:  # a cold start that books makes none of the Protocols
    from pynamodb.transactions import TransactWrite

    from chalicelib.feeds.receipt import Receipt
    from chalicelib.feeds.store import Lease

Items = Iterable[Mapping[str, Mapping[str, Any]]]

PARTITION: Final = "delivery#"
BEGINS: Final = {"file_day": "book", "version": "begins"}
"""The key of the item that holds the first file day of the book."""
ENDED_AT_ONCE: Final = 50
"""Marks in a transaction, of which DynamoDB takes 100 actions."""
_COUNT: Final = {"#count": "count"}
_ONE: Final = {":one": {"N": "1"}}


def mark_key(delivery_day: date) -> dict[str, str]:
    """Return the key of a delivery day's mark."""
    return {"file_day": f"{PARTITION}{delivery_day}", "version": CURRENT}


def mark_item(delivery_day: date) -> FileItem:
    """Return a delivery day's mark for a transaction made of PynamoDB's models."""
    return FileItem(f"{PARTITION}{delivery_day}", CURRENT)


def mark_changed(delivery_day: date, file_day: date, at: str) -> dict[str, Any]:
    """Mark a day of which the run of this file day changes a trade, until the run ends."""
    values = {":run": _days([file_day]), ":at": {"S": at}, **_ONE}
    return {**_update(mark_key(delivery_day), "ADD #count :one, running :run SET changed_at = :at", values), **_names()}


def mark_added(delivery_day: date, at: str) -> dict[str, Any]:
    """Mark a day to which a trade is added late."""
    values = {":at": {"S": at}, **_ONE}
    return {**_update(mark_key(delivery_day), "ADD #count :one SET added_at = :at", values), **_names()}


def mark_ended(delivery_day: date, file_day: date) -> dict[str, Any]:
    """Mark that the run of this file day is at it no more."""
    return _update(mark_key(delivery_day), "DELETE running :run", {":run": _days([file_day])})


def mark_undecided(transaction: TransactWrite, before: Receipt | None, receipt: Receipt) -> None:
    """Mark the days of which a file misses trades that nobody has confirmed, and no longer those of `before`."""
    file_day, days = {receipt.file_day.isoformat()}, set(receipt.undecided_days)
    known = set(before.undecided_days) if before is not None else set()
    for day in sorted(days ^ known):
        action = FileItem.undecided.add(file_day) if day in days else FileItem.undecided.delete(file_day)
        transaction.update(mark_item(day), [action])


def note_marked(lease: Lease, delivery_days: Collection[date]) -> dict[str, Any]:
    """Keep, while the lease is ours, which days the run has marked."""
    return _of_lease(lease, "ADD marked_days :days", delivery_days)


def forget_marked(lease: Lease, delivery_days: Collection[date]) -> dict[str, Any]:
    """Forget them again, while the lease is ours."""
    return _of_lease(lease, "DELETE marked_days :days", delivery_days)


def put_open_day(lease: Lease) -> dict[str, Any]:
    """Put the item by which the next poll finds a file day whose run left marks."""
    item = {"file_day": {"S": OPEN}, "version": {"S": lease.file_day.isoformat()}, "fence": {"N": str(lease.fence)}}
    return {"TableName": FileItem.Meta.table_name, "Item": item}


def mark_of(item: Mapping[str, Mapping[str, Any]]) -> tuple[date, DayMark]:
    """Return the delivery day of a stored mark, and what it says."""
    day = date.fromisoformat(item["file_day"]["S"].removeprefix(PARTITION))
    running = frozenset(map(date.fromisoformat, item.get("running", {}).get("SS", ())))
    undecided = frozenset(map(date.fromisoformat, item.get("undecided", {}).get("SS", ())))
    changed_at, added_at = (item.get(name, {}).get("S") for name in ("changed_at", "added_at"))
    return day, DayMark(int(item.get("count", {}).get("N", "0")), running, changed_at, added_at, undecided)


def end_marks(lease: Lease, delivery_days: Iterable[date]) -> None:
    """End the marks of these days while the lease is ours; raises ImportUnderWay."""
    days = sorted(delivery_days)
    for first in range(0, len(days), ENDED_AT_ONCE):
        attempted(partial(_end, lease, days[first : first + ENDED_AT_ONCE]))


def split_states(items: Items) -> tuple[list[dict[str, Any]], dict[date, DayMark]]:
    """Split these items into newest receipts and marks; a lease alone is neither."""
    receipts: list[dict[str, Any]] = []
    marks: dict[date, DayMark] = {}
    for item in items:
        if item["file_day"]["S"].startswith(PARTITION):
            day, mark = mark_of(item)
            marks[day] = mark
        elif "number" in item:
            receipts.append(dict(item))
    return receipts, marks


def first_day_of_book() -> date | None:
    """Return the first file day, where it is known; a book of an older release learns it with its next file day."""
    return next((date.fromisoformat(item["first_day"]["S"]) for item in read_items(FileItem, [BEGINS])), None)


def include_first_day(file_day: date) -> None:
    """Store that the book has a file of this day; a book of an older release is walked through once."""
    first = first_day_of_book()
    if first is None:
        first = min([file_day, *attempted(_file_days)])
    elif first <= file_day:
        return
    else:
        first = file_day
    item = FileItem(BEGINS["file_day"], BEGINS["version"])
    earlier = FileItem.first_day.does_not_exist() | (FileItem.first_day > first.isoformat())
    try:
        attempted(partial(item.update, [FileItem.first_day.set(first.isoformat())], earlier))
    except UpdateError as error:
        if not condition_failed(error):
            raise


def _file_days() -> list[date]:
    found = FileItem.scan(FileItem.version == CURRENT, consistent_read=True, attributes_to_get=["file_day", "number"])
    return [date.fromisoformat(item.file_day) for item in found if item.number is not None]


def _end(lease: Lease, days: list[date]) -> None:
    ended = [mark_ended(day, lease.file_day) for day in days]
    try:
        connection().transact_write_items([], [], [], [forget_marked(lease, days), *ended])
    except TransactWriteError as error:
        refuse_without_lease(error, lease)
        raise


def _of_lease(lease: Lease, expression: str, delivery_days: Collection[date]) -> dict[str, Any]:
    key = {"file_day": lease.file_day.isoformat(), "version": CURRENT}
    values = {":days": _days(delivery_days), ":fence": {"N": str(lease.fence)}}
    return {**_update(key, expression, values), "ConditionExpression": "fence = :fence"}


def _update(key: Mapping[str, str], expression: str, values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "TableName": FileItem.Meta.table_name,
        "Key": {name: {"S": value} for name, value in key.items()},
        "UpdateExpression": expression,
        "ExpressionAttributeValues": values,
    }


def _names() -> dict[str, Any]:
    return {"ExpressionAttributeNames": _COUNT}


def _days(days: Iterable[date]) -> dict[str, list[str]]:
    return {"SS": sorted(day.isoformat() for day in days)}
