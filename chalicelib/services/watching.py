"""Watching for daily files: each look catches up on the last days, so that none is missed for good."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Final

from chalicelib.domain.daily_file import file_day_of, file_name
from chalicelib.domain.delivery import berlin_day
from chalicelib.domain.errors import ImportUnderWay
from chalicelib.domain.receipt import Receipt
from chalicelib.services.importing import Desk, already_imported, import_daily_file

DAYS_BACK: Final = 7


def look(desk: Desk) -> Sequence[Receipt]:
    """Import what is there of the last seven file days and not in the book; a run under way is left alone."""
    return list(_imported(desk))


def arrived(key: str, version: str | None, desk: Desk) -> Receipt | None:
    """Import a file that was put into the bucket; None where it is none of ours or in the book or under way already."""
    file_day = file_day_of(key)
    if file_day is None or (version is not None and already_imported(file_day, version, desk.receipts)):
        return None
    try:
        return import_daily_file(file_day, version, desk)
    except ImportUnderWay:
        return None


def _imported(desk: Desk) -> Iterator[Receipt]:
    for file_day in _days_back(berlin_day(desk.clock.now())):
        version = desk.store.newest_version(file_name(file_day))
        if version is None or already_imported(file_day, version, desk.receipts):
            continue
        try:
            yield import_daily_file(file_day, version, desk)
        except ImportUnderWay:
            continue


def _days_back(today: date) -> list[date]:
    """From the oldest to yesterday: an older file's words come before a newer one's."""
    return [today - timedelta(days=back) for back in range(DAYS_BACK, 0, -1)]
