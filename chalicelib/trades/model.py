"""A trade: its eight fields, and the rules it must keep to be booked.

The fields are those of `Trade` and `_CHECKS`: JSON, daily files, stored items and comparisons derive from them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from hashlib import blake2b
from operator import attrgetter
from typing import Any, Final

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
from chalicelib.positions.model import Change, Direction, PositionKey, change_of

_TO_THE_HOUR: Final = len("YYYY-MM-DDTHH")
"""Enough of an execution time in UTC for Berlin's date, which changes on the hour."""


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
            raise ValueError(f"{self.delivery_day} has no hour {self.delivery_hour}")
        return period

    def same_terms(self, other: Trade) -> bool:
        """Compare all fields, times as instants and not as text."""
        return _terms(self) == _terms(other) and self.executed_at == other.executed_at

    def agrees_with(self, other: Trade) -> bool:
        """Compare all fields, times by `times_agree`."""
        return _terms(self) == _terms(other) and timestamps.times_agree(self.execution_time, other.execution_time)

    @property
    def own_day(self) -> date:
        """The Berlin date of execution."""
        return _berlin_day_of(self.execution_time[:_TO_THE_HOUR])

    def terms_digest(self) -> bytes:
        """Return 16 bytes that are equal exactly for trades of `same_terms`."""
        return blake2b(repr((_terms(self), self.executed_at)).encode(), digest_size=16).digest()

    def as_fields(self) -> dict[str, Any]:
        """Return JSON values in the order of `FIELDS`."""
        fields = dict(zip(FIELDS, _values(self), strict=True))
        fields["direction"] = self.direction.value
        fields["delivery_day"] = self.delivery_day.isoformat()
        return fields

    @classmethod
    def of_fields(cls, fields: dict[str, Any]) -> Trade:
        """Return the trade of what `as_fields` returned, unchecked."""
        fields["direction"] = Direction(fields["direction"])
        fields["delivery_day"] = date.fromisoformat(fields["delivery_day"])
        return cls(**fields)


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
        raise InvalidValue("must be a whole number of MW above 0")
    return quantity


def _direction(value: object) -> Direction:
    try:
        return Direction(str(value))
    except ValueError:
        raise InvalidValue("must be buy or sell") from None


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
_values: Final = attrgetter(*FIELDS)
_terms: Final = attrgetter(*(name for name in FIELDS if name != "execution_time"))


def position_key(trade: Trade) -> PositionKey:
    return PositionKey(trade.trader_id, trade.delivery_day, trade.period)


def trade_change(trade: Trade) -> Change:
    return change_of(trade.price, trade.quantity * KW_PER_MW, trade.direction, trade.period.minutes)
