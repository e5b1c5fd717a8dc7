"""The scorecard: a card for each trader, by id, and the total."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from itertools import accumulate
from typing import NamedTuple

from chalicelib.common.timestamps import format_utc
from chalicelib.positions.model import Position
from chalicelib.reports.aggregation import Tally
from chalicelib.reports.column_json import card_json
from chalicelib.reports.completeness import Completeness, overall
from chalicelib.reports.model import Card, DayResult


class Scorecard(NamedTuple):
    start_day: date
    end_day: date
    as_of: str
    completeness: Completeness
    traders: tuple[Card, ...]
    total: Card

    def as_json(self) -> dict[str, object]:
        return {
            "start_day": self.start_day.isoformat(),
            "end_day": self.end_day.isoformat(),
            "currency": "EUR",
            "as_of": self.as_of,
            "completeness": self.completeness.as_json(),
            "traders": [card_json(card) for card in self.traders],
            "total": card_json(self.total),
        }


def build_scorecard(
    trader_id: str | None,
    positions: Mapping[date, Sequence[Position]],
    completeness: Mapping[date, Completeness],
    as_of: datetime,
) -> Scorecard:
    """Return the scorecard over the days of `positions`, in order and at least one."""
    days = list(positions)
    total, traders = _CardTally(), defaultdict[str, _CardTally](_CardTally)
    for day, of_day in positions.items():
        for position in of_day:
            if position.change.trades:
                total.add(day, position)
                traders[position.key.trader_id].add(day, position)
    return Scorecard(
        start_day=days[0],
        end_day=days[-1],
        as_of=format_utc(as_of),
        completeness=overall(list(completeness.values())),
        traders=tuple(tally.card(trader) for trader, tally in sorted(traders.items())),
        total=total.card(trader_id),
    )


class _CardTally:
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
    sums = list(accumulate(results, initial=0))
    peaks = accumulate(sums, max)
    return max(peak - running for peak, running in zip(peaks, sums, strict=True))
