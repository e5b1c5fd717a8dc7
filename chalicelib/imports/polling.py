"""Polling for daily files: each poll covers the last seven file days."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from chalicelib.common.errors import ImportUnderWay, NotFound
from chalicelib.feeds.feed import file_day_of, file_name, near_miss
from chalicelib.feeds.receipt import FileState, Receipt
from chalicelib.imports.context import ImportContext
from chalicelib.imports.lateness import (
    FileScan,
    Late,
    collected,
    late_before,
    missing_days,
    scan_files,
    write_late_notices,
)
from chalicelib.imports.service import already_imported, import_daily_file, recheck
from chalicelib.notices.service import send_unsent

TIME_FOR_A_FILE: Final = timedelta(minutes=2)
"""The time of a Lambda that must be left to begin a file: to read and validate it, and to save a first window."""
_LONG_AGO: Final = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class PollResult:
    """`late` are days with a new late notice, `missing` all late days; `unsent` counts notices."""

    imported: tuple[Receipt, ...]
    late: tuple[date, ...]
    missing: tuple[date, ...]
    unsent: int


def poll(context: ImportContext, at: datetime | None = None, scan: FileScan | None = None) -> PollResult:
    """Notify late files of the last seven file days, and import the files that are not in the book.

    Older days with an unfinished import or unsent notices are included. Late notices are sent first, so that they are
    sent even if the process dies in an import. Then yesterday's file is imported, then the others, beginning with the
    longest untried, so that a file on which every run dies blocks no other. A file is begun only if there is time.

    Days are polled as of `at`; leases and claims use the clock. `scan` is the result of `notify_late`. Raises the first
    error after all days were processed.
    """
    scan = scan or notify_late(context, at)
    imported = _import_pending(scan, context)
    late = {day: Late.UNUSABLE for day, receipt in imported.items() if receipt.awaited}
    late.update(dict.fromkeys(scan.failed, Late.FAILED))
    write_late_notices(scan, {day: late.get(day) for day in scan.days}, context)
    with collected(scan.faults):
        recheck({**scan.receipts, **imported}.values(), context)
    unsent = send_unsent(scan.all_days, context)
    _close_settled_days(context)
    if scan.faults:
        raise scan.faults[0]
    return PollResult(tuple(imported.values()), tuple(sorted(scan.late)), tuple(missing_days(scan, context)), unsent)


def notify_late(context: ImportContext, at: datetime | None = None) -> FileScan:
    """Write and send late notices without importing anything; return the scan for `poll`."""
    scan = scan_files(context, at)
    write_late_notices(scan, {day: late_before(day, scan) for day in scan.days}, context)
    with collected([]):  # retried at the end of the poll
        send_unsent({*scan.opened, *scan.late}, context)
    return scan


def arrived(key: str, context: ImportContext) -> Receipt | str:
    """Import a file that was stored in the bucket, or return the reason why not; raises ImportUnderWay."""
    file_day = file_day_of(key)
    if file_day is None:
        meant = near_miss(key.rpartition("/")[2])
        return f"this is not the name of a daily file{f'; expected {file_name(meant)}' if meant else ''}"
    newest = context.store.newest_version(key)
    if newest is None:
        return "the file is gone again"
    if already_imported(file_day, newest, context.receipts):
        return "this file is imported already"
    return import_daily_file(file_day, context)  # raises even so: the other run may import an older version, or be dead


def _import_pending(scan: FileScan, context: ImportContext) -> Mapping[date, Receipt]:
    imported = {}
    for day in scan.pending:
        version = scan.versions[day]
        if version is not None and scan.attempt(day).seen != version:
            with collected(scan.faults):
                context.receipts.store_seen(day, version, context.clock.now())
    for day in _in_turn(scan):
        if context.time_left() < TIME_FOR_A_FILE:
            break
        faults: list[Exception] = []
        with collected(faults):
            receipt = _imported(day, context)
            if receipt is not None:
                imported[day] = receipt
        if faults:
            scan.failed.add(day)
            scan.faults.extend(faults)
    return imported


def _in_turn(scan: FileScan) -> list[date]:
    # Yesterday first, unless an earlier poll began it and left it: every process may die in its file.

    def turn(day: date) -> tuple[bool, datetime, date]:
        attempt = scan.attempt(day)
        tried = attempt.tried_at or _LONG_AGO
        left = scan.was_left(day) and attempt.seen_at is not None and tried >= attempt.seen_at
        return day != scan.days[-1] or left, tried, day

    return sorted(scan.pending, key=turn)


def _imported(file_day: date, context: ImportContext) -> Receipt | None:
    version = context.store.newest_version(file_name(file_day))
    if version is None or already_imported(file_day, version, context.receipts):
        return None
    try:
        return import_daily_file(file_day, context)
    except (ImportUnderWay, NotFound):
        return None


def _close_settled_days(context: ImportContext) -> None:
    # Taking and returning the lease ends the day marks of a run that died.
    opened = context.receipts.open_days()
    marking = _days_with_marks(opened, context)
    for file_day in marking:
        with suppress(ImportUnderWay), context.lease(file_day):
            pass
    receipts = context.receipts.newest(opened)
    unsettled = {notice.file_day for notice in context.outbox.of(opened) if notice.sent_at is None}
    unsettled.update(_days_with_marks(marking, context))
    for file_day, mark in opened.items():
        receipt = receipts.get(file_day)
        if file_day not in unsettled and (receipt is None or receipt.state is not FileState.IMPORTING):
            context.receipts.close_day(file_day, mark)


def _days_with_marks(file_days: Collection[date], context: ImportContext) -> list[date]:
    return [day for day, attempt in context.receipts.attempts(file_days).items() if attempt.marked]
