"""Sums over positions, by hour and by trader, valued at reference prices."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from chalicelib.positions.model import Position
from chalicelib.reports.model import Totals

References = Mapping[date, Mapping[int, int]]
"""Reference prices in eurocent/MWh by delivery day and hour, where there is one."""


class Tally:
    """The running sum of positions."""

    __slots__ = (
        "_buy_cash",
        "_buy_energy",
        "_buy_gain",
        "_buy_kw",
        "_buy_unpriced",
        "_sell_cash",
        "_sell_energy",
        "_sell_gain",
        "_sell_kw",
        "_sell_unpriced",
        "_trades",
        "_unpriced_hours",
    )

    def __init__(self) -> None:
        self._trades = self._buy_kw = self._sell_kw = 0
        self._buy_energy = self._sell_energy = self._buy_cash = self._sell_cash = 0
        self._buy_gain = self._sell_gain = self._buy_unpriced = self._sell_unpriced = 0
        self._unpriced_hours: set[tuple[date, int]] = set()

    def add(self, position: Position, hour: int, reference: int | None) -> None:
        change, minutes = position.change, position.key.period.minutes
        bought, sold = change.buy_kw * minutes, change.sell_kw * minutes
        self._trades += change.trades
        self._buy_kw += change.buy_kw
        self._sell_kw += change.sell_kw
        self._buy_energy += bought
        self._sell_energy += sold
        self._buy_cash += change.buy_cash
        self._sell_cash += change.sell_cash
        if reference is not None:
            self._buy_gain += reference * bought - change.buy_cash
            self._sell_gain += change.sell_cash - reference * sold
        elif change.trades:
            self._unpriced_hours.add((position.key.delivery_day, hour))
            self._buy_unpriced += bought
            self._sell_unpriced += sold

    @property
    def totals(self) -> Totals:
        return Totals(
            self._trades,
            self._buy_kw,
            self._sell_kw,
            self._buy_energy,
            self._sell_energy,
            self._buy_cash,
            self._sell_cash,
            self._buy_gain,
            self._sell_gain,
            self._buy_unpriced,
            self._sell_unpriced,
            len(self._unpriced_hours),
        )


def by_hour(positions: Sequence[Position], references: Mapping[int, int]) -> dict[int, Tally]:
    """Return the sums of a day by the hour on the Berlin clock."""
    tallies: dict[int, Tally] = {}
    for position in positions:
        hour = position.key.period.local_hour
        if hour not in tallies:
            tallies[hour] = Tally()
        tallies[hour].add(position, hour, references.get(hour))
    return tallies


def by_trader(positions: Mapping[date, Sequence[Position]], references: References) -> Iterator[tuple[str, Totals]]:
    """Yield the totals of each trader with trades, by id."""
    tallies: dict[str, Tally] = {}
    for day, of_day in positions.items():
        prices = references.get(day, {})
        for position in of_day:
            trader, hour = position.key.trader_id, position.key.period.local_hour
            if trader not in tallies:
                tallies[trader] = Tally()
            tallies[trader].add(position, hour, prices.get(hour))
    for trader in sorted(tallies):
        totals = tallies[trader].totals
        if totals.trades:
            yield trader, totals
