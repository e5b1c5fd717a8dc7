"""Importing files of reference prices: the newest version counts, each is dealt with once, a bad one is told once."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from chalicelib.common.csv_records import UnreadableFile
from chalicelib.common.errors import ImportUnderWay, NotFound
from chalicelib.feeds.feed import price_file_name, price_files_to_look_for
from chalicelib.feeds.receipt import QuarantinedRow
from chalicelib.feeds.store import StoredFile
from chalicelib.imports.context import ImportContext
from chalicelib.imports.formats.reference_prices import read_price_file
from chalicelib.imports.notices import prices_notice
from chalicelib.imports.store import PriceFiles, Reading
from chalicelib.notices.service import send_unsent
from chalicelib.prices.model import InvalidPrices
from chalicelib.prices.service import Said, said_at
from chalicelib.prices.store import Prices

READINGS: Final = 5
"""How often one run begins anew because another began meanwhile."""


@dataclass(frozen=True, slots=True)
class PriceImport:
    """What became of a version of a price file: taken whole, or for a `reason` not at all."""

    key: str
    said: Said
    reason: str | None = None

    def as_json(self) -> dict[str, object]:
        """Give it as the CLI and the function's log show it."""
        state = "imported" if self.reason is None else "rejected"
        return {"key": self.key, "state": state, **self.said.as_json(), "reason": self.reason}


def import_price_file(file_day: date, desk: ImportContext, prices: Prices, files: PriceFiles) -> PriceImport | None:
    """Import the newest version of a price file; None where that was dealt with before.

    Raises NotFound without the file, ImportUnderWay where others were reading it all the while: what this run read
    may have been overtaken, and the next look or event reads it again.
    """
    key = price_file_name(file_day)
    for _ in range(READINGS):
        reading = files.begin(key)
        with desk.store.fetch(key, None) as stored:
            if stored.version == reading.object_version:
                return None
            outcome, rows = _taken(stored, reading, prices)
        notice = None
        if outcome.reason is not None:
            version, now = reading.done + 1, desk.clock.now()
            notice = prices_notice(key, file_day, version, outcome.reason, rows, now)
        if files.end(reading, stored.version, notice):
            if notice is not None:
                send_unsent([file_day], desk)
            return outcome
    raise ImportUnderWay(f"{key} is being imported by another run")


def arrived_prices(file_day: date, desk: ImportContext, prices: Prices, files: PriceFiles) -> PriceImport | str:
    """Import a price file that was put into the bucket; else give the reason why there was nothing to do."""
    try:
        imported = import_price_file(file_day, desk, prices, files)
    except NotFound:
        return "the file is gone again"
    return imported or "this file is imported already"


def look_for_prices(
    desk: ImportContext, prices: Prices, files: PriceFiles, at: datetime | None = None
) -> Sequence[PriceImport]:
    """Import what is there of the last seven days', today's and tomorrow's price files and was not dealt with.

    `at` looks as if it were that time. What kept a file from being read is raised after the others were.
    """
    days = {price_file_name(day): day for day in price_files_to_look_for(at or desk.clock.now())}
    known = files.dealt_with(days)
    imported, faults = [], []
    for key, file_day in days.items():
        try:
            version = desk.store.newest_version(key)
            if version is not None and version != known.get(key):
                with suppress(ImportUnderWay, NotFound):
                    imported.append(import_price_file(file_day, desk, prices, files))
        except Exception as error:  # noqa: BLE001 - one file's fault keeps no other from being read; it is raised below
            faults.append(error)
    if faults:
        raise faults[0]
    return [one for one in imported if one is not None]


def _taken(stored: StoredFile, reading: Reading, prices: Prices) -> tuple[PriceImport, Sequence[QuarantinedRow]]:
    """Say the prices as of when the file was stored; where they are of no use, gives the rows that are to blame."""
    try:
        given = read_price_file(stored.content, stored.size)
    except InvalidPrices as invalid:
        return PriceImport(stored.key, Said(0, 0), invalid.message), invalid.rows
    except UnreadableFile as unreadable:
        return PriceImport(stored.key, Said(0, 0), unreadable.message), ()
    return PriceImport(stored.key, said_at(given, stored.stored_at, stored.key, prices, reading.turn)), ()
