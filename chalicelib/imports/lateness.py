"""Late files: missing or not imported by the deadline, each with one notice."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import Enum
from typing import Final

from chalicelib.feeds.feed import DAILY, DAYS_BACK, INTERVAL, Feed, ImportAttempt
from chalicelib.feeds.receipt import BOOKED_STATES, FileState, Receipt
from chalicelib.imports.context import ImportContext
from chalicelib.imports.notices import late_notice
from chalicelib.imports.service import is_finished
from chalicelib.notices.model import Kind, Notice

SAME_POLL: Final = timedelta(minutes=1)
"""Polls this close to each other are simultaneous, so that neither counts as the earlier one that left a file."""


class Late(Enum):
    UNUSABLE = "unusable"
    FAILED = "failed"
    UNFINISHED = "unfinished"


@dataclass(frozen=True, slots=True)
class FileScan:
    """The files and receipts that a poll found before importing, and its errors.

    `versions` has the newest object version by day, None without an object; a day that could not be read is absent.
    `opened` are the open days of any age, `followed` the days whose file is expected.
    """

    now: datetime
    clock: datetime
    days: Sequence[date]
    opened: Collection[date]
    versions: Mapping[date, str | None]
    receipts: Mapping[date, Receipt]
    attempts: Mapping[date, ImportAttempt]
    notices: Sequence[Notice]
    followed: Collection[date]
    faults: list[Exception]
    keys: Mapping[date, str] = field(default_factory=dict)
    """Of the days that could be read."""
    feed: Feed = DAILY
    late: set[date] = field(default_factory=set)
    """Days for which this poll wrote a late notice."""
    failed: set[date] = field(default_factory=set)
    """Days whose import failed in this poll."""

    @property
    def all_days(self) -> list[date]:
        return sorted({*self.opened, *self.days})

    @property
    def pending(self) -> list[date]:
        return [day for day in self.versions if self.is_pending(day)]

    def attempt(self, day: date) -> ImportAttempt:
        return self.attempts.get(day, ImportAttempt())

    def is_late(self, day: date) -> bool:
        return self.feed.is_late(day, self.now)

    def is_pending(self, day: date) -> bool:
        version, receipt = self.versions.get(day), self.receipts.get(day)
        return version is not None and (receipt is None or not is_finished(receipt, self.keys[day], version))

    def is_unused(self, day: date) -> bool:
        """Check whether the book has no usable file of the day, or an older version than the bucket."""
        receipt = self.receipts.get(day)
        if self.versions.get(day) is not None:
            return self.is_pending(day) or (receipt is not None and receipt.awaited)
        gone = receipt is not None and day in self.versions and receipt.state is FileState.IMPORTING
        return receipt is None or receipt.awaited or gone

    def was_left(self, day: date) -> bool:
        """Check whether an earlier poll left this object version unimported."""
        attempt = self.attempt(day)
        since = attempt.seen_at if attempt.seen == self.versions.get(day) else None
        return since is not None and since + SAME_POLL <= self.clock and self.is_pending(day)


def scan_files(context: ImportContext, at: datetime | None) -> FileScan:
    # By key: listing a bucket that was filled for years would take longer.
    clock = context.clock.now()
    now = at or clock
    days = context.feed.days_to_poll(now)
    faults: list[Exception] = []
    opened = context.receipts.open_days()
    all_days = sorted({*opened, *days})
    keys: Mapping[date, str] = {}
    versions: dict[date, str | None] = {}
    with collected(faults):
        keys = context.keys(all_days)
    for day in keys:
        with collected(faults):
            versions[day] = context.store.newest_version(keys[day])
    week = timedelta(days=DAYS_BACK)
    before = [days[0] - timedelta(days=back) for back in range(DAYS_BACK, 0, -1)]
    receipts = context.receipts.newest({*before, *all_days})
    notices = context.outbox.of([*before, *days])
    traces = {
        *receipts,
        *(notice.file_day for notice in notices if notice.kind is not Kind.PRICES),
        *(day for day, version in versions.items() if version is not None),
    }
    followed = {day for day in days if day == days[-1] or any(day - week <= trace <= day for trace in traces)}
    if context.feed.since is not None:
        followed = set(days)
    elif not followed <= receipts.keys():
        first = context.receipts.first_day() or days[0]
        followed = {day for day in followed if day >= first or versions.get(day) is not None}
    followed = {day for day in followed if context.feed.expects(day) or versions.get(day) is not None}
    scan = FileScan(now, clock, days, opened, versions, receipts, {}, notices, followed, faults, keys, context.feed)
    return replace(scan, attempts=context.receipts.attempts(pending)) if (pending := scan.pending) else scan


@contextmanager
def collected(faults: list[Exception]) -> Iterator[None]:
    """Collect errors, so that one day does not keep others from being processed."""
    try:
        yield
    except Exception as error:  # noqa: BLE001 - it is raised at the end of the poll
        faults.append(error)


def late_before(day: date, scan: FileScan) -> Late | None:
    """Return how a file is late before any import: absent, incomplete or left by an earlier poll."""
    if not scan.is_unused(day):
        return None
    if day not in scan.versions:
        return Late.FAILED if scan.feed.is_late(day, scan.now - INTERVAL) else None  # a passing error is not late
    version, receipt = scan.versions[day], scan.receipts.get(day)
    same = receipt is not None and receipt.awaited and receipt.object_version == version
    if version is None or same:
        return Late.UNUSABLE
    return Late.UNFINISHED if scan.was_left(day) else None


def write_late_notices(
    scan: FileScan, reasons: Mapping[date, Late | None], context: ImportContext, keys: Callable[[], Iterable[str]]
) -> None:
    """Write the late notices of these days, unless a held or rejected notice was written instead.

    `keys` returns those in the bucket that no feed has.
    """
    notified = {notice.file_day for notice in scan.notices if notice.kind is Kind.LATE}
    late = {day: reason for day, reason in reasons.items() if reason is not None}
    due = [day for day in late if scan.is_late(day) and day in scan.followed and day not in notified]
    if not due:
        return
    with collected(scan.faults):
        now, notices = replace(scan, receipts=context.receipts.newest(due)), context.outbox.of(due)
        due = [day for day in due if now.is_unused(day) and not _is_notified(day, now.receipts.get(day), notices)]
        near = _near_misses([day for day in due if scan.versions.get(day) is None], scan, keys)
        for day in due:
            receipt = now.receipts.get(day)
            unusable = receipt if receipt is not None and receipt.awaited else None
            failed, unfinished = late[day] is Late.FAILED, late[day] is Late.UNFINISHED
            misspelt, feed = near.get(day, ()), scan.feed
            notice = late_notice(
                day, unusable, scan.now, failed=failed, unfinished=unfinished, near=misspelt, feed=feed
            )
            with collected(scan.faults):
                if context.receipts.add_late(notice, context.clock.now(), receipt):
                    scan.late.add(day)


def _is_notified(day: date, receipt: Receipt | None, notices: Iterable[Notice]) -> bool:
    if receipt is not None and receipt.awaited and receipt.early:
        return False  # earlier notices were about a file stored before its day had ended
    booked = 0
    if receipt is not None:
        booked = receipt.version if receipt.state in BOOKED_STATES else receipt.standing_version
    kinds = {Kind.HELD, Kind.REJECTED}
    return any(notice.file_day == day and notice.kind in kinds and notice.version > booked for notice in notices)


def _near_misses(
    days: Collection[date], scan: FileScan, keys: Callable[[], Iterable[str]]
) -> Mapping[date, Sequence[str]]:
    near: dict[date, list[str]] = {day: [] for day in days}
    with collected(scan.faults):
        for key in keys() if days else ():
            if (day := scan.feed.near_miss(key)) in near:
                near[day].append(key)
    return near


def missing_days(scan: FileScan, context: ImportContext) -> list[date]:
    """Return the late days without a usable file, or with one left unimported, notified or not."""
    late = [day for day in scan.days if scan.is_late(day) and day in scan.followed and scan.is_unused(day)]
    now = replace(scan, receipts=context.receipts.newest(late) if late else {})
    left = {day for day in late if day in scan.failed or scan.was_left(day)}
    without = {day for day in late if day not in now.receipts or now.receipts[day].awaited}
    return [day for day in late if day in without or (day in left and now.is_pending(day))]
