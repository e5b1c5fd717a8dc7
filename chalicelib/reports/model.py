"""The exact values of reports: totals, lines and cards."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Final, NamedTuple


class Totals(NamedTuple):
    """Power in kW, energy in kW-minutes, cash in the units of `common.units`."""

    trades: int = 0
    buy_kw: int = 0
    sell_kw: int = 0
    buy_energy: int = 0
    sell_energy: int = 0
    buy_cash: int = 0
    sell_cash: int = 0
    buy_gain: int = 0
    """Measured against reference prices."""
    sell_gain: int = 0
    buy_unpriced: int = 0
    """Energy of hours without a reference price."""
    sell_unpriced: int = 0
    hours_without_reference: int = 0

    @classmethod
    def over(cls, parts: Iterable[Totals]) -> Totals:
        counted = (part for part in parts if part is not NOTHING)
        return cls(*map(sum, zip(*counted, strict=True)))

    @property
    def pnl(self) -> int:
        """Earned minus spent, in units of cash."""
        return self.sell_cash - self.buy_cash

    @property
    def net_energy(self) -> int:
        return self.buy_energy - self.sell_energy

    @property
    def traded_energy(self) -> int:
        return self.buy_energy + self.sell_energy

    @property
    def buy_edge(self) -> int | None:
        """None without purchases, or where part of them has no reference price."""
        return None if self.buy_unpriced or not self.buy_energy else self.buy_gain

    @property
    def sell_edge(self) -> int | None:
        return None if self.sell_unpriced or not self.sell_energy else self.sell_gain


NOTHING: Final = Totals()
"""The totals of an hour without trades, which is most hours of a small desk."""


class Line(NamedTuple):
    """An hour, a day, a trader or a total; only a delivery hour has a `start` and may have a `reference` price."""

    label: str
    start: datetime | None
    hours: int
    totals: Totals
    reference: int | None = None
    """In eurocent/MWh."""


def summed(label: str, hours: int, lines: Iterable[Line]) -> Line:
    """Return the exact sum of lines."""
    return Line(label, None, hours, Totals.over(line.totals for line in lines))


class DayResult(NamedTuple):
    delivery_day: date
    pnl: int


class Card(NamedTuple):
    """The figures of one trader or of the desk (`trader_id` is None)."""

    trader_id: str | None
    totals: Totals
    hours_traded: int
    hours_won: int
    """Those with a PnL above 0."""
    best_day: DayResult | None
    worst_day: DayResult | None
    drawdown: int
    """The largest fall of the daily PnL's running sum from an earlier peak, beginning at 0, in units of cash."""
