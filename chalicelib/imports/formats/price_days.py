"""What a file of prices leaves out of its delivery days, or states twice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Final

from chalicelib.common.csv_records import UnreadableFile
from chalicelib.common.delivery import QUARTER, Period, berlin_day, slot_rows
from chalicelib.common.errors import Problem
from chalicelib.common.timestamps import format_utc
from chalicelib.imports.formats.reading import Row

_SLOT: Final = timedelta(minutes=QUARTER)


def with_gaps(rows: Sequence[Row]) -> Iterator[Row]:
    """Return the rows of one series, and a problem for each day that they cover in part.

    Raises UnreadableFile before the first row if two of them state the same quarter-hour.
    """
    days: dict[date, tuple[int, set[datetime]]] = {}
    for row in rows:
        for price in row.prices:
            for start in _slots_of(price.period):
                _, starts = days.setdefault(berlin_day(start), (row.line, set()))
                if start in starts:
                    raise UnreadableFile(f"the file states two prices for {format_utc(start)}, expected one")
                starts.add(start)
    return _joined(rows, days)


def without_zeros(text: str) -> str:
    """Return decimal text without the zeros at its end: `60.250` in XML and JSON is no number of thousands."""
    whole, mark, decimals = text.partition(".")
    exact = decimals.rstrip("0")
    return f"{whole}{mark}{exact}" if exact or not decimals else whole


def _joined(rows: Sequence[Row], days: dict[date, tuple[int, set[datetime]]]) -> Iterator[Row]:
    yield from rows
    for day, (line, starts) in sorted(days.items()):
        slots = slot_rows(day, QUARTER)
        missing = [slot for slot in slots if slot.start not in starts]
        if missing:
            gap = f"{len(missing)} of its {len(slots)} quarter-hours, the first {missing[0].label}"
            yield Row(line, problems=(Problem("day", f"{day} has no price for {gap}"),))


def _slots_of(period: Period) -> Iterator[datetime]:
    return (period.start + place * _SLOT for place in range(period.minutes // QUARTER))
