"""A trade as it is stated and shown in the v2 form: one table of its fields.

The parser, the JSON of answers, the contract's schemas and the columns of CSV derive from `FIELDS`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from chalicelib.common.delivery import FIRST_DAY, LAST_DAY, Period, berlin_day, day_end
from chalicelib.common.errors import InvalidTrade, Problem
from chalicelib.common.fields import (
    Check,
    InvalidValue,
    read_decimal,
    read_fields,
    read_instant,
    read_name,
    read_quarter_hour,
)
from chalicelib.common.timestamps import format_utc
from chalicelib.common.units import CENTS_PER_EUR, KW_PER_MW, megawatts, rounded
from chalicelib.positions.model import Direction
from chalicelib.trades.areas import area_code
from chalicelib.trades.model import State, Trade
from chalicelib.trades.venues import venue_of

if TYPE_CHECKING:
    from chalicelib.trades.revision import Revision

MAX_MW: Final = 99_999
MAX_PRICE: Final = 99_999_99
"""Eurocent/MWh, on either side of zero."""
MAX_REMARK: Final = 64
MAX_VENUE_REVISION: Final = 10**15 - 1
_WIDEST: Final = rounded(MAX_PRICE, CENTS_PER_EUR, 2)
_QUANTITY: Final = f"a power above 0 and up to {MAX_MW} MW"
_PRICE: Final = f"a price from -{_WIDEST} to {_WIDEST} EUR/MWh"
_DIRECTIONS: Final = {str(one): one for one in Direction}
_STATES: Final = {str(one): one for one in State}
_MINUTE: Final = timedelta(minutes=1)
_STRATEGY: Final = re.compile(r"[A-Za-z0-9_.:-]{1,32}")

V1_FIELDS: Final = {
    "price": "price_eur_mwh, in EUR/MWh",
    "quantity": "quantity_mw, as decimal text",
    "delivery_day": "delivery_start and delivery_end",
    "delivery_hour": "delivery_start and delivery_end",
}


class Statement(NamedTuple):
    """A stated trade; `about_state` if the statement says something about its state."""

    trade: Trade
    about_state: bool


def _read_text(read: Callable[[str], object]) -> Check:
    def check(value: object) -> object:
        try:
            return read(value if isinstance(value, str) else "")
        except ValueError as error:
            raise InvalidValue(str(error)) from error

    return check


def _or_null(read: Check) -> Check:
    return lambda value: None if value is None else read(value)


def _read_direction(text: str) -> Direction:
    if text in _DIRECTIONS:
        return _DIRECTIONS[text]
    raise ValueError("must be buy or sell")


def _read_quantity(value: object) -> int:
    kilowatts = read_decimal(value, 3, _QUANTITY)
    if 0 < kilowatts <= MAX_MW * KW_PER_MW:
        return kilowatts
    raise InvalidValue(f"must be {_QUANTITY}")


def _read_price(value: object) -> int:
    cents = read_decimal(value, 2, _PRICE)
    if abs(cents) <= MAX_PRICE:
        return cents
    raise InvalidValue(f"must be {_PRICE}")


def read_strategy(text: str) -> str:
    if _STRATEGY.fullmatch(text):
        return text
    raise ValueError("must be 1 to 32 letters, digits or any of _ . : -")


def _read_remark(value: object) -> str | None:
    if isinstance(value, str) and len(value) <= MAX_REMARK and value.isprintable():
        return value or None
    raise InvalidValue(f"must be text of up to {MAX_REMARK} printable characters, or null")


def _read_state(text: str) -> State:
    if text in _STATES:
        return _STATES[text]
    raise ValueError(f"must be one of {', '.join(State)}")


def _read_venue_revision(value: object) -> int:
    if type(value) is int and 0 <= value <= MAX_VENUE_REVISION:
        return value
    raise InvalidValue("must be a whole number from 0 of at most 15 digits, or null")


def _read_currency(text: str) -> str:
    if text == "EUR":
        return text
    raise ValueError("must be EUR, or be absent")


def _start(revision: Revision) -> str:
    return _times(revision.trade.period)[0]


def _end(revision: Revision) -> str:
    return _times(revision.trade.period)[1]


@lru_cache(maxsize=4096)  # a list has thousands of trades and few periods
def _times(period: Period) -> tuple[str, str]:
    return format_utc(period.start), format_utc(period.end)


class Field(NamedTuple):
    """A field: how it is read (None: never stated), shown (None: never shown), and described in the contract."""

    name: str
    read: Check | None
    show: Callable[[Revision], object] | None
    stated_as: str = ""
    shown_as: str = ""
    """The names of the contract's schemas; what is shown has that of what is stated unless it has its own."""
    required: bool = True
    nullable: bool = False
    if_true: bool = False
    """Shown only when it is true."""


