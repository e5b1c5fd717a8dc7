"""Setting and listing reference prices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from chalicelib.access.identity import Caller
from chalicelib.common.clock import Clock
from chalicelib.common.delivery import berlin_day, days_between
from chalicelib.prices.model import ReferencePrice
from chalicelib.prices.quote import Quote
from chalicelib.prices.store import Prices

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class PriceCounts:
    """Of hours; `changed` have another price than before."""

    received: int
    changed: int

    def as_json(self) -> dict[str, int]:
        return {"received": self.received, "changed": self.changed, "unchanged": self.received - self.changed}


def set_prices(new: Sequence[ReferencePrice], caller: Caller, prices: Prices, clock: Clock) -> PriceCounts:
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
    quotes: dict[date, dict[int, Quote]] = {}
    for price in new:
        quote = Quote(price.price, (stated_at - _EPOCH) // _MICROSECOND, source, turn)
        quotes.setdefault(price.delivery_day, {})[price.delivery_hour] = quote
    return PriceCounts(len(new), prices.record(quotes, source if by_hand else None))


def list_prices(start_day: date | None, end_day: date | None, prices: Prices, clock: Clock) -> list[ReferencePrice]:
    """Return the prices from start to end (default: yesterday in Berlin), both included, in the order of delivery.

    Raises InvalidRequest for a range that is backwards or over 366 days.
    """
    first = start_day or end_day or berlin_day(clock.now()) - timedelta(days=1)
    by_day = prices.of(days_between(first, end_day or first))
    return [ReferencePrice(day, hour, price) for day in sorted(by_day) for hour, price in sorted(by_day[day].items())]
