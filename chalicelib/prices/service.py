"""Pricing: saying what the market's reference prices are, and giving those that were said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from chalicelib.access.identity import Caller
from chalicelib.common.clock import Clock
from chalicelib.common.delivery import berlin_day, days_between
from chalicelib.prices.model import ReferencePrice
from chalicelib.prices.quote import Word
from chalicelib.prices.store import Prices

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Said:
    """How many hours were given a price, and how many of these have another price than before."""

    received: int
    changed: int

    def as_json(self) -> dict[str, int]:
        """Give the counts as the API and the CLI show them."""
        return {"received": self.received, "changed": self.changed, "unchanged": self.received - self.changed}


def say_prices(given: Sequence[ReferencePrice], caller: Caller, prices: Prices, clock: Clock) -> Said:
    """Take prices that a user says, from now on and until a newer word; raises NotAllowed."""
    caller.require_pricing()
    return said_at(given, clock.now(), caller.name, prices, by_hand=True)


def said_at(
    given: Sequence[ReferencePrice],
    moment: datetime,
    said_by: str,
    prices: Prices,
    turn: int = 0,
    *,
    by_hand: bool = False,
) -> Said:
    """Take prices that were said at that instant: hours with a newer word keep theirs and count as unchanged.

    Those said `by_hand` are told to the audit.
    """
    said: dict[date, dict[int, Word]] = {}
    for one in given:
        word = Word(one.price, (moment - _EPOCH) // _MICROSECOND, said_by, turn)
        said.setdefault(one.delivery_day, {})[one.delivery_hour] = word
    return Said(len(given), prices.say(said, said_by if by_hand else None))


def list_prices(start_day: date | None, end_day: date | None, prices: Prices, clock: Clock) -> list[ReferencePrice]:
    """Give the prices from start to end, in the order of delivery; everybody may see them.

    One of the two given is both, none is yesterday in Berlin. Raises InvalidRequest for a range that is backwards or
    over 366 days.
    """
    first = start_day or end_day or berlin_day(clock.now()) - timedelta(days=1)
    found = prices.of(days_between(first, end_day or first))
    return [ReferencePrice(day, hour, price) for day in sorted(found) for hour, price in sorted(found[day].items())]
