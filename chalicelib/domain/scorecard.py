"""The scorecard: how each trader did over a range of days, in a handful of figures that can be compared."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import accumulate
from typing import Final

from chalicelib.domain import amounts
from chalicelib.domain.completeness import Completeness, overall
from chalicelib.domain.execution_time import format_utc
from chalicelib.domain.position import Position, Totals
from chalicelib.domain.tally import Tally

CARD_COLUMNS: Final = (
    "kind",
    "completeness",
    "trader_id",
    "trades",
    "traded_mwh",
    "pnl_eur",
    "eur_per_mwh",
    "hours_traded",
    "hours_won",
    "hit_rate_percent",
    "best_day",
    "best_day_pnl_eur",
    "worst_day",
    "worst_day_pnl_eur",
    "max_drawdown_eur",
)
"""The columns of a card in CSV, xlsx and parquet, in this order."""


@dataclass(frozen=True, slots=True)
class DayResult:
    """What a day made, in units of cash."""

    delivery_day: date
    pnl: int

    def as_json(self) -> dict[str, object]:
        """The day as the API shows it."""
        return {"delivery_day": self.delivery_day.isoformat(), "pnl_eur": amounts.eur(self.pnl)}


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

    def as_json(self) -> dict[str, object]:
        """Amounts as text, counts as integers, what does not exist as None."""
        hit_rate = amounts.rounded(100 * self.hours_won, self.hours_traded, 2) if self.hours_traded else None
        return {
            "trader_id": self.trader_id,
            "trades": self.totals.trades,
            "traded_mwh": amounts.mwh(self.totals.traded_energy),
            "pnl_eur": amounts.eur(self.totals.pnl),
            "eur_per_mwh": amounts.eur_per_mwh(self.totals.pnl, self.totals.traded_energy),
            "hours_traded": self.hours_traded,
            "hours_won": self.hours_won,
            "hit_rate_percent": hit_rate,
            "best_day": self.best_day.as_json() if self.best_day else None,
            "worst_day": self.worst_day.as_json() if self.worst_day else None,
            "max_drawdown_eur": amounts.eur(self.drawdown),
        }


@dataclass(frozen=True, slots=True)
class Scorecard:
    """A card a trader, by id, and one over them all."""

    start_day: date
    end_day: date
    as_of: str
    completeness: Completeness
    traders: tuple[Card, ...]
    total: Card

    def as_json(self) -> dict[str, object]:
        """The scorecard as the API and the CLI show it."""
        return {
            "start_day": self.start_day.isoformat(),
            "end_day": self.end_day.isoformat(),
            "currency": "EUR",
            "as_of": self.as_of,
            "completeness": self.completeness.as_json(),
            "traders": [card.as_json() for card in self.traders],
            "total": self.total.as_json(),
        }


def build_scorecard(
    trader_id: str | None,
    positions: Mapping[date, Sequence[Position]],
    completeness: Mapping[date, Completeness],
    as_of: datetime,
) -> Scorecard:
    """Build the scorecard over the days of `positions` (in order, at least one); no trader means the desk."""
    days = list(positions)
    desk, traders = _Made(), defaultdict[str, _Made](_Made)
    for day, held in positions.items():
        for position in (one for one in held if one.change.trades):
            for made in (desk, traders[position.key.trader_id]):
                made.add(day, position)
    return Scorecard(
        start_day=days[0],
        end_day=days[-1],
        as_of=format_utc(as_of),
        completeness=overall(list(completeness.values())),
        traders=tuple(made.card(trader) for trader, made in sorted(traders.items())),
        total=desk.card(trader_id),
    )


class _Made:
    """What somebody made, summed up in place: by delivery hour, and over them all."""

    def __init__(self) -> None:
        self._tally = Tally()
        self._hours: dict[tuple[date, int], int] = defaultdict(int)

    def add(self, day: date, position: Position) -> None:
        hour = position.key.period.local_hour
        self._tally.add(position, hour, None)
        self._hours[day, hour] += position.change.sell_cash - position.change.buy_cash

    def card(self, trader_id: str | None) -> Card:
        by_day: dict[date, int] = defaultdict(int)
        for (day, _), pnl in self._hours.items():
            by_day[day] += pnl
        days = [DayResult(day, pnl) for day, pnl in sorted(by_day.items())]
        return Card(
            trader_id=trader_id,
            totals=self._tally.totals,
            hours_traded=len(self._hours),
            hours_won=sum(pnl > 0 for pnl in self._hours.values()),
            best_day=max(days, key=lambda day: day.pnl, default=None),
            worst_day=min(days, key=lambda day: day.pnl, default=None),
            drawdown=_drawdown(day.pnl for day in days),
        )


def _drawdown(results: Iterable[int]) -> int:
    heights = list(accumulate(results, initial=0))
    peaks = accumulate(heights, max)
    return max(peak - height for peak, height in zip(peaks, heights, strict=True))
