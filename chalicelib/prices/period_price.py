"""Reference prices of quarter-hours and hours, in any set and zone."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from chalicelib.common.delivery import HOUR, LAST_DAY, QUARTER, Period, berlin_day
from chalicelib.common.errors import Problem
from chalicelib.common.fields import MAX_DIGITS, InvalidValue, read_decimal, read_fields, read_quarter_hour, shown_value
from chalicelib.common.timestamps import format_utc
from chalicelib.common.units import CENTS_PER_EUR, rounded
from chalicelib.prices.model import Form, parse_body
from chalicelib.prices.sets import SETS
from chalicelib.prices.slots import Series
from chalicelib.prices.zones import ZONES, zone_of
from chalicelib.trades.areas import CODES, area_code

MAX_PERIOD_PRICES: Final = 40_000
"""At once; a year has at most 35 136 quarter-hours."""
MAX_PERIOD_BYTES: Final = 5_000_000
"""Of a body or a file: more than `MAX_PERIOD_PRICES` need, and less than the 6 MB of a Lambda request."""
_DECIMALS: Final = 2


@dataclass(frozen=True, slots=True)
class PeriodPrice:
    """`price` in eurocent/MWh of 15 or 60 minutes of delivery."""

    set: str
    zone: str
    period: Period
    price: int

    @property
    def series(self) -> Series:
        return Series(berlin_day(self.period.start), self.zone, self.set)

    def as_fields(self) -> dict[str, object]:
        return {
            "set": self.set,
            "zone": self.zone,
            "start": format_utc(self.period.start),
            "minutes": self.period.minutes,
            "price_eur_mwh": rounded(self.price, CENTS_PER_EUR, _DECIMALS),
        }

    def __str__(self) -> str:
        return f"{self.set} in {self.zone}, {self.period.minutes} minutes from {format_utc(self.period.start)},"


def read_set(value: object) -> str:
    if isinstance(value, str) and value in SETS:
        return value
    raise InvalidValue(f"must be one of {', '.join(SETS)}")


def read_zone(value: object) -> str:
    """Read the name of a price zone, or the EIC code of an area in it."""
    if value in ZONES:
        return str(value)
    with suppress(ValueError):
        if isinstance(value, str) and value not in CODES:
            return zone_of(area_code(value))
    raise InvalidValue(f"must be a price zone ({', '.join(ZONES)}) or the EIC code of an area")


def read_start(value: object) -> datetime:
    start = read_quarter_hour(value)
    if berlin_day(start) > LAST_DAY:
        raise InvalidValue(f"must be on a day up to {LAST_DAY}")
    return start


def read_minutes(value: object) -> int:
    if type(value) is int and value in {QUARTER, HOUR}:
        return value
    raise InvalidValue("must be 15 or 60")


def read_eur(value: object) -> int:
    """Read EUR/MWh; return eurocent/MWh."""
    price = read_decimal(value, _DECIMALS, "a price in EUR/MWh")
    if abs(price) >= 10**MAX_DIGITS:
        raise InvalidValue(f"must be a price in EUR/MWh of at most {MAX_DIGITS} digits")
    return price


_CHECKS: Final = {
    "set": read_set,
    "zone": read_zone,
    "start": read_start,
    "minutes": read_minutes,
    "price_eur_mwh": read_eur,
}
PERIOD_PRICE_FIELDS: Final = tuple(_CHECKS)


def parse_period_prices(body: Mapping[str, object]) -> tuple[PeriodPrice, ...]:
    """Return the prices of a JSON body; raises InvalidPrices with all problems at once."""
    return parse_body(body, BY_PERIOD)


def period_problems(start: datetime, minutes: int) -> tuple[Problem, ...]:
    if minutes == HOUR and start.minute:
        text = shown_value(format_utc(start))
        return (Problem("start", f"must be the start of an hour where minutes is 60, got {text}"),)
    return ()


def _by_period(fields: Mapping[str, object]) -> tuple[PeriodPrice | None, tuple[Problem, ...]]:
    values, problems = read_fields(fields, _CHECKS, "a reference price")
    start, minutes = values.get("start"), values.get("minutes")
    if isinstance(start, datetime) and isinstance(minutes, int):
        problems += period_problems(start, minutes)
    if problems:
        return None, tuple(problems)
    name, zone, *period, price = values.values()
    return PeriodPrice(name, zone, Period(*period), price), ()  # type: ignore[arg-type]  # each comes from its own check


BY_PERIOD: Final = Form(_by_period, "price_eur_mwh", MAX_PERIOD_PRICES)
