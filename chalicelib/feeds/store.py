"""What is needed of the store of files and of their receipts, as Protocols."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, BinaryIO, Protocol

if TYPE_CHECKING:  # a cold start names all ports and uses two
    from chalicelib.feeds.day_mark import DayStates
    from chalicelib.feeds.feed import ImportAttempt
    from chalicelib.feeds.file_change import FileChange
    from chalicelib.feeds.receipt import QuarantinedRow, Receipt
    from chalicelib.notices.model import Notice


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A version of an object in the file store; `sha256` is of its content, `stored_at` in UTC (S3: whole seconds)."""

    key: str
    version: str
    sha256: str
    size: int
    content: BinaryIO
    stored_at: datetime


class FileStore(Protocol):
    """Where the exchange puts its daily files."""

    def newest_version(self, key: str) -> str | None:
        """Give the newest version of an object; None where there is none."""

    def fetch(self, key: str, version: str | None) -> AbstractContextManager[StoredFile]:
        """Open a version (None: the newest) as a seekable file of bytes; raises NotFound."""

    def put(self, key: str, content: BinaryIO) -> str:
        """Store a new version and give its name."""

    def names(self) -> Iterator[str]:
        """Return the keys of all objects, whatever their names, in order."""


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to import one file day until it runs out; a later lease has a higher `fence`.

    `marked` are the delivery days that the run has marked so far.
    """

    file_day: date
    owner: str
    fence: int
    newest: Receipt | None
    marked: set[date] = field(default_factory=set, compare=False)


class Receipts(Protocol):
    """Receipts and the leases of running imports."""

    def acquire(self, file_day: date, owner: str, now: datetime, until: datetime) -> Lease:
        """Take the lease, and remember when; raises ImportUnderWay while another owner's has not run out."""

    def save(
        self, lease: Lease, receipt: Receipt, until: datetime, notices: Sequence[Notice] = (), by: str | None = None
    ) -> None:
        """Write the receipt and the notices that it makes true in one transaction, and prolong the lease.

        A notice that is there already stays as it is. `by` names who let a held version in, confirmed what the
        receipt withdraws, or accepted its quarantined rows or a day without a file; the same transaction writes the
        audit. Raises ImportUnderWay where the lease is
        another's by now.
        """

    def extend(self, lease: Lease, until: datetime) -> None:
        """Keep the lease for longer; raises ImportUnderWay where it is another's by now."""

    def release(self, lease: Lease) -> None:
        """Give the lease back, and end the day marks of its file day unless an import is still to be continued.

        One that is another's by now is left alone.
        """

    def newest(self, file_days: Collection[date]) -> Mapping[date, Receipt]:
        """Give the newest receipt of each of these file days that has one."""

    def attempts(self, file_days: Collection[date]) -> Mapping[date, ImportAttempt]:
        """Return what is remembered of those of these file days of which anything is."""

    def store_seen(self, file_day: date, object_version: str, at: datetime) -> None:
        """Remember that a poll found this object version and had still to import it."""

    def states(self, file_days: Collection[date], delivery_days: Collection[date]) -> DayStates:
        """Return the newest receipts of these file days and the marks of these delivery days, in one request."""

    def first_day(self) -> date | None:
        """Return the first file day of the book; None before its first receipt."""

    def file_days_with_marks(self, file_days: Collection[date]) -> Collection[date]:
        """Return those of these file days whose runs have not ended their day marks."""

    def versions(self, file_day: date) -> Sequence[Receipt]:
        """Give all receipts of a file day, newest first."""

    def open_days(self) -> Mapping[date, int]:
        """Give the file days with an import begun or notices written, until closed, with the mark of their opening."""

    def close_day(self, file_day: date, mark: int) -> None:
        """Say that nothing is left to do or to tell of a file day, unless it was opened anew since `mark`."""

    def store_quarantine(self, lease: Lease, version: int, rows: Sequence[QuarantinedRow]) -> None:
        """Keep the quarantined rows of one version, before its receipt counts them, in the place of those kept before.

        Raises ImportUnderWay where the lease is another's by now.
        """

    def quarantine(self, file_day: date, version: int) -> Sequence[QuarantinedRow]:
        """Give the quarantined rows of one version, by line."""

    def store_changes(self, lease: Lease, version: int, first: int, changes: Iterable[FileChange]) -> None:
        """Keep what one stretch of a version changed, before its receipt counts it.

        `first` numbers the stretch: the same stretch again replaces what was kept of it, also by nothing. Raises
        ImportUnderWay where the lease is another's by now.
        """

    def store_clashes(self, lease: Lease, version: int, first: int, rows: Sequence[QuarantinedRow]) -> None:
        """Keep the rows of one stretch that were quarantined while they were booked; as `store_changes`."""

    def iter_changes(self, file_day: date, version: int) -> Iterator[FileChange]:
        """Read what one version changed one by one, in the order of the stretches, in bounded memory."""

    def changes(self, file_day: date, version: int) -> Sequence[FileChange]:
        """Give what one version changed, in the order of the stretches."""

    def add_late(self, notice: Notice, now: datetime, despite: Receipt | None = None) -> bool:
        """Write a late notice; False where there is one of that file day, or its file is used or just being read.

        `despite` is the newest receipt as it was read, where that one does not make up for the file that is late: the
        object is a later version, or its import did not end. A receipt that was written since does.
        """

    def footers(self) -> frozenset[str]:
        """Return the texts of a last line that count as blank."""

    def add_footer(self, text: str, by: str) -> None:
        """Store a text of a last line that counts as blank, and in the audit who said so; again changes nothing."""
