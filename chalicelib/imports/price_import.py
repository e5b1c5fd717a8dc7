"""Importing reference price files: each version is processed once."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from chalicelib.common.csv_records import UnreadableFile
from chalicelib.common.errors import ImportUnderWay, NotFound
from chalicelib.feeds.feed import price_days_to_poll, price_file_name
from chalicelib.imports.context import ImportContext
from chalicelib.imports.lateness import collected
from chalicelib.imports.notices import prices_notice
from chalicelib.imports.price_format import read_price_file
from chalicelib.imports.store import PriceFiles
from chalicelib.notices.service import send_unsent
from chalicelib.prices.model import InvalidPrices
from chalicelib.prices.service import PriceCounts, record_prices
from chalicelib.prices.store import Prices

READINGS: Final = 5
"""How often a run reads a file that other runs read at the same time."""


@dataclass(frozen=True, slots=True)
class PriceImport:
    key: str
    counts: PriceCounts
    reason: str | None = None

    def as_json(self) -> dict[str, object]:
        state = "imported" if self.reason is None else "rejected"
        return {"key": self.key, "state": state, **self.counts.as_json(), "reason": self.reason}


def import_price_file(file_day: date, context: ImportContext, prices: Prices, files: PriceFiles) -> PriceImport | None:
    """Import the newest version of a price file as of the time it was stored; return None if it was processed before.

    Raises NotFound, or ImportUnderWay if other runs kept reading it: this one may have read an older version.
    """
    key = price_file_name(file_day)
    for _ in range(READINGS):
        reading = files.begin(key)
        notice = None
        with context.store.fetch(key, None) as stored:
            if stored.version == reading.object_version:
                return None
            try:
                quotes = read_price_file(stored.content, stored.size)
                counts = record_prices(quotes, stored.stored_at, key, prices, reading.turn)
                outcome = PriceImport(key, counts)
            except (InvalidPrices, UnreadableFile) as error:
                outcome = PriceImport(key, PriceCounts(0, 0), error.message)
                rows = error.rows if isinstance(error, InvalidPrices) else ()
                notice = prices_notice(key, file_day, reading.done + 1, error.message, rows, context.clock.now())
        if files.end(reading, stored.version, notice):
            if notice is not None:
                send_unsent([file_day], context)
            return outcome
    raise ImportUnderWay(f"{key} is being imported by another run")


def arrived_prices(file_day: date, context: ImportContext, prices: Prices, files: PriceFiles) -> PriceImport | str:
    try:
        imported = import_price_file(file_day, context, prices, files)
    except NotFound:
        return "the file is gone again"
    return imported or "this file is imported already"


def poll_prices(
    context: ImportContext, prices: Prices, files: PriceFiles, at: datetime | None = None
) -> Sequence[PriceImport]:
    """Import the new price files of the last seven days, today and tomorrow.

    Raises the first error after all files were processed.
    """
    days = {price_file_name(day): day for day in price_days_to_poll(at or context.clock.now())}
    processed = files.processed_versions(days)
    imported: list[PriceImport] = []
    faults: list[Exception] = []
    for key, file_day in days.items():
        with collected(faults), suppress(ImportUnderWay, NotFound):
            version = context.store.newest_version(key)
            if version is not None and version != processed.get(key):
                outcome = import_price_file(file_day, context, prices, files)
                imported += [outcome] if outcome is not None else []
    if faults:
        raise faults[0]
    return imported
