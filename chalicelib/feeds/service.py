"""Queries of the status of file days."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from chalicelib.access.identity import Caller
from chalicelib.common.clock import Clock
from chalicelib.common.delivery import berlin_day, days_between
from chalicelib.common.errors import NotFound
from chalicelib.feeds.feed import file_name, is_late
from chalicelib.feeds.file_change import FileChange
from chalicelib.feeds.receipt import FileState, QuarantinedRow, Receipt
from chalicelib.feeds.store import Receipts
from chalicelib.notices.model import Kind, Notice
from chalicelib.notices.store import Outbox

LATE: Final = "late"
"""Shown for an open late notice, never stored."""
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
        shown = self.receipt.as_json(quarantine, changes)
        shown["sha256"] = self.receipt.sha256 or None
        return shown | ({"state": LATE} if self.late else {})


@dataclass(frozen=True, slots=True)
class Detail:
    version: int
    quarantine: Sequence[QuarantinedRow]
    changes: Sequence[FileChange]


@dataclass(frozen=True, slots=True)
class FileDay:
    """A file day with all versions and notices, newest first."""

    newest: FileStatus
    quarantine: Sequence[QuarantinedRow]
    changes: Sequence[FileChange]
    versions: Sequence[Receipt]
    notices: Sequence[Notice]
    asked: Detail | None = None

    def as_json(self, most: int = MAX_SHOWN) -> dict[str, object]:
        return {
            "file_day": self.newest.receipt.file_day.isoformat(),
            "newest": self.newest.as_json(self.quarantine[:most], self.changes[:most]),
            "versions": [receipt.as_json(*self._detail(receipt, most)) for receipt in self.versions],
            "notices": [notice.as_json() for notice in self.notices],
        }

    def _detail(self, receipt: Receipt, most: int) -> tuple[Sequence[QuarantinedRow], Sequence[FileChange]]:
        if self.asked is None or receipt.version != self.asked.version:
            return (), ()
        return self.asked.quarantine[:most], self.asked.changes[:most]


def list_files(
    start_day: date | None, end_day: date | None, caller: Caller, receipts: Receipts, outbox: Outbox, clock: Clock
) -> Sequence[FileStatus]:
    """Return the file days that have a receipt or are late, newest first.

    Without dates: the last 30 file days until yesterday in Berlin; one date is a single day. Raises NotAllowed, or
    InvalidRequest for a reversed range or one of more than 366 days.
    """
    caller.require_files()
    now = clock.now()
    yesterday = berlin_day(now) - timedelta(days=1)
    first = start_day or end_day or yesterday - timedelta(days=LISTED_DAYS - 1)
    days = days_between(first, end_day or start_day or yesterday)
    newest = receipts.newest(days)
    late = _days_late([day for day in days if is_late(day, now) and _is_unused(newest.get(day))], outbox)
    return [
        FileStatus(newest.get(day) or _blank(day), day in late)
        for day in reversed(days)
        if day in newest or day in late
    ]


def show_file(
    file_day: date, caller: Caller, receipts: Receipts, outbox: Outbox, version: int | None = None
) -> FileDay:
    """Return a file day, with the rows and changes of its newest version and of `version`.

    Raises NotAllowed, or NotFound without a receipt or notice, or for an unknown version.
    """
    caller.require_files()
    versions = receipts.versions(file_day)
    notices = [notice for notice in outbox.of([file_day]) if notice.kind is not Kind.PRICES]
    if not versions and not notices:
        message = f"nothing is known of a daily file of {file_day}"
        raise NotFound(message)
    newest = versions[0] if versions else None
    own = _detail(newest, receipts) if newest else Detail(0, (), ())
    return FileDay(
        FileStatus(newest or _blank(file_day), _is_unused(newest) and _still_late(notices)),
        own.quarantine,
        own.changes,
        versions,
        tuple(reversed(notices)),
        _asked(file_day, version, versions, own, receipts),
    )


def _asked(
    file_day: date, version: int | None, versions: Sequence[Receipt], newest: Detail, receipts: Receipts
) -> Detail | None:
    if version is None:
        return None
    receipt = next((receipt for receipt in versions if receipt.version == version), None)
    if receipt is None:
        message = f"there is no version {version} of the file of {file_day}"
        raise NotFound(message)
    return newest if newest.version == version else _detail(receipt, receipts)


def _detail(receipt: Receipt, receipts: Receipts) -> Detail:
    version = (receipt.file_day, receipt.version)
    rows = receipts.quarantine(*version) if receipt.quarantined else ()
    return Detail(receipt.version, rows, list(receipts.changes(*version)))


def _is_unused(newest: Receipt | None) -> bool:
    return newest is None or newest.awaited


def _still_late(notices: Collection[Notice]) -> bool:
    kinds = {notice.kind for notice in notices}
    return Kind.LATE in kinds and Kind.RECOVERED not in kinds


def _days_late(file_days: Sequence[date], outbox: Outbox) -> set[date]:
    if not file_days:
        return set()
    # A year without files is hundreds of requests.
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - not part of a cold start

    with ThreadPoolExecutor(READERS) as pool:
        late = pool.map(lambda day: _still_late(outbox.of([day])), file_days)
        return {day for day, is_open in zip(file_days, late, strict=True) if is_open}


def _blank(file_day: date) -> Receipt:
    reason = "the file is not there"
    return Receipt(file_day, 0, FileState.WAITING, file_name(file_day), sha256="", object_version="", reason=reason)
