"""What reports show, in exact numbers: totals, the lines of a report and the cards of a scorecard."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Final, NamedTuple


class Totals(NamedTuple):
    """What a tally counted, all of which adds up: power in kW, energy in kW-minutes, cash in the units of `amounts`.

    A side's gain is what its prices were better by than the reference prices of their hours; its unpriced energy is
    that of hours without a reference price.
    """

    trades: int = 0
    buy_kw: int = 0
    sell_kw: int = 0
    buy_energy: int = 0
    sell_energy: int = 0
    buy_cash: int = 0
    sell_cash: int = 0
    buy_gain: int = 0
    sell_gain: int = 0
    buy_unpriced: int = 0
    sell_unpriced: int = 0
    hours_without_reference: int = 0

    @classmethod
    def over(cls, parts: Iterable[Totals]) -> Totals:
        """Return the sum of all parts."""
        counted = (part for part in parts if part is not NOTHING)
        return cls(*map(sum, zip(*counted, strict=True)))

    @property
    def pnl(self) -> int:
        """Earned minus spent, in units of cash."""
        return self.sell_cash - self.buy_cash

    @property
    def net_energy(self) -> int:
        """Bought minus sold: what the desk still has to take, in kW-minutes."""
        return self.buy_energy - self.sell_energy

    @property
    def traded_energy(self) -> int:
        """Bought and sold together, in kW-minutes."""
        return self.buy_energy + self.sell_energy

    @property
    def buy_edge(self) -> int | None:
        """The gain of what was bought; None where nothing was, or part of it has no reference price."""
        return None if self.buy_unpriced or not self.buy_energy else self.buy_gain

    @property
    def sell_edge(self) -> int | None:
        """The gain of what was sold; None where nothing was, or part of it has no reference price."""
        return None if self.sell_unpriced or not self.sell_energy else self.sell_gain


NOTHING: Final = Totals()
"""The totals of an hour nobody traded in, which is most hours of a small desk."""


class Line(NamedTuple):
    """Totals over `hours` hours of delivery; `start` is None where the line is no single period.

    `reference` is the price of a single delivery hour in eurocent/MWh, None where there is none or more than one.
    """

    label: str
    start: datetime | None
    hours: int
    totals: Totals
    reference: int | None = None


def summed(label: str, hours: int, lines: Iterable[Line]) -> Line:
    """Return the exact sum of lines, to be rounded once, when it is shown."""
    return Line(label, None, hours, Totals.over(line.totals for line in lines))


class DayResult(NamedTuple):
    """What a day made, in units of cash."""

    delivery_day: date
    pnl: int


class Card(NamedTuple):
    """One trader's figures, or the desk's (`trader_id` is None); days and hours are those with trades.

    An hour is won where its PnL is above 0. `drawdown` is the largest fall of the daily PnL's running sum from an
    earlier height, beginning at 0, in units of cash and never below 0.
    """

    trader_id: str | None
    totals: Totals
    hours_traded: int
    hours_won: int
    best_day: DayResult | None
    worst_day: DayResult | None
    drawdown: int
