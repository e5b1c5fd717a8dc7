"""What is late: which files are missing, or there and not imported, and the one notice about each."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Final

from chalicelib.feeds.feed import DAYS_BACK, INTERVAL, Trial, days_to_look_for, file_name, is_late, near_miss
from chalicelib.feeds.receipt import BOOKED_STATES, FileState, Receipt
from chalicelib.imports.context import ImportContext
from chalicelib.imports.notices import late_notice
from chalicelib.imports.service import UNENDED
from chalicelib.notices.model import Kind, Notice

SAME_POLL: Final = timedelta(minutes=1)
"""Two polls at the same time see the same files: what the other has just seen was not left by an earlier one."""


@dataclass(frozen=True, slots=True)
class Late:
    """Why a file is late, where it is there: see `late_notice`."""

    failed: bool = False
    unfinished: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """What a look found before it imported anything, and what went wrong since.

    `versions` are the newest of the objects by day, None where there is no object; a day is missing from it where
    nobody could look. `opened` are days of any age that are cared for, `notices` those of the last seven file days and
    the week before.
    """

    now: datetime
    clock: datetime
    days: Sequence[date]
    opened: Collection[date]
    versions: Mapping[date, str | None]
    receipts: Mapping[date, Receipt]
    trials: Mapping[date, Trial]
    notices: Sequence[Notice]
    followed: Collection[date]
    faults: list[Exception]
    late: set[date] = field(default_factory=set)
    """Days of which this look wrote a late notice."""
    failed: set[date] = field(default_factory=set)
    """Days whose import failed in this look."""

    @property
    def cared_for(self) -> list[date]:
        """The days that a look deals with, oldest first."""
        return sorted({*self.opened, *self.days})

    @property
    def pending(self) -> list[date]:
        """The days whose object is not imported."""
        return [day for day in self.versions if self.is_pending(day)]

    def is_pending(self, day: date) -> bool:
        """Return whether there is an object that is not imported."""
        version, receipt = self.versions.get(day), self.receipts.get(day)
        unended = receipt is None or receipt.state in UNENDED or receipt.object_version != version
        return version is not None and unended

    def is_unused(self, day: date) -> bool:
        """Return whether the book has no usable file of a day, or an older version than the bucket."""
        receipt = self.receipts.get(day)
        if self.versions.get(day) is not None:
            return self.is_pending(day) or (receipt is not None and receipt.awaited)
        gone = receipt is not None and day in self.versions and receipt.state is FileState.IMPORTING
        return receipt is None or receipt.awaited or gone

    def was_left(self, day: date) -> bool:
        """Return whether an earlier poll found this very object and left it unimported."""
        trial = self.trials.get(day, Trial())
        since = trial.seen_at if trial.seen == self.versions.get(day) else None
        return since is not None and since + SAME_POLL <= self.clock and self.is_pending(day)


def look_through(desk: ImportContext, at: datetime | None) -> Found:
    """Look for the object of each day, one by one: a bucket that was filled for years need not be listed."""
    clock = desk.clock.now()
    now = at or clock
    days = days_to_look_for(now)
    faults: list[Exception] = []
    opened = desk.receipts.open_days()
    cared_for = sorted({*opened, *days})
    versions: dict[date, str | None] = {}
    for day in cared_for:
        with collected(faults):
            versions[day] = desk.store.newest_version(file_name(day))
    week = timedelta(days=DAYS_BACK)
    before = [day - week for day in days]
    receipts = desk.receipts.newest({*before, *cared_for})
    notices = desk.outbox.of([*before, *days])
    traces = {
        *receipts,
        *(one.file_day for one in notices if one.kind is not Kind.PRICES),
        *(day for day, version in versions.items() if version is not None),
    }
    followed = {day for day in days if day == days[-1] or any(day - week <= trace <= day for trace in traces)}
    if not followed <= receipts.keys():
        first = desk.receipts.first_day() or days[0]
        followed = {day for day in followed if day >= first or versions.get(day) is not None}
    found = Found(now, clock, days, opened, versions, receipts, {}, notices, followed, faults)
    return replace(found, trials=desk.receipts.trials(pending)) if (pending := found.pending) else found


@contextmanager
def collected(faults: list[Exception]) -> Iterator[None]:
    """Keep what is raised for later: one day's fault keeps no other from being dealt with."""
    try:
        yield
    except Exception as error:  # noqa: BLE001 - it is raised at the end of the look
        faults.append(error)


