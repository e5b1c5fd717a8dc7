"""One card of a scorecard: how a trader, or the desk, did over a range of days, in exact numbers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from chalicelib.reports.aggregation import Totals


@dataclass(frozen=True, slots=True)
class DayResult:
    """What a day made, in units of cash."""

    delivery_day: date
    pnl: int


@dataclass(frozen=True, slots=True)
class Card:
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
