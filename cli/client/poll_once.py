"""One poll for daily files, now or as of a given time."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Final

from chalicelib.common.timestamps import format_utc
from chalicelib.feeds.feed import DAILY, REFERENCE_PRICES, Feed, feed_of
from chalicelib.feeds.file_day import FileDay
from chalicelib.imports.context import ImportContext
from chalicelib.imports.polling import poll
from chalicelib.imports.price_import import PriceStores, poll_prices
from chalicelib.notices.model import Kind, Notice
from cli.output.json import Json

LISTED_DAYS: Final = 366
"""File days before the last seven that a poll reports on: as many as a report may have."""


def poll_once(context: ImportContext, prices: PriceStores, at: datetime) -> Json:
    days = context.feed.days_to_poll(at)
    sent = {_key(notice) for notice in _notices(context, at) if notice.sent_at is not None}
    try:
        polled = poll(context, at)
    finally:  # like the scheduled function: a failing day must not keep prices from being imported
        priced = poll_prices(context, prices, at)
    reported = {*polled.late, *(receipt.file for receipt in polled.imported)}
    return {
        "at": format_utc(at),
        "start_day": days[0].isoformat(),
        "end_day": days[-1].isoformat(),
        "imported": [
            receipt.as_json(context.of_file(receipt.file).receipts.quarantine(receipt.file_day, receipt.version))
            for receipt in polled.imported
        ],
        "late": [file.text for file in polled.late],
        "open": [line for own in context.of_trades for line in _open_of(own, at, reported)],
        "prices": [price_import.as_json() for price_import in priced],
        "notices": [notice.as_json() for notice in _notices(context, at) if _key(notice) not in sent],
    }


def _notices(context: ImportContext, at: datetime) -> Sequence[Notice]:
    """Return the notices of all feeds on the days of a poll, in the order of writing."""
    found: list[Notice] = []
    desk_prices = feed_of(REFERENCE_PRICES.name, context.feeds)  # their notices are among those of the daily file
    for feed in context.feeds:
        days = feed.days_to_poll(at)
        days = sorted({*days, *desk_prices.days_to_poll(at)}) if feed.is_daily else days
        found += context.outbox.of_feed(feed.name).of(days)
    return sorted(found, key=lambda notice: notice.written_at)


def _open_of(context: ImportContext, at: datetime, reported: Collection[FileDay]) -> Iterator[Json]:
    feed, days = context.feed, context.feed.days_to_poll(at)
    candidates = [*_unfinished(days[0], context), *days]
    yield from _open([day for day in candidates if feed.file(day) not in reported], at, context)


def _unfinished(before: date, context: ImportContext) -> Sequence[date]:
    """Return the earlier days that are not settled: those of the last year, and older ones with an unfinished import.

    A day without a receipt may be late; days before the first receipt are ignored.
    """
    year = [before - timedelta(days=back) for back in range(LISTED_DAYS, 0, -1)]
    earlier = sorted({*year, *(day for day in context.receipts.open_days() if day < before)})
    receipts = context.receipts.newest(earlier)
    first = min(receipts, default=before)
    return [day for day in earlier if (not receipts[day].settled if day in receipts else day > first)]


def _open(days: Sequence[date], at: datetime, context: ImportContext) -> Iterator[Json]:
    """Yield a line for each of these days that is not settled; `state` is its receipt's, or `expected` or `late`.

    Late days for which no notice was ever written are skipped.
    """
    receipts = context.receipts.newest(days)
    without_receipt = context.outbox.of([day for day in days if day not in receipts])
    late = {notice.file_day: notice for notice in without_receipt if notice.kind is Kind.LATE}
    for file_day in days:
        receipt = receipts.get(file_day)
        if receipt is not None:
            if not receipt.settled:
                yield receipt.as_json(())
        elif not context.feed.is_late(file_day, at):
            if deadline := _deadline(context.feed, file_day):
                yield _without_receipt(
                    context.feed.file(file_day), "expected", f"not there yet, expected by {deadline}"
                )
        elif file_day in late:
            notified = "was notified" if late[file_day].sent_at is not None else "could not be notified yet"
            yield _without_receipt(context.feed.file(file_day), "late", f"still late, the desk {notified}")


def _deadline(feed: Feed, file_day: date) -> str | None:
    if feed.deadline is None or not feed.expects(file_day):
        return None
    return f"{feed.deadline:%H:%M} in {feed.timezone.key.rpartition('/')[2].replace('_', ' ')}"


def _without_receipt(file: FileDay, state: str, reason: str) -> Json:
    named = {} if file.feed == DAILY.name else {"feed": file.feed}
    return {"file_day": file.day.isoformat(), "state": state, "reason": reason, **named}


def _key(notice: Notice) -> tuple[str, Kind, int, str]:
    return notice.file, notice.kind, notice.version, notice.of_file
