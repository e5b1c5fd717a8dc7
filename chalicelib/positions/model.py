"""Positions: what a trader bought and sold in one delivery period, in exact integers that add up.

All are tuples: a year has hundreds of thousands, and a tuple is made in a quarter of a frozen dataclass's time.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from typing import Final, NamedTuple

from chalicelib.common.delivery import Period


class Direction(StrEnum):
    """From the desk's side: `buy` pays, `sell` earns."""

    BUY = "buy"
    SELL = "sell"


DIRECTIONS: Final = {direction.value: direction for direction in Direction}
"""A lookup here takes a tenth of the time of `Direction(text)`."""


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


VENUE: Final = "epex"
"""The venue of a position that names none."""


class PositionKey(NamedTuple):
    trader_id: str
    delivery_day: date
    period: Period
    venue: str = VENUE
    area: str | None = None
    strategy: str | None = None

    @property
    def text(self) -> str:
        """Return the key inside its day: `trader_1#2026-06-15T11:00Z/60`, and `@venue/area/strategy` if stated."""
        return f"{self.trader_id}#{self.place}"

    @property
    def place(self) -> str:
        tags = f"@{self.venue}/{self.area or ''}/{self.strategy or ''}"
        return f"{self.period.key}{'' if tags == _NO_TAGS else tags}"

    @classmethod
    def of_text(cls, delivery_day: date, text: str) -> PositionKey:
        """Return the key of a position, or of a part of one."""
        if is_part(text):
            text = text[:_PART_MARK]
        trader_id, _, place = text.rpartition("#")  # a trader id may contain a `#` itself
        period, tagged, tags = place.partition("@")
        if not tagged:
            return cls(trader_id, delivery_day, Period.of_key(period))
        venue, area, strategy = tags.split("/")
        return cls(trader_id, delivery_day, Period.of_key(period), venue, area or None, strategy or None)

    def part_text(self, part: int) -> str:
        """Return the key of a part of the position, `...~3`; part 0 is the position itself."""
        return f"{self.text}~{part}" if part else self.text


PARTS: Final = 8
"""Of a position that many write at once; at most 10, as a part is one digit."""
_PART_MARK: Final = -2


def is_part(text: str) -> bool:
    """Check the text of a key for a part; neither a period nor a strategy contains `~`."""
    return text[_PART_MARK] == "~"


def period_text(text: str) -> str:
    """Return the key of the period in the text of a position's key."""
    return text[text.rindex("#") + 1 :].partition("@")[0].partition("~")[0]


_NO_TAGS: Final = f"@{VENUE}//"


class Position(NamedTuple):
    key: PositionKey
    change: Change


def joined(positions: Iterable[Position]) -> list[Position]:
    """Return each position once, the sum of its parts."""
    changes: dict[PositionKey, Change] = {}
    for key, change in positions:
        before = changes.get(key)
        changes[key] = change if before is None else before + change
    return list(map(Position._make, changes.items()))
