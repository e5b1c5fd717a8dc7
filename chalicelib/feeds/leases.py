"""The `files` table, and the fencing of its transactions: a stale lease holder cannot write."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from pynamodb.attributes import BooleanAttribute, UnicodeAttribute, UnicodeSetAttribute
from pynamodb.exceptions import TransactWriteError
from pynamodb.expressions.condition import Condition
from pynamodb.models import Model
from pynamodb.transactions import TransactWrite

from chalicelib.aws.items import CURRENT, IntegerAttribute
from chalicelib.common.errors import ImportUnderWay

if TYPE_CHECKING:  # keeps the Protocols out of a cold start
    from chalicelib.feeds.store import Lease

OPEN = "open"
"""The partition of file days that every poll handles."""


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


def open_day(file_day: date, mark: int) -> FileItem:
    return FileItem(OPEN, file_day.isoformat(), fence=mark)


def current(lease: Lease) -> FileItem:
    """Return the item that holds the lease."""
    return FileItem(lease.file_day.isoformat(), CURRENT)


def ours(lease: Lease) -> Condition:
    return FileItem.fence == lease.fence


def require_lease(transaction: TransactWrite, lease: Lease) -> None:
    """Fail the transaction unless the lease is ours; PynamoDB puts checks first."""
    transaction.condition_check(FileItem, lease.file_day.isoformat(), CURRENT, ours(lease))


def lease_check(lease: Lease) -> dict[str, Any]:
    """Return the check as an action of DynamoDB."""
    return FileItem.get_operation_kwargs_from_class(lease.file_day.isoformat(), CURRENT, ours(lease))


def refuse_without_lease(error: TransactWriteError, lease: Lease, at: int = 0) -> None:
    """Raise ImportUnderWay if the lease check failed, which is the action at index `at`."""
    reasons = error.cancellation_reasons
    reason = reasons[at] if len(reasons) > at else None
    if reason is not None and reason.code == "ConditionalCheckFailed":
        raise under_way(lease.file_day.isoformat()) from error


def under_way(file_day: str) -> ImportUnderWay:
    return ImportUnderWay(f"the file of {file_day} is being imported by another run")
