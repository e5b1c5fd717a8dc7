"""Queries of the status of file days."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from chalicelib.access.identity import Identity
from chalicelib.common.clock import Clock
from chalicelib.common.deadline import pool
from chalicelib.common.delivery import days_between
from chalicelib.common.errors import NotFound
from chalicelib.feeds.feed import DAILY, Feed
from chalicelib.feeds.file_change import FileChange
from chalicelib.feeds.receipt import FileState, QuarantinedRow, Receipt, blank_receipt
from chalicelib.feeds.store import Receipts
from chalicelib.notices.model import Kind, Notice
from chalicelib.notices.store import Outbox

LATE: Final = "late"
"""Shown for an open late notice, never stored."""
NOT_THERE: Final = "the file is not there"
LISTED_DAYS: Final = 30
MAX_SHOWN: Final = 1_000
"""Quarantined rows, and changes, shown of a receipt; its counts stay complete."""
READERS: Final = 8
"""Threads that read notices."""


@dataclass(frozen=True, slots=True)
class FileStatus:
    """The status of a file day; without a file, `receipt` is a blank one of version 0."""

    receipt: Receipt
    late: bool

    def as_json(
        self, quarantine: Sequence[QuarantinedRow] = (), changes: Sequence[FileChange] = ()
    ) -> dict[str, object]:
        return self.receipt.as_json(quarantine, changes) | ({"state": LATE} if self.late else {})


Rows = tuple[Sequence[QuarantinedRow], Sequence[FileChange]]
_NO_ROWS: Final[Rows] = ((), ())


@dataclass(frozen=True, slots=True)
class FileHistory:
    """A file day with all versions and notices, newest first, and the rows of the newest version and of `asked`."""

    newest: FileStatus
    versions: Sequence[Receipt]
    notices: Sequence[Notice]
    rows: Mapping[int, Rows]
    asked: int | None = None

    def as_json(self, most: int = MAX_SHOWN) -> dict[str, object]:
        newest = self.newest.receipt
        return {
            "file_day": newest.file_day.isoformat(),
            "newest": self.newest.as_json(*self._rows(newest.version, most)),
            "versions": [
                receipt.as_json(*(self._rows(receipt.version, most) if receipt.version == self.asked else _NO_ROWS))
                for receipt in self.versions
            ],
            "notices": [notice.as_json() for notice in self.notices],
        }

    def _rows(self, version: int, most: int) -> Rows:
        quarantine, changes = self.rows.get(version, _NO_ROWS)
        return quarantine[:most], changes[:most]


def list_files(
    start_day: date | None,
    end_day: date | None,
    caller: Identity,
    receipts: Receipts,
    outbox: Outbox,
    clock: Clock,
    feed: Feed = DAILY,
) -> Sequence[FileStatus]:
    """Return the file days of a feed that have a receipt or are late, newest first; the stores are those of the feed.

    Without dates: the last 30 file days until yesterday on the feed's clock; one date is a single day. Raises
    NotAllowed, or InvalidRequest for a reversed range or one of more than 366 days.
    """
    caller.require_files()
    now = clock.now()
    yesterday = feed.today(now) - timedelta(days=1)
    first = start_day or end_day or yesterday - timedelta(days=LISTED_DAYS - 1)
    days = days_between(first, end_day or start_day or yesterday)
    newest = receipts.newest(days)
    late = _days_late([day for day in days if feed.is_late(day, now) and _is_unused(newest.get(day))], outbox)
    return [
        FileStatus(newest.get(day) or blank_receipt(day, FileState.WAITING, NOT_THERE, feed), day in late)
        for day in reversed(days)
        if day in newest or day in late
    ]


def show_file(
    file_day: date,
    caller: Identity,
    receipts: Receipts,
    outbox: Outbox,
    version: int | None = None,
    feed: Feed = DAILY,
) -> FileHistory:
    """Return a file day, with the rows and changes of its newest version and of `version`.

    The stores are those of the feed. Raises NotAllowed, or NotFound without a receipt or notice, or for an unknown
    version.
    """
    caller.require_files()
    versions = receipts.versions(file_day)
    notices = [notice for notice in outbox.of([file_day]) if notice.kind is not Kind.PRICES]
    if not versions and not notices:
        file = "daily file" if feed.is_daily else f"file of feed {feed.name}"
        message = f"nothing is known of a {file} of {file_day}"
        raise NotFound(message)
    newest = versions[0] if versions else None
    status = FileStatus(
        newest or blank_receipt(file_day, FileState.WAITING, NOT_THERE, feed),
        _is_unused(newest) and _still_late(notices),
    )
    asked = [receipt for receipt in versions if receipt.version == version]
    if version is not None and not asked:
        message = f"there is no version {version} of the file of {file_day}"
        raise NotFound(message)
    rows = {receipt.version: _rows(receipt, receipts) for receipt in {*versions[:1], *asked}}
    return FileHistory(status, versions, tuple(reversed(notices)), rows, version)


def _rows(receipt: Receipt, receipts: Receipts) -> Rows:
    version = (receipt.file_day, receipt.version)
    return receipts.quarantine(*version) if receipt.quarantined else (), list(receipts.changes(*version))


def _is_unused(newest: Receipt | None) -> bool:
    return newest is None or newest.awaited


def _still_late(notices: Collection[Notice]) -> bool:
    kinds = {notice.kind for notice in notices}
    return Kind.LATE in kinds and Kind.RECOVERED not in kinds


def _days_late(file_days: Sequence[date], outbox: Outbox) -> set[date]:
    if not file_days:
        return set()
    # A year without files is hundreds of requests.
    with pool(READERS) as threads:
        late = threads.map(lambda day: _still_late(outbox.of([day])), file_days)
        return {day for day, is_open in zip(file_days, late, strict=True) if is_open}
