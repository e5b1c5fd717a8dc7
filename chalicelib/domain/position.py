"""Positions: what a trader bought and sold in one delivery period, in exact integers that add up.

There are hundreds of thousands in a desk's year, and a tuple is made in a quarter of a frozen dataclass's time.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from chalicelib.domain.amounts import KW_PER_MW
from chalicelib.domain.delivery import Period
from chalicelib.domain.trade import Direction, Trade


class Change(NamedTuple):
    """What a trade adds to its position: a count, kW and cash on its side."""

    trades: int
    buy_kw: int
    sell_kw: int
    buy_cash: int
    sell_cash: int

    def __add__(self, other: Change) -> Change:  # type: ignore[override]  # these sum up, tuples would be joined
        return Change(
            self.trades + other.trades,
            self.buy_kw + other.buy_kw,
            self.sell_kw + other.sell_kw,
            self.buy_cash + other.buy_cash,
            self.sell_cash + other.sell_cash,
        )

    def __neg__(self) -> Change:
        return Change(-self.trades, -self.buy_kw, -self.sell_kw, -self.buy_cash, -self.sell_cash)


NO_CHANGE = Change(0, 0, 0, 0, 0)


def change_of(price: int, kilowatts: int, direction: Direction, minutes: int) -> Change:
    """What an execution adds: `price` in eurocent/MWh, over so many minutes of delivery."""
    cash = price * kilowatts * minutes
    if direction is Direction.BUY:
        return Change(1, kilowatts, 0, cash, 0)
    return Change(1, 0, kilowatts, 0, cash)


class PositionKey(NamedTuple):
    """Which position: whose, for which delivery day and period."""

    trader_id: str
    delivery_day: date
    period: Period


def position_key(trade: Trade) -> PositionKey:
    """Return the key of the position that a trade belongs to."""
    return PositionKey(trade.trader_id, trade.delivery_day, trade.period)


def trade_change(trade: Trade) -> Change:
    """What a trade adds to its position."""
    return change_of(trade.price, trade.quantity * KW_PER_MW, trade.direction, trade.period.minutes)


class Position(NamedTuple):
    """The sum of a trader's trades in one delivery period."""

    key: PositionKey
    change: Change


def positions_of(trades: Iterable[Trade]) -> list[Position]:
    """Sum trades into positions; what the book keeps incrementally, from first principles."""
    held: dict[PositionKey, Change] = {}
    for trade in trades:
        key = position_key(trade)
        held[key] = held.get(key, NO_CHANGE) + trade_change(trade)
    return [Position(key, change) for key, change in held.items()]
