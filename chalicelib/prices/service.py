"""Setting and listing reference prices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from chalicelib.access.identity import Identity
from chalicelib.common.clock import Clock, yesterday
from chalicelib.common.delivery import Period, days_between
from chalicelib.common.errors import InvalidRequest, Problem
from chalicelib.common.timestamps import micros
from chalicelib.prices.model import ReferencePrice, StatedPrice
from chalicelib.prices.period_price import PeriodPrice
from chalicelib.prices.quote import Quote
from chalicelib.prices.sets import SETS
from chalicelib.prices.slots import Series, priced_periods
from chalicelib.prices.store import Prices
from chalicelib.prices.zones import DE_LU

MAX_DAYS_OF_ALL_SETS: Final = 28
"""So many prices can be set again at once."""


@dataclass(frozen=True, slots=True)
class PriceCounts:
    """`changed` have another price than before."""

    received: int
    changed: int

    def as_json(self) -> dict[str, int]:
        return {"received": self.received, "changed": self.changed, "unchanged": self.received - self.changed}


def set_prices(new: Sequence[StatedPrice], caller: Identity, prices: Prices, clock: Clock) -> PriceCounts:
    """Store prices that a user states now; raises NotAllowed."""
    caller.require_pricing()
    return record_prices(new, clock.now(), caller.name, prices, by_hand=True)


def record_prices(
    new: Sequence[StatedPrice],
    stated_at: datetime,
    source: str,
    prices: Prices,
    turn: int = 0,
    *,
    by_hand: bool = False,
) -> PriceCounts:
    """Store prices where no newer quote is stored; those set `by_hand` are audited."""
    quotes: dict[Series, dict[Period, Quote]] = {}
    for price in new:
        quotes.setdefault(price.series, {})[price.period] = Quote(price.price, micros(stated_at), source, turn)
    return PriceCounts(len(new), prices.record(quotes, source if by_hand else None))


def list_prices(start_day: date | None, end_day: date | None, prices: Prices, clock: Clock) -> list[ReferencePrice]:
    """Return the prices from start to end (default: yesterday in Berlin), both included, in the order of delivery.

    Raises InvalidRequest for a range that is backwards or over 366 days.
    """
    by_day = prices.of(_days(start_day, end_day, clock))
    return [ReferencePrice(day, hour, price) for day in sorted(by_day) for hour, price in sorted(by_day[day].items())]


def list_period_prices(
    start_day: date | None, end_day: date | None, set_name: str | None, zone: str | None, prices: Prices, clock: Clock
) -> list[PeriodPrice]:
    """Return the prices of a set, else of all, in a zone (default: DE-LU), by day and set in the order of delivery.

    Raises InvalidRequest for a range that is backwards, over 366 days, or over 28 days of all sets.
    """
    days, zone = _days(start_day, end_day, clock), zone or DE_LU
    if set_name is None and len(days) > MAX_DAYS_OF_ALL_SETS:
        bound = f"must be at most {MAX_DAYS_OF_ALL_SETS} days from start_day without a set, got {len(days)} days"
        problem = Problem("end_day", bound)
        raise InvalidRequest("the range of days is too long", (problem,))
    series = [Series(day, zone, name) for day in days for name in ([set_name] if set_name else SETS)]
    quotes = prices.quotes(series)
    return [
        PeriodPrice(one.set, zone, period, price)
        for one in series
        if one in quotes
        for period, price in priced_periods(one.day, quotes[one])
    ]


def _days(start_day: date | None, end_day: date | None, clock: Clock) -> list[date]:
    first = start_day or end_day or yesterday(clock)
    return days_between(first, end_day or first)
