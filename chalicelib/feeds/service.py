"""Showing what became of the daily files: the newest receipt of each file day, or all that is known of one."""

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
"""The state that is shown, and never stored, of a file day the desk was told of because no file could be used."""
LISTED_DAYS: Final = 30
MAX_SHOWN: Final = 1_000
"""Quarantined rows, and changes, shown of a receipt; its counts are always those of the whole file."""
READERS: Final = 8
"""File days asked for their notices at once."""


@dataclass(frozen=True, slots=True)
class Filing:
    """A file day in one receipt; where there is no file at all, `receipt` is a blank one of version 0."""

    receipt: Receipt
    late: bool

    def as_json(
        self, quarantine: Sequence[QuarantinedRow] = (), changes: Sequence[FileChange] = ()
    ) -> dict[str, object]:
        """Give the receipt as the API and the CLI show it."""
        shown = self.receipt.as_json(quarantine, changes)
        shown["sha256"] = self.receipt.sha256 or None
        return shown | ({"state": LATE} if self.late else {})


@dataclass(frozen=True, slots=True)
class Detail:
    """The quarantined rows and the changes of one version."""

    version: int
    quarantine: Sequence[QuarantinedRow]
    changes: Sequence[FileChange]


@dataclass(frozen=True, slots=True)
class FileDay:
    """All that is known of a file day: what its newest version did, every version, every notice (newest first)."""

    newest: Filing
    quarantine: Sequence[QuarantinedRow]
    changes: Sequence[FileChange]
    versions: Sequence[Receipt]
    notices: Sequence[Notice]
    asked: Detail | None = None
    """Of the version that was asked for."""

    def as_json(self, most: int = MAX_SHOWN) -> dict[str, object]:
        """Give it as the API and the CLI show it, with at most so many quarantined rows and so many changes."""
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
) -> Sequence[Filing]:
    """Give the file days from start to end that have a receipt or are late, newest first.

    One of the two given is both, none is the last 30 file days up to yesterday in Berlin. Raises NotAllowed, or
    InvalidRequest for a range that is backwards or over 366 days.
    """
    caller.require_files()
    now = clock.now()
    yesterday = berlin_day(now) - timedelta(days=1)
    first = start_day or end_day or yesterday - timedelta(days=LISTED_DAYS - 1)
    days = days_between(first, end_day or start_day or yesterday)
    held = receipts.newest(days)
    unused = [day for day in days if is_late(day, now) and _is_unused(held.get(day))]
    late = _told_late(unused, outbox)
    return [Filing(held.get(day) or _blank(day), day in late) for day in reversed(days) if day in held or day in late]


def show_file(
    file_day: date, caller: Caller, receipts: Receipts, outbox: Outbox, version: int | None = None
) -> FileDay:
    """Return all that is known of a file day, and of `version` its rows and changes as well.

    Raises NotAllowed, or NotFound where nothing is known, or there is no such version.
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
        Filing(newest or _blank(file_day), _is_unused(newest) and _still_late(notices)),
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
    receipt = next((one for one in versions if one.version == version), None)
    if receipt is None:
        message = f"there is no version {version} of the file of {file_day}"
        raise NotFound(message)
    return newest if newest.version == version else _detail(receipt, receipts)


def _detail(receipt: Receipt, receipts: Receipts) -> Detail:
    version = (receipt.file_day, receipt.version)
    rows = receipts.quarantine(*version) if receipt.quarantined else ()
    return Detail(receipt.version, rows, receipts.changes(*version))


def _is_unused(newest: Receipt | None) -> bool:
    return newest is None or newest.awaited


def _still_late(notices: Collection[Notice]) -> bool:
    """Tell whether the desk was told that the file is late, and not yet that it came after all."""
    kinds = {notice.kind for notice in notices}
    return Kind.LATE in kinds and Kind.RECOVERED not in kinds


def _told_late(file_days: Sequence[date], outbox: Outbox) -> set[date]:
    """Ask for the notices day by day, some at once: a year without files is hundreds of questions."""
    if not file_days:
        return set()
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - a cold start that books needs none of it

    with ThreadPoolExecutor(READERS) as pool:
        told = pool.map(lambda day: _still_late(outbox.of([day])), file_days)
        return {day for day, late in zip(file_days, told, strict=True) if late}


def _blank(file_day: date) -> Receipt:
    """Stand in for the receipt of a file that is not there, under the name it is awaited by."""
    reason = "the file is not there"
    return Receipt(file_day, 0, FileState.WAITING, file_name(file_day), sha256="", object_version="", reason=reason)
