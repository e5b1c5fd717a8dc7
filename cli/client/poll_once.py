"""One poll for daily files, now or as of a given time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Final

from chalicelib.common.timestamps import format_utc
from chalicelib.feeds.feed import days_to_look_for, is_late, price_files_to_look_for
from chalicelib.imports.context import ImportContext
from chalicelib.imports.polling import poll
from chalicelib.imports.price_import import poll_prices
from chalicelib.imports.store import PriceFiles
from chalicelib.notices.model import Kind, Notice
from chalicelib.prices.store import Prices
from cli.output.json import Json

LISTED_DAYS: Final = 366
"""The number of file days before the last seven that a poll reports on, as many as a report may have."""


def poll_once(desk: ImportContext, prices: Prices, price_files: PriceFiles, at: datetime) -> Json:
    """Poll as of that time; return what was imported, is late or open, and the notices that are new or unsent."""
    days = days_to_look_for(at)
    spoken_of = sorted({*days, *price_files_to_look_for(at)})
    told = {_key(notice) for notice in desk.outbox.of(spoken_of) if notice.sent_at is not None}
    try:
        polled = poll(desk, at)
    finally:  # like the scheduled function: a failing day must not keep prices from being imported
        priced = poll_prices(desk, prices, price_files, at)
    receipts = [(one, desk.receipts.quarantine(one.file_day, one.version)) for one in polled.imported]
    dealt_with = {*polled.late, *(receipt.file_day for receipt in polled.imported)}
    return {
        "at": format_utc(at),
        "start_day": days[0].isoformat(),
        "end_day": days[-1].isoformat(),
        "imported": [receipt.as_json(quarantine) for receipt, quarantine in receipts],
        "late": [file_day.isoformat() for file_day in polled.late],
        "open": list(_open([day for day in [*_unfinished(days[0], desk), *days] if day not in dealt_with], at, desk)),
        "prices": [one.as_json() for one in priced],
        "notices": [notice.as_json() for notice in desk.outbox.of(spoken_of) if _key(notice) not in told],
    }


def _unfinished(before: date, desk: ImportContext) -> Sequence[date]:
    """Return the earlier days that are not settled: those of the last year, and older ones with an unfinished import.

    A day without a receipt may be late; days before the first receipt are ignored.
    """
    year = [before - timedelta(days=back) for back in range(LISTED_DAYS, 0, -1)]
    earlier = sorted({*year, *(day for day in desk.receipts.open_days() if day < before)})
    receipts = desk.receipts.newest(earlier)
    first = min(receipts, default=before)
    return [day for day in earlier if (not receipts[day].settled if day in receipts else day > first)]


def _open(days: Sequence[date], at: datetime, desk: ImportContext) -> Iterator[Json]:
    """Yield a line for each of these days that is not settled; `state` is its receipt's, or `expected` or `late`.

    Late days for which no notice was ever written are skipped.
    """
    receipts = desk.receipts.newest(days)
    blank = desk.outbox.of([day for day in days if day not in receipts])
    told = {notice.file_day: notice for notice in blank if notice.kind is Kind.LATE}
    for file_day in days:
        receipt = receipts.get(file_day)
        if receipt is not None:
            if not receipt.settled:
                yield receipt.as_json(())
        elif not is_late(file_day, at):
            yield _without_receipt(file_day, "expected", "not there yet, expected by 08:00 in Berlin")
        elif file_day in told:
            what = "was told" if told[file_day].sent_at is not None else "could not be told yet"
            yield _without_receipt(file_day, "late", f"still late, the desk {what}")


def _without_receipt(file_day: date, state: str, reason: str) -> Json:
    return {"file_day": file_day.isoformat(), "state": state, "reason": reason}


def _key(notice: Notice) -> tuple[date, Kind, int]:
    return notice.file_day, notice.kind, notice.version
