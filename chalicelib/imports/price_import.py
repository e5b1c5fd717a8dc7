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
from chalicelib.feeds.receipt import QuarantinedRow
from chalicelib.feeds.store import StoredFile
from chalicelib.imports.context import ImportContext
from chalicelib.imports.formats import read_price_file
from chalicelib.imports.notices import prices_notice
from chalicelib.imports.store import PriceFiles, Reading
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
    """Import the newest version of a price file; return None if it was processed before.

    Raises NotFound, or ImportUnderWay if other runs kept reading it: this one may have read an older version.
    """
    key = price_file_name(file_day)
    for _ in range(READINGS):
        reading = files.begin(key)
        with context.store.fetch(key, None) as stored:
            if stored.version == reading.object_version:
                return None
            outcome, rows = _import_stored(stored, reading, prices)
        notice = None
        if outcome.reason is not None:
            version, now = reading.done + 1, context.clock.now()
            notice = prices_notice(key, file_day, version, outcome.reason, rows, now)
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
        try:
            version = context.store.newest_version(key)
            if version is not None and version != processed.get(key):
                with suppress(ImportUnderWay, NotFound):
                    outcome = import_price_file(file_day, context, prices, files)
                    imported += [outcome] if outcome is not None else []
        except Exception as error:  # noqa: BLE001 - the other files are read first; it is raised below
            faults.append(error)
    if faults:
        raise faults[0]
    return imported


def _import_stored(
    stored: StoredFile, reading: Reading, prices: Prices
) -> tuple[PriceImport, Sequence[QuarantinedRow]]:
    """Store prices as of the time the file was stored; return the bad rows of a rejected file."""
    try:
        quotes = read_price_file(stored.content, stored.size)
    except InvalidPrices as invalid:
        return PriceImport(stored.key, PriceCounts(0, 0), invalid.message), invalid.rows
    except UnreadableFile as unreadable:
        return PriceImport(stored.key, PriceCounts(0, 0), unreadable.message), ()
    return PriceImport(stored.key, record_prices(quotes, stored.stored_at, stored.key, prices, reading.turn)), ()
