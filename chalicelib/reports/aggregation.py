"""Sums over positions: by hour, by trader, and beside reference prices."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from chalicelib.positions.model import Position
from chalicelib.reports.model import Totals

References = Mapping[date, Mapping[int, int]]
"""Reference prices in eurocent/MWh by delivery day and hour; days and hours without one are absent."""


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
        """Add a position of that hour on the Berlin clock, with the hour's reference price in eurocent/MWh."""
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
        """The sum so far."""
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
    """Tally the positions of one day by the hour on the Berlin clock; hours without any are absent."""
    tallies: dict[int, Tally] = {}
    for position in positions:
        hour = position.key.period.local_hour
        if hour not in tallies:
            tallies[hour] = Tally()
        tallies[hour].add(position, hour, references.get(hour))
    return tallies


def by_trader(positions: Mapping[date, Sequence[Position]], references: References) -> Iterator[tuple[str, Totals]]:
    """Yield each trader's totals of all days; traders come by id, and not at all once corrections left them none."""
    tallies: dict[str, Tally] = {}
    for day, held in positions.items():
        known = references.get(day, {})
        for position in held:
            trader, hour = position.key.trader_id, position.key.period.local_hour
            if trader not in tallies:
                tallies[trader] = Tally()
            tallies[trader].add(position, hour, known.get(hour))
    for trader in sorted(tallies):
        totals = tallies[trader].totals
        if totals.trades:
            yield trader, totals
