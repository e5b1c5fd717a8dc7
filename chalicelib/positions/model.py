"""Positions: what a trader bought and sold in one delivery period, in exact integers that add up.

All are tuples: a year has hundreds of thousands, and a tuple is made in a quarter of a frozen dataclass's time.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import NamedTuple

from chalicelib.common.delivery import Period


class Direction(StrEnum):
    """From the desk's side: `buy` pays, `sell` earns."""

    BUY = "buy"
    SELL = "sell"


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
    """Return what an execution adds: `price` in eurocent/MWh, `minutes` of delivery."""
    cash = price * kilowatts * minutes
    if direction is Direction.BUY:
        return Change(1, kilowatts, 0, cash, 0)
    return Change(1, 0, kilowatts, 0, cash)


class PositionKey(NamedTuple):
    trader_id: str
    delivery_day: date
    period: Period


class Position(NamedTuple):
    key: PositionKey
    change: Change
