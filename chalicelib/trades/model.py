"""A trade, the rules of its v1 form, and what it adds to which position.

The v1 form is one Berlin hour and whole megawatts at the exchange: the eight fields of `_CHECKS`. JSON, daily files and
comparisons derive from them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache
from hashlib import blake2b
from operator import attrgetter
from typing import Any, Final, NamedTuple

from chalicelib.common import timestamps
from chalicelib.common.delivery import HOUR, Period, berlin_day, hour_period, hours_of
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
from chalicelib.positions.model import DIRECTIONS, VENUE, Change, Direction, PositionKey, change_of

_TO_THE_HOUR: Final = len("YYYY-MM-DDTHH")
"""Enough of an execution time in UTC for Berlin's date, which changes on the hour."""


class State(StrEnum):
    """The state that the venue gave a trade; a withdrawal by a person is not among them."""

    ACTIVE = "active"
    RECALL_REQUESTED = "recall_requested"
    RECALL_SENT = "recall_sent"
    RECALLED = "recalled"
    RECALL_REJECTED = "recall_rejected"
    CANCEL_REQUESTED = "cancel_requested"
    CANCEL_REJECTED = "cancel_rejected"
    CANCELLED = "cancelled"

    @property
    def counts(self) -> bool:
        """Whether the trade is part of its position."""
        return self is not State.RECALLED and self is not State.CANCELLED


class TradeKey(NamedTuple):
    """The identity of a trade: venues may use the same id, and a self-trade has two sides."""

    venue: str
    id: str
    direction: Direction


class Trade(NamedTuple):
    """`price` in eurocent/MWh, `execution_time` as `...Z` text; None where nothing was stated.

    A tuple, as a position is: a frozen dataclass takes five times as long to make, and there is one for each row.
    """

    id: str
    price: int
    kw: int
    direction: Direction
    period: Period
    trader_id: str
    execution_time: str
    venue: str = VENUE
    area: str | None = None
    strategy: str | None = None
    state: State = State.ACTIVE
    venue_revision: int | None = None
    order_id: str | None = None
    text: str | None = None
    product: str | None = None
    hour_only: bool = False
    """Stated as an hour that the clock shows twice: `period` is the first of the two, which it was is unknown."""

    @property
    def key(self) -> TradeKey:
        return TradeKey(self.venue, self.id, self.direction)

    @property
    def delivery_day(self) -> date:
        return _berlin_day_from(self.period.start)

    @property
    def delivery_hour(self) -> int:
        """The Berlin hour in which delivery begins."""
        return self.period.local_hour

    @property
    def quantity(self) -> int:
        """MW. Raises ValueError if they are not whole."""
        megawatts, rest = divmod(self.kw, KW_PER_MW)
        if rest:
            raise ValueError(f"trade {self.id!r} has {self.kw} kW, no whole number of MW")
        return megawatts

    @property
    def in_v1_form(self) -> bool:
        """Whether the eight fields state exactly this trade; area, strategy and remarks beside them do no harm."""
        return (
            self.venue == VENUE
            and self.state is State.ACTIVE
            and self.kw % KW_PER_MW == 0
            and _hour_stated(self.period) is not None
        )

    @property
    def is_only_v1(self) -> bool:
        """Whether the eight fields state all that is known of this trade."""
        stated = _hour_stated(self.period)
        return (
            stated is not None
            and self.area is self.strategy is self.order_id is self.text is self.product is None
            and self.venue_revision is None
            and self.hour_only is stated.twice
            and self.in_v1_form
        )

    @property
    def executed_at(self) -> datetime:
        return timestamps.instant(self.execution_time)

    def has_terms_of(self, stated: Trade) -> bool:
        """Check that a statement contradicts none of these terms but the state and the time of execution.

        What either leaves open, the other may state.
        """
        return (
            _terms(self) == _terms(stated)
            and (self.area == stated.area or None in {self.area, stated.area})
            and (self.strategy == stated.strategy or None in {self.strategy, stated.strategy})
        )

    def agrees_with(self, row: Trade) -> bool:
        """Compare the terms with those of a file's row, times by `times_agree`."""
        return self == row or (
            self.has_terms_of(row.in_hour_of(self)) and timestamps.times_agree(self.execution_time, row.execution_time)
        )

    def in_hour_of(self, booked: Trade) -> Trade:
        """Return this trade in the booked one of the two hours that it may mean."""
        if not self.hour_only or booked.hour_only or booked.period.minutes != HOUR:
            return self
        same = (booked.delivery_day, booked.delivery_hour) == (self.delivery_day, self.delivery_hour)
        return self._replace(period=booked.period, hour_only=False) if same else self

    @property
    def own_day(self) -> date:
        """The Berlin date of execution."""
        return _berlin_day_of(self.execution_time[:_TO_THE_HOUR])

    def terms_digest(self) -> bytes:
        """Return 16 bytes that are equal exactly for the same terms."""
        terms = (_terms(self), self.area, self.strategy, self.state, self.executed_at)
        return blake2b(repr(terms).encode(), digest_size=16).digest()

    def as_fields(self) -> dict[str, Any]:
        """Return the v1 form as JSON values in the order of `FIELDS`.

        Raises ValueError if it cannot state the quantity or the period.
        """
        stated = _hour_stated(self.period)
        if stated is None:
            raise ValueError(f"trade {self.id!r} is delivered in {self.period.key}, which no hour names")
        return {
            "id": self.id,
            "price": self.price,
            "quantity": self.quantity,
            "direction": self.direction.value,
            "delivery_day": stated.day,
            "delivery_hour": stated.hour,
            "trader_id": self.trader_id,
            "execution_time": self.execution_time,
        }

    def as_terms(self) -> dict[str, str | int]:
        """Return all fields but the id as they are stored, without those that state nothing."""
        start, _, _ = self.period.key.partition("/")
        terms = self._asdict() | {
            "id": None,
            "direction": self.direction.value,
            "period": None,
            "start": start,
            "minutes": self.period.minutes,
            "state": self.state.value,
            "hour_only": self.hour_only or None,
        }
        return {name: value for name, value in terms.items() if value is not None}


