"""A trade: one execution at the exchange, its eight fields, and every rule it must keep before it is booked."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache
from hashlib import blake2b
from typing import Final

from chalicelib.domain import execution_time
from chalicelib.domain.delivery import Period, berlin_day, hour_period
from chalicelib.domain.errors import InvalidTrade, Problem
from chalicelib.domain.names import MAX_NAME, fault_of, is_name, is_plain
from chalicelib.domain.strict_json import kind_of

MAX_DIGITS: Final = 15
LAST_HOUR: Final = 23
SHOWN: Final = 60
FIRST_DAY: Final = date(2000, 1, 1)
LAST_DAY: Final = date(2099, 12, 31)
"""Germany's power exchange opened in 2000; outside these years a date is a typing error and Berlin's clock unknown."""
_TO_THE_HOUR: Final = len("YYYY-MM-DDTHH")
"""Of an execution time in UTC: Berlin's date changes on the hour."""
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


Check = Callable[[object], object]


class Direction(StrEnum):
    """From the desk's side: `buy` pays, `sell` earns."""

    BUY = "buy"
    SELL = "sell"


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
        """The instant of execution, aware, in UTC."""
        return execution_time.instant(self.execution_time)

    @property
    def period(self) -> Period:
        """When the energy flows; raises ValueError where the hour does not exist on that day."""
        period = hour_period(self.delivery_day, self.delivery_hour)
        if period is None:
            message = f"{self.delivery_day} has no hour {self.delivery_hour}"
            raise ValueError(message)
        return period

    def same_terms(self, other: Trade) -> bool:
        """Tell whether both say the same of the same trade; times are compared as instants, not as text."""
        return self._terms() == other._terms() and self.executed_at == other.executed_at

    def agrees_with(self, other: Trade) -> bool:
        """Return whether both can be one statement: the same terms, and times that agree (`times_agree`)."""
        return self._terms() == other._terms() and execution_time.times_agree(self.execution_time, other.execution_time)

    @property
    def own_day(self) -> date:
        """The date in Berlin on which this trade was executed."""
        return _berlin_day_of(self.execution_time[:_TO_THE_HOUR])

    def terms_digest(self) -> bytes:
        """Return 16 bytes that are the same exactly for trades with the same terms."""
        return blake2b(repr((self._terms(), self.executed_at)).encode(), digest_size=16).digest()

    def _terms(self) -> tuple[object, ...]:
        """Return all terms but the time."""
        place = (self.delivery_day, self.delivery_hour, self.trader_id)
        return (self.id, self.price, self.quantity, self.direction, *place)

    def as_fields(self) -> dict[str, object]:
        """Give exactly the eight fields as JSON values, in the order of `FIELDS`."""
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


class _Wrong(Exception):
    """What was expected, and what was got."""


def parse_trade(fields: Mapping[str, object], *, stored: bool = False) -> Trade:
    """Read a trade from JSON values; raises InvalidTrade with all problems at once.

    `stored` reads what was booked before, also by a release that asked less of a name, and never a new statement.
    """
    values, problems = read_fields(fields, FIELDS, "a trade", _STORED_CHECKS if stored else _CHECKS)
    if problems:
        raise InvalidTrade(tuple(problems))
    return Trade(**values)  # type: ignore[arg-type]  # each value comes from the check of its own field


def read_fields(
    fields: Mapping[str, object], names: Sequence[str], what: str, checks: Mapping[str, Check] | None = None
) -> tuple[dict[str, object], list[Problem]]:
    """Read those of a trade's fields that `names` lists, from the JSON values of `what` has them and no others.

    Gives what could be read, and all problems at once.
    """
    values: dict[str, object] = {}
    problems = [_unknown(name, names, what) for name in fields if name not in names]
    for name in names:
        if name not in fields:
            problems.append(Problem(name, "is required"))
            continue
        try:
            values[name] = (checks or _CHECKS)[name](fields[name])
        except _Wrong as wrong:
            problems.append(Problem(name, f"{wrong}, got {shown_value(fields[name])}"))
    return values, problems + _missing_hour(values)


