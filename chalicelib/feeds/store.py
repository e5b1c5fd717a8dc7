"""Stores of daily files and of their receipts, as Protocols."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, BinaryIO, Final, NamedTuple, Protocol

from chalicelib.common.names import DAILY_NAME
from chalicelib.feeds.file_day import FileDay

if TYPE_CHECKING:  # keeps a cold start from importing them all
    from chalicelib.feeds.day_mark import DayStates
    from chalicelib.feeds.feed import Feed, ImportAttempt
    from chalicelib.feeds.file_change import FileChange
    from chalicelib.feeds.receipt import QuarantinedRow, Receipt
    from chalicelib.notices.model import Notice


MAX_FILE_BYTES: Final = 256 * 1024 * 1024
"""The content of a larger file is not kept when it is fetched: an upload may have 5 GB, a Lambda's disk has not."""


@dataclass(frozen=True, slots=True)
class StoredFile:
    """One version of an object, whose `content` is empty above `MAX_FILE_BYTES`; S3 counts `stored_at` in seconds."""

    key: str
    version: str
    sha256: str
    size: int
    content: BinaryIO
    stored_at: datetime


class ListedFile(NamedTuple):
    """The newest version of an object, stored at a whole second."""

    key: str
    stored_at: datetime


class FileStore(Protocol):
    def newest_version(self, key: str) -> str | None: ...

    def fetch(self, key: str, version: str | None) -> AbstractContextManager[StoredFile]:
        """Open a version (None: the newest) as a seekable file. Raises NotFound."""

    def put(self, key: str, content: BinaryIO) -> str:
        """Store a new version and return its name."""

    def listed(self, prefix: str = "") -> Iterator[ListedFile]:
        """Return the files whose keys have this beginning, by key."""


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to import one file day of a feed until it expires; each later lease has a higher `fence`."""

    file_day: date
    owner: str
    fence: int
    newest: Receipt | None
    feed: str = DAILY_NAME
    marked: set[date] = field(default_factory=set, compare=False)
    """Delivery days that the run has marked."""

    @property
    def file(self) -> FileDay:
        return FileDay(self.file_day, self.feed)


class Receipts(Protocol):
    """Receipts and leases of one feed; marks of delivery days and footers are those of all.

    A write under a lease raises ImportUnderWay once another owner has the file day.
    """

    def of(self, feed: Feed) -> Receipts:
        """Return the receipts of another feed."""
        ...

    def acquire(self, file_day: date, owner: str, now: datetime, until: datetime) -> Lease:
        """Take the lease at `now`. Raises ImportUnderWay until another owner's expires."""

    def save(
        self, lease: Lease, receipt: Receipt, until: datetime, notices: Sequence[Notice] = (), by: str | None = None
    ) -> None:
        """Extend the lease, and store the receipt, new notices and audit entry (`by`) in one transaction."""

    def extend(self, lease: Lease, until: datetime) -> None: ...

    def release(self, lease: Lease) -> None:
        """End the lease, if not lost, and its day marks, unless the import must be resumed."""

    def newest(self, file_days: Collection[date]) -> Mapping[date, Receipt]: ...

    def attempts(self, file_days: Collection[date]) -> Mapping[date, ImportAttempt]: ...

    def store_seen(self, file_day: date, object_version: str, at: datetime) -> None:
        """Store that a poll found this version not imported; needs no lease."""

    def states(self, file_days: Collection[date], delivery_days: Collection[date]) -> DayStates:
        """Return receipts and marks in one request."""

    def first_day(self) -> date | None:
        """Return the first file day of the feed in the book."""

    def versions(self, file_day: date) -> Sequence[Receipt]:
        """Return all receipts of a file day, newest first."""

    def open_days(self) -> Mapping[date, int]:
        """Return the file days with an unfinished import or notice, each with the mark of its opening."""

    def close_day(self, file_day: date, mark: int) -> None:
        """Close a file day unless it was opened again since `mark`."""

    def store_quarantine(
        self, lease: Lease, version: int, rows: Sequence[QuarantinedRow], first: int | None = None
    ) -> None:
        """Replace the rows that validation, or booking batch `first`, quarantined, before the receipt counts them."""

    def quarantine(self, file_day: date, version: int, *, by_validation: bool = False) -> Sequence[QuarantinedRow]:
        """Return all quarantined rows by line, or those that validation quarantined, without those of booking."""

    def store_changes(self, lease: Lease, version: int, first: int, changes: Iterable[FileChange]) -> None:
        """Replace the changes of batch `first`, before the receipt counts them."""

    def changes(self, file_day: date, version: int) -> Iterator[FileChange]:
        """Yield the changes in the order of their batches, in bounded memory."""

    def add_late(self, notice: Notice, now: datetime, despite: Receipt | None = None) -> bool:
        """Store a late notice; False if the day has one, or its file is in use or being read.

        `despite` is a receipt that does not count as use unless it changed since it was read.
        """

    def footers(self) -> frozenset[str]:
        """Return the last lines that count as blank."""

    def add_footer(self, text: str, by: str) -> None:
        """Store a footer once, with its audit entry."""
