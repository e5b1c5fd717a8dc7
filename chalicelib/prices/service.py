"""Setting and listing reference prices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from chalicelib.access.identity import Identity
from chalicelib.common.clock import Clock, yesterday
from chalicelib.common.delivery import Period, days_between
from chalicelib.common.timestamps import micros
from chalicelib.prices.model import ReferencePrice
from chalicelib.prices.quote import Quote
from chalicelib.prices.slots import Series
from chalicelib.prices.store import Prices


@dataclass(frozen=True, slots=True)
class PriceCounts:
    """Of hours; `changed` have another price than before."""

    received: int
    changed: int

    def as_json(self) -> dict[str, int]:
        return {"received": self.received, "changed": self.changed, "unchanged": self.received - self.changed}


def set_prices(new: Sequence[ReferencePrice], caller: Identity, prices: Prices, clock: Clock) -> PriceCounts:
    """Store prices that a user states now; raises NotAllowed."""
    caller.require_pricing()
    return record_prices(new, clock.now(), caller.name, prices, by_hand=True)


def record_prices(
    new: Sequence[ReferencePrice],
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
        quote = Quote(price.price, micros(stated_at), source, turn)
        quotes.setdefault(Series(price.delivery_day), {})[price.period] = quote
    return PriceCounts(len(new), prices.record(quotes, source if by_hand else None))


def list_prices(start_day: date | None, end_day: date | None, prices: Prices, clock: Clock) -> list[ReferencePrice]:
    """Return the prices from start to end (default: yesterday in Berlin), both included, in the order of delivery.

    Raises InvalidRequest for a range that is backwards or over 366 days.
    """
    first = start_day or end_day or yesterday(clock)
    by_day = prices.of(days_between(first, end_day or first))
    return [ReferencePrice(day, hour, price) for day in sorted(by_day) for hour, price in sorted(by_day[day].items())]
