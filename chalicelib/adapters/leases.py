"""The fence of a lease inside a transaction: whoever lost it writes nothing, however late they wake up."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from pynamodb.exceptions import TransactWriteError
from pynamodb.expressions.condition import Condition
from pynamodb.transactions import TransactWrite

from chalicelib.adapters.models import CURRENT, FileItem
from chalicelib.domain.errors import ImportUnderWay

if TYPE_CHECKING:  # a cold start that books makes none of the Protocols
    from chalicelib.ports import Lease

OPEN = "open"
"""The partition of the file days that a look must care for however old they are."""


def open_day(file_day: date, mark: int) -> FileItem:
    """The item by which a look finds a file day again; `mark` is the fence under which it was written."""
    return FileItem(OPEN, file_day.isoformat(), fence=mark)


def millis(moment: datetime) -> int:
    """An instant as leases and claims keep it: milliseconds since 1970."""
    return int(moment.timestamp() * 1000)


def instant(moment: int | None) -> datetime | None:
    """Return the instant that `millis` wrote, in UTC; None where there is none."""
    return None if moment is None else datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=moment)


def ours(lease: Lease) -> Condition:
    """The condition that no later lease was taken."""
    return FileItem.fence == lease.fence


def require_lease(transaction: TransactWrite, lease: Lease) -> None:
    """Let the transaction through only while the lease is ours; PynamoDB puts checks before all else."""
    transaction.condition_check(FileItem, lease.file_day.isoformat(), CURRENT, ours(lease))


def lease_check(lease: Lease) -> dict[str, Any]:
    """The same as DynamoDB's own action, for a transaction made of such."""
    return FileItem.get_operation_kwargs_from_class(lease.file_day.isoformat(), CURRENT, ours(lease))


def refuse_without_lease(error: TransactWriteError, lease: Lease, at: int = 0) -> None:
    """Raise ImportUnderWay where it was the check of the lease that failed, the action at this place of them all."""
    reasons = error.cancellation_reasons
    reason = reasons[at] if len(reasons) > at else None
    if reason is not None and reason.code == "ConditionalCheckFailed":
        raise under_way(lease.file_day.isoformat()) from error


def under_way(file_day: str) -> ImportUnderWay:
    """The refusal itself."""
    return ImportUnderWay(f"the file of {file_day} is being imported by another run")
