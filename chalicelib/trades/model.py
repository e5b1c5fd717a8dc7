"""A trade: its eight fields, and the rules it must keep to be booked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from hashlib import blake2b
from typing import Final

from chalicelib.common import timestamps
from chalicelib.common.delivery import Period, berlin_day, hour_period
from chalicelib.common.errors import InvalidTrade
from chalicelib.common.fields import (
    Check,
    InvalidValue,
    read_day,
    read_fields,
    read_hour,
    read_instant,
    read_integer,
    read_name,
    read_price,
    read_stored_name,
)
from chalicelib.common.units import KW_PER_MW
from chalicelib.positions.model import NO_CHANGE, Change, Direction, Position, PositionKey, change_of

_TO_THE_HOUR: Final = len("YYYY-MM-DDTHH")
"""Enough of an execution time in UTC for Berlin's date, which changes on the hour."""

_DIRECTIONS: Final = {direction.value: direction for direction in Direction}


@dataclass(frozen=True, slots=True)
class Trade:
    """`price` in eurocent/MWh, `quantity` in MW, day and hour on the Berlin clock, `execution_time` as `...Z` text."""

    id: str
    price: int
    quantity: int
    direction: Direction
    delivery_day: date
    delivery_hour: int
    trader_id: str
    execution_time: str

    @property
    def executed_at(self) -> datetime:
        return timestamps.instant(self.execution_time)

    @property
    def period(self) -> Period:
        """Raises ValueError if the hour does not exist on that day."""
        period = hour_period(self.delivery_day, self.delivery_hour)
        if period is None:
            message = f"{self.delivery_day} has no hour {self.delivery_hour}"
            raise ValueError(message)
        return period

    def same_terms(self, other: Trade) -> bool:
        """Compare all fields, times as instants and not as text."""
        return self._terms() == other._terms() and self.executed_at == other.executed_at

    def agrees_with(self, other: Trade) -> bool:
        """Compare all fields, times by `times_agree`."""
        return self._terms() == other._terms() and timestamps.times_agree(self.execution_time, other.execution_time)

    @property
    def own_day(self) -> date:
        """The Berlin date of execution."""
        return _berlin_day_of(self.execution_time[:_TO_THE_HOUR])

    def terms_digest(self) -> bytes:
        """Return 16 bytes that are equal exactly for trades of `same_terms`."""
        return blake2b(repr((self._terms(), self.executed_at)).encode(), digest_size=16).digest()

    def _terms(self) -> tuple[object, ...]:
        key = (self.delivery_day, self.delivery_hour, self.trader_id)
        return (self.id, self.price, self.quantity, self.direction, *key)

    def as_fields(self) -> dict[str, object]:
        """Return JSON values in the order of `FIELDS`."""
        return {
            "id": self.id,
            "price": self.price,
            "quantity": self.quantity,
            "direction": self.direction.value,
            "delivery_day": self.delivery_day.isoformat(),
            "delivery_hour": self.delivery_hour,
            "trader_id": self.trader_id,
            "execution_time": self.execution_time,
        }


def parse_trade(fields: Mapping[str, object], *, stored: bool = False) -> Trade:
    """Return a trade from JSON values; raises InvalidTrade with all problems at once.

    `stored` accepts names that only an earlier release did.
    """
    values, problems = read_fields(fields, _STORED_CHECKS if stored else _CHECKS, "a trade")
    if problems:
        raise InvalidTrade(tuple(problems))
    return Trade(**values)  # type: ignore[arg-type]  # each value comes from the check of its own field


@lru_cache(maxsize=1024)
def _berlin_day_of(hour: str) -> date:
    return berlin_day(datetime.fromisoformat(f"{hour}:00+00:00"))


def _quantity(value: object) -> int:
    quantity = read_integer(value, "of MW above 0")
    if quantity <= 0:
        message = "must be a whole number of MW above 0"
        raise InvalidValue(message)
    return quantity


def _direction(value: object) -> Direction:
    if isinstance(value, str) and value in _DIRECTIONS:
        return _DIRECTIONS[value]
    message = "must be buy or sell"
    raise InvalidValue(message)


_CHECKS: Final[Mapping[str, Check]] = {
    "id": read_name,
    "price": read_price,
    "quantity": _quantity,
    "direction": _direction,
    "delivery_day": read_day,
    "delivery_hour": read_hour,
    "trader_id": read_name,
    "execution_time": read_instant,
}
_STORED_CHECKS: Final = {**_CHECKS, "id": read_stored_name, "trader_id": read_stored_name}
FIELDS: Final = tuple(_CHECKS)


def position_key(trade: Trade) -> PositionKey:
    return PositionKey(trade.trader_id, trade.delivery_day, trade.period)


def trade_change(trade: Trade) -> Change:
    return change_of(trade.price, trade.quantity * KW_PER_MW, trade.direction, trade.period.minutes)


def positions_of(trades: Iterable[Trade]) -> list[Position]:
    """Return the sums that the book keeps incrementally."""
    changes: dict[PositionKey, Change] = {}
    for trade in trades:
        key = position_key(trade)
        changes[key] = changes.get(key, NO_CHANGE) + trade_change(trade)
    return [Position(key, change) for key, change in changes.items()]
