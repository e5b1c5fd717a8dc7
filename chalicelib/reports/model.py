"""The exact values of reports: sums over positions, valued at reference prices, in lines and cards.

Power is in kW, energy in kW-minutes, cash in the units of `common.units`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from itertools import islice
from typing import Final, NamedTuple

from chalicelib.common.delivery import hours_within
from chalicelib.positions.model import Position

References = Mapping[date, Mapping[int, int]]
"""Reference prices in eurocent/MWh by delivery day and hour, where there is one."""
Valued = tuple[Position, int, int | None]
"""A position inside one hour of the Berlin clock, that hour, and its reference price."""


class Totals(NamedTuple):
    """Sums, and after them the figures that follow from them, computed once because several columns show them."""

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
    pnl: int = 0
    """Earned minus spent."""
    net_energy: int = 0
    traded_energy: int = 0
    buy_edge: int | None = None
    """None without purchases, or where part of them has no reference price."""
    sell_edge: int | None = None

    @classmethod
    def of(cls, *sums: int) -> Totals:
        _, _, _, bought, sold, spent, earned, buy_gain, sell_gain, buy_unpriced, sell_unpriced, _ = sums
        buy_edge = None if buy_unpriced or not bought else buy_gain
        sell_edge = None if sell_unpriced or not sold else sell_gain
        return cls._make((*sums, earned - spent, bought - sold, bought + sold, buy_edge, sell_edge))

    @classmethod
    def over(cls, parts: Iterable[Totals]) -> Totals:
        traded = [part for part in parts if part is not NOTHING]
        return cls.of(*map(sum, islice(zip(*traded, strict=True), _SUMS))) if traded else NOTHING


_SUMS: Final = Totals._fields.index("pnl")
NOTHING: Final = Totals()
"""The totals of an hour without trades, which is most hours of a small desk."""


def totals_of(valued: Iterable[Valued]) -> Totals:
    rows: list[tuple[int, ...]] = []
    unpriced_hours: set[tuple[date, int]] = set()
    for (key, (trades, buy_kw, sell_kw, spent, earned)), hour, reference in valued:
        minutes = key.period.minutes
        bought, sold = buy_kw * minutes, sell_kw * minutes
        if reference is None:
            rows.append((trades, buy_kw, sell_kw, bought, sold, spent, earned, 0, 0, bought, sold))
            if trades:
                unpriced_hours.add((key.delivery_day, hour))
        else:
            buy_gain, sell_gain = reference * bought - spent, earned - reference * sold
            rows.append((trades, buy_kw, sell_kw, bought, sold, spent, earned, buy_gain, sell_gain, 0, 0))
    if not rows:
        return NOTHING
    sums = rows[0] if len(rows) == 1 else map(sum, zip(*rows, strict=True))  # most often one, for which it is faster
    return Totals.of(*sums, len(unpriced_hours))


class InHours(NamedTuple):
    """Positions by hour: the part of each in every hour that it delivers in, and those that deliver in several."""

    parts: list[Valued]
    several: list[Position]


def in_hours(positions: Iterable[Position], prices: Mapping[int, int]) -> InHours:
    """Return positions by hour: the power of a part is that of the whole, energy and cash divide."""
    found = InHours([], [])
    for position in positions:
        key, change = position
        periods = hours_within(key.period)
        if len(periods) == 1:
            hour = key.period.local_hour
            found.parts.append((position, hour, prices.get(hour)))
            continue
        found.several.append(position)
        minutes = key.period.minutes  # cash is price x kW x minutes, so that it divides exactly
        for period in periods:
            spent, earned = (cash // minutes * period.minutes for cash in (change.buy_cash, change.sell_cash))
            part = Position(key._replace(period=period), change._replace(buy_cash=spent, sell_cash=earned))
            found.parts.append((part, period.local_hour, prices.get(period.local_hour)))
    return found


def repeated(several: Iterable[Position]) -> Totals:
    """Return, negative, what the hours together count more than once: trades and power of positions in several."""
    counts = [(1 - len(hours_within(key.period)), change) for key, change in several]
    sums = [(n * change.trades, n * change.buy_kw, n * change.sell_kw) for n, change in counts]
    return Totals.of(*map(sum, zip(*sums, strict=True)), *[0] * 9) if sums else NOTHING


def by_hour(positions: InHours) -> dict[int, Totals]:
    groups: dict[int, list[Valued]] = defaultdict(list)
    for part in positions.parts:
        groups[part[1]].append(part)
    return {hour: totals_of(group) for hour, group in groups.items()}


def by_trader(days: Iterable[InHours]) -> list[tuple[str, Totals]]:
    """Return the totals of each trader with trades, by id."""
    groups: dict[str, InHours] = defaultdict(lambda: InHours([], []))
    for day in days:
        for part in day.parts:
            groups[part[0].key.trader_id].parts.append(part)
        for position in day.several:
            groups[position.key.trader_id].several.append(position)
    totals = [(trader, whole(of_trader)) for trader, of_trader in sorted(groups.items())]
    return [(trader, of_trader) for trader, of_trader in totals if of_trader.trades]


def whole(positions: InHours) -> Totals:
    """Return the totals of positions, each counted once."""
    return Totals.over((totals_of(positions.parts), repeated(positions.several)))


class Line(NamedTuple):
    """An hour, a day, a trader or a total; only a delivery hour has a `start` and may have a `reference` price."""

    label: str
    start: datetime | None
    hours: int
    totals: Totals
    reference: int | None = None
    """In eurocent/MWh."""


def summed(label: str, hours: int, lines: Iterable[Line], correction: Totals = NOTHING) -> Line:
    return Line(label, None, hours, Totals.over([*(line.totals for line in lines), correction]))


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
    """The largest fall of the daily PnL's running sum from an earlier peak, beginning at 0."""
