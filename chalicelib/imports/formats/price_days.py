"""What a file of prices leaves out of its delivery days, or states twice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from chalicelib.common.csv_records import UnreadableFile
from chalicelib.common.delivery import QUARTER, Period, slot_rows
from chalicelib.common.errors import Problem
from chalicelib.common.timestamps import format_utc
from chalicelib.imports.formats.reading import Row
from chalicelib.prices.period_price import PeriodPrice
from chalicelib.prices.slots import Series

_SLOT: Final = timedelta(minutes=QUARTER)
_NO_PRICE: Final = Problem("price_eur_mwh", "is missing: the period has no price")


class Stated(NamedTuple):
    start: datetime
    line: int


class PriceDays:
    """The quarter-hours that the rows of a file state a price for, and those whose price is empty, each by its line."""

    def __init__(self) -> None:
        self._stated: dict[Series, dict[datetime, int]] = {}
        self._empty: list[tuple[Series, Period, int]] = []

    def add(self, price: PeriodPrice, line: int) -> Stated | None:
        """Note a price; return the quarter-hour that another row states already, in which case nothing is noted."""
        lines = self._stated.setdefault(price.series, {})
        slots = list(_slots_of(price.period))
        for start in slots:
            if start in lines:
                return Stated(start, lines[start])
        lines.update(dict.fromkeys(slots, line))
        return None

    def add_empty(self, series: Series, period: Period, line: int) -> None:
        self._empty.append((series, period, line))

    def empty(self) -> Iterator[Row]:
        """Return the rows without a price: problems of days that have prices, and skipped on other days."""
        for series, period, line in self._empty:
            stated = self._stated.get(series, {})
            missing = bool(stated) and not any(start in stated for start in _slots_of(period))
            yield Row(line, problems=(_NO_PRICE,), gap=True) if missing else Row(line)

    def gaps(self) -> Iterator[Row]:
        """Return a problem for each day that has prices and leaves quarter-hours out, where its first gap ends."""
        empty = {(series, start) for series, period, _ in self._empty for start in _slots_of(period)}
        for series, stated in sorted(self._stated.items()):
            slots = slot_rows(series.day, QUARTER)
            missing = [slot for slot in slots if slot.start not in stated and (series, slot.start) not in empty]
            if missing:
                after = [line for start, line in stated.items() if start > missing[0].start]
                gap = f"{len(missing)} of its {len(slots)} quarter-hours, the first {missing[0].label}"
                problem = Problem("day", f"{series.day} has no price for {gap}")
                yield Row(min(after, default=max(stated.values())), problems=(problem,), gap=True)

    def complete(self, rows: Iterator[Row | None]) -> Iterator[Row]:
        """Return the rows that were noted here, then those without a price, then the gaps, unless a row is wrong."""
        wrong = False
        for row in rows:
            if row is not None:
                wrong = wrong or bool(row.problems)
                yield row
        yield from self.empty()
        if not wrong:
            yield from self.gaps()


def with_gaps(rows: Sequence[Row]) -> Iterator[Row]:
    """Return the rows of one series, and a problem for each day that they cover in part.

    Raises UnreadableFile before the first row if two of them state the same quarter-hour.
    """
    days = PriceDays()
    for row in rows:
        for price in row.prices:
            if stated := days.add(price, row.line):
                raise UnreadableFile(f"the file states two prices for {format_utc(stated.start)}, expected one")
    return _joined(rows, days)


def _joined(rows: Sequence[Row], days: PriceDays) -> Iterator[Row]:
    yield from rows
    yield from days.gaps()


def without_zeros(text: str) -> str:
    """Return decimal text without the zeros at its end: `60.250` in XML and JSON is no number of thousands."""
    whole, mark, decimals = text.partition(".")
    exact = decimals.rstrip("0")
    return f"{whole}{mark}{exact}" if exact or not decimals else whole


def _slots_of(period: Period) -> Iterator[datetime]:
    return (period.start + place * _SLOT for place in range(period.minutes // QUARTER))
