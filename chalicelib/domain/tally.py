"""A tally adds up positions in place: the report of a desk's year is made of hundreds of thousands of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from chalicelib.domain.edge import Edge
from chalicelib.domain.position import Position, Totals

References = Mapping[date, Mapping[int, int]]
"""Reference prices in eurocent/MWh by delivery day and hour; days and hours without one are absent."""


class Tally:
    """The running sum of positions, and of their edge against the reference price of each one's hour."""

    __slots__ = (
        "_buy_cash",
        "_buy_edge",
        "_buy_energy",
        "_buy_kw",
        "_lacking",
        "_lacking_buy",
        "_lacking_sell",
        "_sell_cash",
        "_sell_edge",
        "_sell_energy",
        "_sell_kw",
        "_trades",
    )

    def __init__(self) -> None:
        self._trades = self._buy_kw = self._sell_kw = 0
        self._buy_energy = self._sell_energy = self._buy_cash = self._sell_cash = 0
        self._buy_edge = self._sell_edge = 0
        self._lacking_buy = self._lacking_sell = False
        self._lacking: set[tuple[date, int]] = set()

    def add(self, position: Position, hour: int, reference: int | None) -> None:
        """Add a position of that hour on the Berlin clock, with the hour's reference price in eurocent/MWh."""
        held, minutes = position.change, position.key.period.minutes
        bought, sold = held.buy_kw * minutes, held.sell_kw * minutes
        self._trades += held.trades
        self._buy_kw += held.buy_kw
        self._sell_kw += held.sell_kw
        self._buy_energy += bought
        self._sell_energy += sold
        self._buy_cash += held.buy_cash
        self._sell_cash += held.sell_cash
        if reference is not None:
            self._buy_edge += reference * bought - held.buy_cash
            self._sell_edge += held.sell_cash - reference * sold
        elif held.trades:
            self._lacking.add((position.key.delivery_day, hour))
            self._lacking_buy = self._lacking_buy or bought > 0
            self._lacking_sell = self._lacking_sell or sold > 0

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
        )

    @property
    def edge(self) -> Edge:
        """The edge so far."""
        return Edge(
            buy=None if self._lacking_buy else self._buy_edge,
            sell=None if self._lacking_sell else self._sell_edge,
            hours_without_reference=len(self._lacking),
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


def by_trader(positions: Mapping[date, Sequence[Position]], references: References) -> Iterator[tuple[str, Tally]]:
    """Tally each trader's positions of all days; traders come by id, and not at all once corrections left them none."""
    tallies: dict[str, Tally] = {}
    for day, held in positions.items():
        known = references.get(day, {})
        for position in held:
            trader, hour = position.key.trader_id, position.key.period.local_hour
            if trader not in tallies:
                tallies[trader] = Tally()
            tallies[trader].add(position, hour, known.get(hour))
    yield from ((trader, tally) for trader, tally in sorted(tallies.items()) if tally.totals.trades)