# A field is a paragraph, not a line for each of its words.
# fmt: off
FIELDS: Final = (
    Field("venue", _read_text(venue_of), attrgetter("trade.venue"), "Venue"),
    Field("id", read_name, attrgetter("trade.id"), "NewTradeId", "TradeId"),
    Field("direction", _read_text(_read_direction), attrgetter("trade.direction.value"), "Direction"),
    Field("delivery_start", read_quarter_hour, _start, "QuarterHour", "UtcTime"),
    Field("delivery_end", read_quarter_hour, _end, "QuarterHour", "UtcTime"),
    Field("quantity_mw", _read_quantity, lambda revision: megawatts(revision.trade.kw), "NewMegawatts", "Megawatts"),
    Field("price_eur_mwh", _read_price, lambda revision: rounded(revision.trade.price, CENTS_PER_EUR, 2),
        "NewEurPerMwh", "EurPerMwh"),
    Field("trader_id", read_name, attrgetter("trade.trader_id"), "NewTraderId", "TraderId"),
    Field("execution_time", read_instant, attrgetter("trade.execution_time"), "PostedTime", "UtcTime"),
    Field("area", _or_null(_read_text(area_code)), attrgetter("trade.area"), "AreaOrName", "Area",
        required=False, nullable=True),
    Field("strategy", _or_null(_read_text(read_strategy)), attrgetter("trade.strategy"), "Strategy",
        required=False, nullable=True),
    Field("order_id", _or_null(_read_remark), attrgetter("trade.order_id"), "Remark", required=False, nullable=True),
    Field("text", _or_null(_read_remark), attrgetter("trade.text"), "Remark", required=False, nullable=True),
    Field("product", _or_null(_read_remark), attrgetter("trade.product"), "Remark", required=False, nullable=True),
    Field("state", _read_text(_read_state), attrgetter("trade.state.value"), "TradeState", required=False),
    Field("venue_revision", _or_null(_read_venue_revision), attrgetter("trade.venue_revision"), "VenueRevision",
        required=False, nullable=True),
    Field("currency", _read_text(_read_currency), None, "Currency", required=False),
    Field("revision", None, attrgetter("number"), shown_as="RevisionNumber"),
    Field("ambiguous_hour", None, attrgetter("trade.hour_only"), shown_as="AmbiguousHour", if_true=True),
)
# fmt: on
STATED: Final = tuple(field.name for field in FIELDS if field.read)
SHOWN: Final = tuple(field.name for field in FIELDS if field.show)
NO_TERMS: Final = frozenset({"order_id", "text", "product", "venue_revision", "revision"})
"""Fields in which two statements of a trade may differ."""
"""The columns of CSV."""
_CHECKS: Final = {field.name: field.read for field in FIELDS if field.read}
_OPTIONAL: Final = frozenset(field.name for field in FIELDS if not field.required)
_SHOW: Final = tuple((field.name, field.show) for field in FIELDS if field.show and not field.if_true)
_SHOW_IF_TRUE: Final = tuple((field.name, field.show) for field in FIELDS if field.show and field.if_true)


def parse_statement(fields: Mapping[str, object]) -> Statement:
    """Return the statement of JSON values; raises InvalidTrade with all problems at once."""
    named = [Problem(name, f"is a field of v1; v2 has {V1_FIELDS[name]}") for name in fields if name in V1_FIELDS]
    known = {name: value for name, value in fields.items() if name not in V1_FIELDS} if named else fields
    values, problems = read_fields(known, _CHECKS, "a trade", _OPTIONAL)
    start, end = values.pop("delivery_start", None), values.pop("delivery_end", None)
    if isinstance(start, datetime):
        problems += _outside(start, end if isinstance(end, datetime) else None)
    if named or problems:
        raise InvalidTrade((*named, *problems))
    values.pop("currency", None)
    about_state = "state" in values
    return Statement(_trade(start, end, values), about_state)


def _trade(start: Any, end: Any, values: dict[str, Any]) -> Trade:  # noqa: ANN401 - each was read by its own check
    period = Period(start, (end - start) // _MINUTE)
    price, kilowatts = values.pop("price_eur_mwh"), values.pop("quantity_mw")
    return Trade(price=price, kw=kilowatts, period=period, **values)


def _outside(start: datetime, end: datetime | None) -> list[Problem]:
    """Return the problems of a period that is not one run within one delivery day."""
    day, over = _day_and_end(start)
    if not FIRST_DAY <= day <= LAST_DAY:
        return [Problem("delivery_start", f"must be on a day in Berlin from {FIRST_DAY} to {LAST_DAY}, got {day}")]
    if end is None or start < end <= over:
        return []
    got = f"got {format_utc(end)}"
    if end <= start:
        return [Problem("delivery_end", f"must be after delivery_start, {format_utc(start)}, {got}")]
    latest = format_utc(over)
    return [Problem("delivery_end", f"must be on the same delivery day in Berlin: at most {latest}, {got}")]


@lru_cache(maxsize=4096)
def _day_and_end(start: datetime) -> tuple[date, datetime]:
    day = berlin_day(start)
    return day, day_end(day)


def as_v2(revision: Revision) -> dict[str, object]:
    """Return the v2 form of a revision's trade as JSON values."""
    shown = {name: show(revision) for name, show in _SHOW}
    return shown | {name: True for name, show in _SHOW_IF_TRUE if show(revision)}


def revision_json(revision: Revision) -> dict[str, object]:
    """Return a revision with its trade in the v2 form."""
    return {**revision.record(), "restored_by": revision.restored_by, "trade": as_v2(revision)}


def sides_json(venue: str, trade_id: str, sides: Sequence[Sequence[Revision]]) -> dict[str, Any]:
    """Return a trade with its sides, each with its revisions."""
    shown = [
        {"direction": revisions[0].trade.direction.value, "revisions": list(map(revision_json, revisions))}
        for revisions in sides
    ]
    return {"venue": venue, "id": trade_id, "sides": shown}


def fields_of_cells(cells: Mapping[str, str]) -> dict[str, object]:
    """Return the JSON values of a row of CSV, where an empty cell states nothing."""
    given: dict[str, object] = {name: cell for name, cell in cells.items() if cell}
    number = given.get("venue_revision")
    if isinstance(number, str) and number.isascii() and number.isdigit():
        given["venue_revision"] = int(number)
    return given
