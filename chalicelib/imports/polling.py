"""Polling for the files of all feeds of trades: each poll covers the last file days of each."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Final, NamedTuple

from chalicelib.common.errors import ImportUnderWay, NotFound
from chalicelib.feeds.feed import feeds_of, near_misses
from chalicelib.feeds.file_day import FileDay
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
    """`late` are files with a new late notice, `missing` all late ones; `unsent` counts notices."""

    imported: tuple[Receipt, ...]
    late: tuple[FileDay, ...]
    missing: tuple[FileDay, ...]
    unsent: int


class Scans(NamedTuple):
    """What a poll found of each feed that could be read, and why the others could not."""

    of_feeds: Sequence[FileScan]
    faults: list[Exception]
    strays: Callable[[], Sequence[str]]
    """Returns the keys of the bucket that no feed has, listed when first asked for."""


def poll(context: ImportContext, at: datetime | None = None, scans: Scans | None = None) -> PollResult:
    """Notify late files of all feeds of trades, and import the files that are not in the book.

    Older days with an unfinished import or unsent notices are included. Late notices are sent first, so that they are
    sent even if the process dies in an import. Then yesterday's files are imported, then the others, beginning with the
    longest untried, so that a file on which every run dies blocks no other. A file is begun only if there is time.

    Days are polled as of `at`; leases and claims use the clock. `scans` is the result of `notify_late`. Raises the
    first error after all feeds and days were processed.
    """
    scans = scans or notify_late(context, at)
    imported = _import_pending(scans.of_feeds, context)
    missing: list[FileDay] = []
    unsent = 0
    for scan in scans.of_feeds:
        own = context.of(scan.feed)
        with collected(scan.faults):
            unsent += _end(scan, imported, own, scans.strays)
            missing += map(scan.feed.file, missing_days(scan, own))
    for fault in [*scans.faults, *(fault for scan in scans.of_feeds for fault in scan.faults)]:
        raise fault
    late = [scan.feed.file(day) for scan in scans.of_feeds for day in sorted(scan.late)]
    return PollResult(tuple(imported.values()), tuple(late), tuple(missing), unsent)


def _end(
    scan: FileScan, imported: Mapping[FileDay, Receipt], context: ImportContext, strays: Callable[[], Sequence[str]]
) -> int:
    """Write and send what the imports of a poll left to be notified; return the number of unsent notices."""
    of_feed = {day: receipt for (day, feed), receipt in imported.items() if feed == scan.feed.name}
    late = {day: Late.UNUSABLE for day, receipt in of_feed.items() if receipt.awaited}
    late.update(dict.fromkeys(scan.failed, Late.FAILED))
    write_late_notices(scan, {day: late.get(day) for day in scan.days}, context, strays)
    with collected(scan.faults):
        recheck({**scan.receipts, **of_feed}.values(), context)
    unsent = send_unsent(scan.all_days, context)
    close_settled_days(context)
    return unsent


def notify_late(context: ImportContext, at: datetime | None = None) -> Scans:
    """Write and send late notices without importing anything; return the scans for `poll`."""
    found: list[FileScan] = []
    faults: list[Exception] = []
    strays = cache(lambda: [file.key for file in context.store.listed() if not feeds_of(file.key, context.feeds)])
    for own in context.of_trades:
        with collected(faults):
            scan = scan_files(own, at)
            found.append(scan)
            write_late_notices(scan, {day: late_before(day, scan) for day in scan.days}, own, strays)
            with collected([]):  # retried at the end of the poll
                send_unsent({*scan.opened, *scan.late}, own)
    return Scans(found, faults, strays)


def arrived(key: str, context: ImportContext) -> Receipt | str:
    """Import a file that was stored in the bucket, or return the reason why not; raises ImportUnderWay."""
    of_trades = [own.feed for own in context.of_trades]
    found = feeds_of(key, of_trades)
    if not found:
        meant = next(near_misses(key.rpartition("/")[2], of_trades), None)
        if meant is None:
            return "this is not the name of a daily file"
        feed, day = meant
        file = "daily file" if feed.is_daily else f"file of feed {feed.name}"
        return f"this is not the name of a {file}; expected {feed.key(day)}"
    [(feed, file_day)] = found
    own = context.of(feed)
    newest = context.store.newest_version(key)
    if newest is None:
        return "the file is gone again"
    if already_imported(file_day, key, newest, own.receipts):
        return "this file is imported already"
    return import_daily_file(file_day, own)  # raises even so: the other run may import an older version, or be dead


def _import_pending(scans: Sequence[FileScan], context: ImportContext) -> Mapping[FileDay, Receipt]:
    imported = {}
    for scan in scans:
        for day in scan.pending:
            version = scan.versions[day]
            if version is not None and scan.attempt(day).seen != version:
                with collected(scan.faults):
                    context.of(scan.feed).receipts.store_seen(day, version, context.clock.now())
    for scan, day in _in_turn(scans):
        if context.time_left() < TIME_FOR_A_FILE:
            break
        faults: list[Exception] = []
        with collected(faults):
            receipt = _imported(day, context.of(scan.feed))
            if receipt is not None:
                imported[scan.feed.file(day)] = receipt
        if faults:
            scan.failed.add(day)
            scan.faults.extend(faults)
    return imported


def _in_turn(scans: Sequence[FileScan]) -> list[tuple[FileScan, date]]:
    # Yesterday first, unless an earlier poll began it and left it: every process may die in its file.

    def turn(pending: tuple[FileScan, date]) -> tuple[bool, datetime, date]:
        scan, day = pending
        attempt = scan.attempt(day)
        tried = attempt.tried_at or _LONG_AGO
        left = scan.was_left(day) and attempt.seen_at is not None and tried >= attempt.seen_at
        return day != scan.days[-1] or left, tried, day

    return sorted(((scan, day) for scan in scans for day in scan.pending), key=turn)


def _imported(file_day: date, context: ImportContext) -> Receipt | None:
    key = context.key(file_day)
    version = context.store.newest_version(key)
    if version is None or already_imported(file_day, key, version, context.receipts):
        return None
    try:
        return import_daily_file(file_day, context)
    except (ImportUnderWay, NotFound):
        return None


def close_settled_days(context: ImportContext) -> None:
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