def late_before(found: Found) -> Mapping[date, Late]:
    """Return what is late before any file is imported: it is not there, not whole, or an earlier look left it.

    Where nobody could look, it is late if that lasts: a passing fault is no missing file.
    """
    return {day: why for day in found.days if (why := _late_before(day, found)) is not None}


def _late_before(day: date, found: Found) -> Late | None:
    if not found.is_unused(day):
        return None
    if day not in found.versions:
        return Late(failed=True) if is_late(day, found.now - INTERVAL) else None
    version, receipt = found.versions[day], found.receipts.get(day)
    same = receipt is not None and receipt.awaited and receipt.object_version == version
    if version is None or same:
        return Late()
    return Late(unfinished=True) if found.was_left(day) else None


def late_after(found: Found, imported: Mapping[date, Receipt]) -> Mapping[date, Late]:
    """Return what is late of the files that were to be imported: the import failed, or the file is not whole.

    What there was no time for is late at the next poll.
    """
    failed = {day: Late(failed=True) for day in found.days if day in found.failed}
    return failed | {day: Late() for day in found.days if day in imported and imported[day].awaited}


def write_late_notices(found: Found, whys: Mapping[date, Late], desk: ImportContext) -> None:
    """Write the late notices of these days, once each; a day already notified as held or rejected gets none."""
    notified = {notice.file_day for notice in found.notices if notice.kind is Kind.LATE}
    due = [day for day in whys if is_late(day, found.now) and day in found.followed and day not in notified]
    if not due:
        return
    with collected(found.faults):
        now, notices = replace(found, receipts=desk.receipts.newest(due)), desk.outbox.of(due)
        due = [day for day in due if now.is_unused(day) and not _is_notified(day, now.receipts.get(day), notices)]
        near = _near_misses([day for day in due if found.versions.get(day) is None], desk, found.faults)
        for day in due:
            receipt, why = now.receipts.get(day), whys[day]
            waiting = receipt if receipt is not None and receipt.awaited else None
            notice = late_notice(
                day, waiting, found.now, failed=why.failed, unfinished=why.unfinished, near=near.get(day, ())
            )
            with collected(found.faults):
                if desk.receipts.add_late(notice, desk.clock.now(), receipt):
                    found.late.add(day)


def _is_notified(day: date, receipt: Receipt | None, notices: Iterable[Notice]) -> bool:
    """Return whether a version stored after the one in the book was notified as held or rejected."""
    booked = 0
    if receipt is not None and receipt.awaited and receipt.early:
        return False  # whatever was notified was about a file stored before its day had ended
    if receipt is not None:
        booked = receipt.version if receipt.state in BOOKED_STATES else receipt.standing_version
    kinds = {Kind.HELD, Kind.REJECTED}
    return any(one.file_day == day and one.kind in kinds and one.version > booked for one in notices)


def _near_misses(days: Collection[date], desk: ImportContext, faults: list[Exception]) -> Mapping[date, Sequence[str]]:
    """Return the names in the bucket that are nearly the one of a day's file."""
    near: dict[date, list[str]] = {}
    with collected(faults):
        for name in desk.store.names() if days else ():
            day = near_miss(name)
            if day is not None and day in days:
                near.setdefault(day, []).append(name)
    return near


def missing_days(found: Found, desk: ImportContext) -> list[date]:
    """Return the late days that have no usable file now, or one that was left unimported, notified or not."""
    late = [day for day in found.days if is_late(day, found.now) and day in found.followed and found.is_unused(day)]
    now = replace(found, receipts=desk.receipts.newest(late) if late else {})

    def unused(day: date) -> bool:
        receipt = now.receipts.get(day)
        left = day in now.failed or found.was_left(day)
        return receipt is None or receipt.awaited or (left and now.is_pending(day))

    return [day for day in late if unused(day)]
