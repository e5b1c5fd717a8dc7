"""The scorecard: a card for each trader, by id, and the total."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from itertools import accumulate
from typing import Any, NamedTuple

from chalicelib.common.timestamps import format_utc
from chalicelib.positions.model import Position
from chalicelib.reports.column import cells_of
from chalicelib.reports.columns import CARD, card_json
from chalicelib.reports.completeness import Completeness, overall
from chalicelib.reports.model import Card, DayResult, in_hours, whole


class Scorecard(NamedTuple):
    start_day: date
    end_day: date
    as_of: str
    completeness: Completeness
    traders: tuple[Card, ...]
    total: Card

    def as_json(self) -> dict[str, Any]:
        return self._with_cards([card_json(card) for card in (*self.traders, self.total)])

    def as_cells(self) -> dict[str, Any]:
        """Return `as_json` with cards of cells, which are flat."""
        return self._with_cards(cells_of(CARD, (*self.traders, self.total)))

    def _with_cards(self, rendered: list[dict[str, Any]]) -> dict[str, Any]:
        *traders, total = rendered
        return {
            "start_day": self.start_day.isoformat(),
            "end_day": self.end_day.isoformat(),
            "currency": "EUR",
            "as_of": self.as_of,
            "completeness": self.completeness.as_json(),
            "traders": traders,
            "total": total,
        }


def build_scorecard(
    trader_id: str | None,
    positions: Mapping[date, Sequence[Position]],
    completeness: Mapping[date, Completeness],
    as_of: datetime,
) -> Scorecard:
    """Return the scorecard over the days of `positions`, in order and at least one."""
    traded = [position for of_day in positions.values() for position in of_day if position.change.trades]
    traders: dict[str, list[Position]] = defaultdict(list)
    for position in traded:
        traders[position.key.trader_id].append(position)
    return Scorecard(
        start_day=min(positions),
        end_day=max(positions),
        as_of=format_utc(as_of),
        completeness=overall(list(completeness.values())),
        traders=tuple(_card(trader, of_trader) for trader, of_trader in sorted(traders.items())),
        total=_card(trader_id, traded),
    )


def _card(trader_id: str | None, positions: Sequence[Position]) -> Card:
    hours: dict[tuple[date, int], int] = defaultdict(int)
    by_day: dict[date, int] = defaultdict(int)
    by_hour = in_hours(positions, {})
    for (key, change), hour, _ in by_hour.parts:
        pnl = change.sell_cash - change.buy_cash
        hours[key.delivery_day, hour] += pnl
        by_day[key.delivery_day] += pnl
    days = [DayResult(day, pnl) for day, pnl in sorted(by_day.items())]
    return Card(
        trader_id=trader_id,
        totals=whole(by_hour),
        hours_traded=len(hours),
        hours_won=sum(pnl > 0 for pnl in hours.values()),
        best_day=max(days, key=lambda day: day.pnl, default=None),
        worst_day=min(days, key=lambda day: day.pnl, default=None),
        drawdown=_drawdown(day.pnl for day in days),
    )


def _drawdown(results: Iterable[int]) -> int:
    sums = list(accumulate(results, initial=0))
    peaks = accumulate(sums, max)
    return max(peak - running for peak, running in zip(peaks, sums, strict=True))
