"""Watching for daily files: each look catches up on the last days, so that none is missed for good."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from chalicelib.common.errors import ImportUnderWay, NotFound
from chalicelib.feeds.feed import Trial, file_day_of, file_name, near_miss
from chalicelib.feeds.receipt import FileState, Receipt
from chalicelib.imports.context import ImportContext
from chalicelib.imports.lateness import (
    Found,
    collected,
    late_after,
    late_before,
    look_through,
    missing_days,
    write_late_notices,
)
from chalicelib.imports.recheck import recheck
from chalicelib.imports.service import already_imported, import_daily_file
from chalicelib.notices.service import send_unsent

TIME_FOR_A_FILE: Final = timedelta(minutes=2)
"""Of a Lambda's time, what must be left to begin a file: to read and judge it, and to save a first window."""
_LONG_AGO: Final = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Looked:
    """What a look did and found.

    The receipts of what it imported; the file days of which it told that they are late, and all that are; how many
    notices it could not send.
    """

    imported: tuple[Receipt, ...]
    late: tuple[date, ...]
    missing: tuple[date, ...]
    unsent: int


def look(desk: ImportContext, at: datetime | None = None, found: Found | None = None) -> Looked:
    """Notify what is late and import what is there of the last seven file days and not in the book.

    Days of any age are cared for whose import did not end or whose notices were not sent. The bucket is looked through
    and late notices are sent first, so that a process that dies in an import keeps nobody from being notified. Then
    yesterday's file is imported, then the others, the one first whose last import began the longest ago, so that it
    keeps no other file out of the book either. No file is begun without time for it.

    `at` looks as if it were that time; leases and claims still go by the clock. A run under way is left alone. What
    kept a day from being dealt with is raised after the others were. `found` is what `notify_late` found just before.
    """
    found = found or notify_late(desk, at)
    imported = _import_pending(found, desk)
    write_late_notices(found, late_after(found, imported), desk)
    with collected(found.faults):
        recheck({**found.receipts, **imported}.values(), desk)
    unsent = send_unsent(found.cared_for, desk)
    _close_what_is_done(desk)
    if found.faults:
        raise found.faults[0]
    return Looked(tuple(imported.values()), tuple(sorted(found.late)), tuple(missing_days(found, desk)), unsent)


def notify_late(desk: ImportContext, at: datetime | None = None) -> Found:
    """Write and send the notices of what is late and import nothing: the first half of a look, to be handed to it."""
    found = look_through(desk, at)
    write_late_notices(found, late_before(found), desk)
    with collected([]):  # it is tried again at the end of the look
        send_unsent({*found.opened, *found.late}, desk)
    return found


def arrived(key: str, desk: ImportContext) -> Receipt | str:
    """Import a file that was put into the bucket; else give the reason why there was nothing to do.

    Raises ImportUnderWay where another run is at it: that one may be about an older version, or dead.
    """
    file_day = file_day_of(key)
    if file_day is None:
        meant = near_miss(key.rpartition("/")[2])
        return f"this is not the name of a daily file{f'; expected {file_name(meant)}' if meant else ''}"
    newest = desk.store.newest_version(key)
    if newest is None:
        return "the file is gone again"
    if already_imported(file_day, newest, desk.receipts):
        return "this file is imported already"
    return import_daily_file(file_day, desk)


def _import_pending(found: Found, desk: ImportContext) -> Mapping[date, Receipt]:
    """Import what is there and not in the book, as long as there is time; return the receipts in that order."""
    imported = {}
    for day in found.pending:
        seen, version = found.trials.get(day, Trial()).seen, found.versions[day]
        if version is not None and seen != version:
            with collected(found.faults):
                desk.receipts.note_seen(day, version, desk.clock.now())
    for day in _in_turn(found):
        if desk.time_left() < TIME_FOR_A_FILE:
            break
        faults: list[Exception] = []
        with collected(faults):
            receipt = _imported(day, desk)
            if receipt is not None:
                imported[day] = receipt
        if faults:
            found.failed.add(day)
            found.faults.extend(faults)
    return imported


def _in_turn(found: Found) -> list[date]:
    """Return the days to import: yesterday, then those whose last import began the longest ago.

    Yesterday takes its turn like the others once an earlier look began it and left it unimported: it may be the file
    that every process dies of.
    """

    def turn(day: date) -> tuple[bool, datetime, date]:
        trial = found.trials.get(day, Trial())
        tried = trial.tried_at or _LONG_AGO
        left = found.was_left(day) and trial.seen_at is not None and tried >= trial.seen_at
        return day != found.days[-1] or left, tried, day

    return sorted(found.pending, key=turn)


def _imported(file_day: date, desk: ImportContext) -> Receipt | None:
    """Import a file unless it was imported meanwhile; None then, and while another run is at it."""
    version = desk.store.newest_version(file_name(file_day))
    if version is None or already_imported(file_day, version, desk.receipts):
        return None
    try:
        return import_daily_file(file_day, desk)
    except (ImportUnderWay, NotFound):
        return None


def _close_what_is_done(desk: ImportContext) -> None:
    """Care no longer for days whose import came to its end and whose notices were all sent.

    The day marks of a run that died are ended first: giving a lease back ends them.
    """
    opened = desk.receipts.open_days()
    for file_day in (marking := desk.receipts.marking(opened)):
        with suppress(ImportUnderWay), desk.lease(file_day):
            pass
    receipts = desk.receipts.newest(opened)
    untold = {notice.file_day for notice in desk.outbox.of(opened) if notice.sent_at is None}
    untold.update(desk.receipts.marking(marking))
    for file_day, mark in opened.items():
        receipt = receipts.get(file_day)
        if file_day not in untold and (receipt is None or receipt.state is not FileState.IMPORTING):
            desk.receipts.close_day(file_day, mark)