def _unknown(name: str, names: Sequence[str], what: str) -> Problem:
    return Problem(_plain(name), f"is no field of {what}; {what} has {', '.join(names)}")


def parse_day(text: object) -> date:
    """Read exactly `YYYY-MM-DD`; raises ValueError saying what was expected."""
    if isinstance(text, str):
        return _day_of(text)
    message = "must be a day written YYYY-MM-DD"
    raise ValueError(message)


@lru_cache(maxsize=1024)
def _day_of(text: str) -> date:
    """A file has thousands of rows a day, and a book few days that anybody still speaks of."""
    if _DAY.fullmatch(text):
        try:
            day = date.fromisoformat(text)
        except ValueError as error:
            message = "must be a day that exists, written YYYY-MM-DD"
            raise ValueError(message) from error
        if FIRST_DAY <= day <= LAST_DAY:
            return day
        message = f"must be a day from {FIRST_DAY} to {LAST_DAY}"
        raise ValueError(message)
    message = "must be a day written YYYY-MM-DD"
    raise ValueError(message)


@lru_cache(maxsize=1024)
def _berlin_day_of(hour: str) -> date:
    return berlin_day(datetime.fromisoformat(f"{hour}:00+00:00"))


def _missing_hour(values: Mapping[str, object]) -> list[Problem]:
    day, hour = values.get("delivery_day"), values.get("delivery_hour")
    if isinstance(day, date) and isinstance(hour, int) and hour_period(day, hour) is None:
        return [Problem("delivery_hour", f"must exist on {day}: the clocks skip hour {hour} that day")]
    return []


def _name(value: object) -> str:
    fault = fault_of(value) if isinstance(value, str) else None
    if fault is not None:
        raise _Wrong(fault)
    return _stored_name(value)


def _stored_name(value: object) -> str:
    if isinstance(value, str) and is_name(value):
        return value
    message = f"must be text of 1 to {MAX_NAME} printable characters"
    raise _Wrong(message)


def _integer(value: object, expected: str) -> int:
    if type(value) is int and abs(value) < 10**MAX_DIGITS:
        return value
    message = f"must be a whole number {expected} of at most {MAX_DIGITS} digits"
    raise _Wrong(message)


def _price(value: object) -> int:
    return _integer(value, "of eurocent/MWh")


def _quantity(value: object) -> int:
    quantity = _integer(value, "of MW above 0")
    if quantity <= 0:
        message = "must be a whole number of MW above 0"
        raise _Wrong(message)
    return quantity


def _hour(value: object) -> int:
    if type(value) is int and 0 <= value <= LAST_HOUR:
        return value
    message = "must be a whole hour from 0 to 23"
    raise _Wrong(message)


def _direction(value: object) -> Direction:
    if isinstance(value, str) and value in _DIRECTIONS:
        return _DIRECTIONS[value]
    message = "must be buy or sell"
    raise _Wrong(message)


def _delivery_day(value: object) -> date:
    try:
        return parse_day(value)
    except ValueError as error:
        raise _Wrong(str(error)) from error


def _execution_time(value: object) -> str:
    if not isinstance(value, str):
        raise _Wrong(execution_time.EXPECTED)
    try:
        return execution_time.to_utc(value)
    except ValueError as error:
        raise _Wrong(str(error)) from error


def shown_value(value: object) -> str:
    """Return a value as a message shows it: short, and with nothing that a terminal obeys."""
    if isinstance(value, dict | list):
        return kind_of(value)
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return _short(ascii(value) if isinstance(value, str) and not is_plain(value) else repr(value))


def _plain(name: str) -> str:
    return _short(name if name.isprintable() else ascii(name))


def _short(text: str) -> str:
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}..."


_CHECKS: Final[Mapping[str, Check]] = {
    "id": _name,
    "price": _price,
    "quantity": _quantity,
    "direction": _direction,
    "delivery_day": _delivery_day,
    "delivery_hour": _hour,
    "trader_id": _name,
    "execution_time": _execution_time,
}
_STORED_CHECKS: Final = {**_CHECKS, "id": _stored_name, "trader_id": _stored_name}
FIELDS: Final = tuple(_CHECKS)