def trade_of_hour(  # noqa: PLR0913 - the eight fields
    *,
    id: str,  # noqa: A002 - the name of the field
    price: int,
    quantity: int,
    direction: Direction,
    delivery_day: date,
    delivery_hour: int,
    trader_id: str,
    execution_time: str,
) -> Trade:
    """Return the trade of the v1 form; raises ValueError if the hour does not exist on that day."""
    period, twice = _hour(delivery_day, delivery_hour)
    return Trade(id, price, quantity * KW_PER_MW, direction, period, trader_id, execution_time, hour_only=twice)


@lru_cache(maxsize=16384)
def _hour(day: date, hour: int) -> tuple[Period, bool]:
    """Return the period of an hour, and whether the clock shows it twice."""
    period = hour_period(day, hour)
    if period is None:
        raise ValueError(f"{day} has no hour {hour}")
    return period, any(row.hour == hour and row.minutes > HOUR for row in hours_of(day))


class _StatedHour(NamedTuple):
    day: str
    hour: int
    twice: bool


@lru_cache(maxsize=16384)
def _hour_stated(period: Period) -> _StatedHour | None:
    """Return the hour that names this period, and whether the clock shows it twice; None if no hour names it."""
    day, hour = berlin_day(period.start), period.local_hour
    return _StatedHour(day.isoformat(), hour, _hour(day, hour)[1]) if period == hour_period(day, hour) else None


def parse_trade(fields: Mapping[str, object], *, stored: bool = False) -> Trade:
    """Return a trade from JSON values; raises InvalidTrade with all problems at once.

    `stored` accepts names that only an earlier release did.
    """
    values, problems = read_fields(fields, _STORED_CHECKS if stored else _CHECKS, "a trade")
    if problems:
        raise InvalidTrade(tuple(problems))
    return trade_of_hour(**values)  # type: ignore[arg-type]  # each value comes from the check of its own field


@lru_cache(maxsize=1024)
def _berlin_day_of(hour: str) -> date:
    return berlin_day(datetime.fromisoformat(f"{hour}:00+00:00"))


@lru_cache(maxsize=16384)
def _berlin_day_from(start: datetime) -> date:
    return berlin_day(start)


def _quantity(value: object) -> int:
    quantity = read_integer(value, "of MW above 0")
    if quantity <= 0:
        raise InvalidValue("must be a whole number of MW above 0")
    return quantity


def _direction(value: object) -> Direction:
    direction = DIRECTIONS.get(str(value))
    if direction is None:
        raise InvalidValue("must be buy or sell")
    return direction


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
_terms: Final = attrgetter("id", "venue", "direction", "price", "kw", "period", "trader_id")


def position_key(trade: Trade) -> PositionKey:
    return PositionKey(trade.trader_id, trade.delivery_day, trade.period, trade.venue, trade.area, trade.strategy)


def trade_change(trade: Trade) -> Change:
    return change_of(trade.price, trade.kw, trade.direction, trade.period.minutes)
