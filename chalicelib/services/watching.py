"""Watching for daily files: each look catches up on the last days, so that none is missed for good."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from chalicelib.domain.daily_file import file_day_of, file_name
from chalicelib.domain.errors import ImportUnderWay, NotFound
from chalicelib.domain.notice import Kind, late_notice
from chalicelib.domain.receipt import FileState, Receipt
from chalicelib.domain.watch import DAYS_BACK, INTERVAL, days_to_look_for, is_late
from chalicelib.services.desk import Desk
from chalicelib.services.importing import already_imported, import_daily_file
from chalicelib.services.notifying import send_unsent


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


def look(desk: Desk, at: datetime | None = None) -> Looked:
    """Import what is there of the last seven file days and not in the book, and tell what is late.

    Days of any age are cared for whose import was not ended or whose notices were not sent.

    `at` looks as if it were that time; leases and claims still go by the clock. A run under way is left alone. What
    kept a day from being dealt with is raised after the others were.
    """
    now = at or desk.clock.now()
    days = days_to_look_for(now)
    imported: list[Receipt] = []
    failed: dict[date, Exception] = {}
    for file_day in (cared_for := sorted({*desk.receipts.open_days(), *days})):
        try:
            imported += _imported(file_day, desk)
        except Exception as error:  # noqa: BLE001 - one day's fault keeps no other from the book; it is raised below
            failed[file_day] = error
    missing = tuple(_late(days, now, desk))
    late = tuple(file_day for file_day in missing if _tell_late(file_day, now, desk, failed))
    unsent = send_unsent(cared_for, desk)
    _close_what_is_done(desk)
    if failed:
        raise next(iter(failed.values()))
    return Looked(tuple(imported), late, missing, unsent)


def arrived(key: str, desk: Desk) -> Receipt | str:
    """Import a file that was put into the bucket; else give the reason why there was nothing to do.

    Raises ImportUnderWay where another run is at it: that one may be about an older version, or dead.
    """
    file_day = file_day_of(key)
    if file_day is None:
        return "this is not the name of a daily file"
    newest = desk.store.newest_version(key)
    if newest is None:
        return "the file is gone again"
    if already_imported(file_day, newest, desk.receipts):
        return "this file is imported already"
    return import_daily_file(file_day, desk)


def _imported(file_day: date, desk: Desk) -> Sequence[Receipt]:
    version = desk.store.newest_version(file_name(file_day))
    if version is None or already_imported(file_day, version, desk.receipts):
        return ()
    try:
        return (import_daily_file(file_day, desk),)
    except (ImportUnderWay, NotFound):
        return ()


def _close_what_is_done(desk: Desk) -> None:
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


def _late(days: Sequence[date], now: datetime, desk: Desk) -> list[date]:
    """Give the days that the desk must be told of: without a usable file, and followed when it should have come.

    Yesterday always is; an earlier day is where the week before it left a receipt or a notice. So a new book does not
    begin with a week of alarms, and one that was switched off over a weekend still tells of each day. No file is late
    that is older than the first of the book.
    """
    week = timedelta(days=DAYS_BACK)
    first = days[0] - week
    followed = [first + timedelta(days=later) for later in range(2 * DAYS_BACK)]
    receipts = desk.receipts.newest(followed)
    traces = {*receipts, *(one.file_day for one in desk.outbox.of(followed) if one.kind is not Kind.PRICES)}

    def known(file_day: date) -> bool:
        return file_day == days[-1] or any(file_day - week <= trace <= file_day for trace in traces)

    unused = [day for day in days if day not in receipts or receipts[day].awaited]
    late = [day for day in unused if is_late(day, now) and known(day)]
    first_day = desk.receipts.first_day() if late else None
    return [day for day in late if first_day is None or first_day <= day]


def _tell_late(file_day: date, now: datetime, desk: Desk, failed: Collection[date]) -> bool:
    """Tell it once; where we could not look, only if that goes on: a passing fault is no missing file."""
    if file_day in failed and not is_late(file_day, now - INTERVAL):
        return False
    waiting = desk.receipts.newest([file_day]).get(file_day)
    notice = late_notice(file_day, waiting, now, failed=file_day in failed)
    return desk.outbox.add_late(notice, desk.clock.now())
