"""Stores of daily files and of their receipts, as Protocols."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, BinaryIO, Protocol

if TYPE_CHECKING:  # keeps a cold start from importing them all
    from chalicelib.feeds.day_mark import DayStates
    from chalicelib.feeds.feed import ImportAttempt
    from chalicelib.feeds.file_change import FileChange
    from chalicelib.feeds.receipt import QuarantinedRow, Receipt
    from chalicelib.notices.model import Notice


@dataclass(frozen=True, slots=True)
class StoredFile:
    """One version of an object; `stored_at` is in UTC (S3: whole seconds)."""

    key: str
    version: str
    sha256: str
    size: int
    content: BinaryIO
    stored_at: datetime


class FileStore(Protocol):
    """The bucket of the exchange's files."""

    def newest_version(self, key: str) -> str | None: ...

    def fetch(self, key: str, version: str | None) -> AbstractContextManager[StoredFile]:
        """Open a version (None: the newest) as a seekable file of bytes. Raises NotFound."""

    def put(self, key: str, content: BinaryIO) -> str:
        """Store a new version and return its name."""

    def names(self) -> Iterator[str]:
        """Return the keys of all objects in order, whatever their names."""


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to import one file day until it expires; each later lease has a higher `fence`.

    `marked` are the delivery days that the run has marked so far.
    """

    file_day: date
    owner: str
    fence: int
    newest: Receipt | None
    marked: set[date] = field(default_factory=set, compare=False)


class Receipts(Protocol):
    """Receipts of daily files, and the leases of running imports.

    Writes under a lease are fenced: they raise ImportUnderWay once another owner has taken the file day.
    """

    def acquire(self, file_day: date, owner: str, now: datetime, until: datetime) -> Lease:
        """Take the lease and record `now` as the attempt. Raises ImportUnderWay until another owner's expires."""

    def save(
        self, lease: Lease, receipt: Receipt, until: datetime, notices: Sequence[Notice] = (), by: str | None = None
    ) -> None:
        """Store the receipt and its notices in one transaction, and extend the lease.

        A notice that exists is not changed. `by` is the person whose decision the receipt records; the same
        transaction writes the audit entry.
        """

    def extend(self, lease: Lease, until: datetime) -> None: ...

    def release(self, lease: Lease) -> None:
        """Return the lease, and end its day marks unless the import must be resumed. A lost lease is ignored."""

    def newest(self, file_days: Collection[date]) -> Mapping[date, Receipt]: ...

    def attempts(self, file_days: Collection[date]) -> Mapping[date, ImportAttempt]: ...

    def store_seen(self, file_day: date, object_version: str, at: datetime) -> None:
        """Store that a poll found this object version not yet imported; needs no lease."""

    def states(self, file_days: Collection[date], delivery_days: Collection[date]) -> DayStates:
        """Return the newest receipts and the marks in one request."""

    def first_day(self) -> date | None:
        """Return the first file day of the book; None before its first receipt."""

    def file_days_with_marks(self, file_days: Collection[date]) -> Collection[date]:
        """Return the file days whose runs have not ended their day marks."""

    def versions(self, file_day: date) -> Sequence[Receipt]:
        """Return all receipts of a file day, newest first."""

    def open_days(self) -> Mapping[date, int]:
        """Return each file day that an import or a notice opened and nothing closed, with the mark of its opening."""

    def close_day(self, file_day: date, mark: int) -> None:
        """Close a file day unless it was opened again since `mark`."""

    def store_quarantine(self, lease: Lease, version: int, rows: Sequence[QuarantinedRow]) -> None:
        """Replace the quarantined rows of a version, before its receipt counts them."""

    def quarantine(self, file_day: date, version: int) -> Sequence[QuarantinedRow]:
        """Return the quarantined rows of a version by line, with those of `store_clashes`."""

    def store_changes(self, lease: Lease, version: int, first: int, changes: Iterable[FileChange]) -> None:
        """Replace the changes of the batch numbered `first`, before the receipt counts them; repeating is safe."""

    def store_clashes(self, lease: Lease, version: int, first: int, rows: Sequence[QuarantinedRow]) -> None:
        """Replace the rows of a batch that were quarantined during booking."""

    def iter_changes(self, file_day: date, version: int) -> Iterator[FileChange]:
        """Yield the changes of a version in the order of their batches, in bounded memory."""

    def changes(self, file_day: date, version: int) -> Sequence[FileChange]: ...

    def add_late(self, notice: Notice, now: datetime, despite: Receipt | None = None) -> bool:
        """Store a late notice; False if the day has one, or its file is in use or being read.

        `despite` is a receipt, as it was read, that does not count as use: its object is not the newest, or its
        import did not end. A receipt written since then counts.
        """

    def footers(self) -> frozenset[str]:
        """Return the texts of a last line that count as blank."""

    def add_footer(self, text: str, by: str) -> None:
        """Store such a text once, with its audit entry."""
