"""The quote of an hour's reference price: its source and time, so that an older one never replaces a newer one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Quotes = Mapping[int, "Quote"]
"""By delivery hour."""


@dataclass(frozen=True, slots=True)
class Quote:
    """`price` in eurocent/MWh; `source` is a file's key or a user; `stated_at` in microseconds since 1970 (UTC).

    S3 has whole seconds only: of two readings of a file in the same second the later one has the higher `turn`.
    """

    price: int
    stated_at: int
    source: str
    turn: int = 0

    def newer_than(self, other: Quote) -> bool:
        """Return True if this quote replaces the other; the order is total, so that arrival decides nothing."""
        return self._order() > other._order()

    def _order(self) -> tuple[int, str, int, int]:
        return (self.stated_at, self.source, self.turn, self.price)


def newest(stored: Quotes, new: Quotes) -> dict[int, Quote]:
    """Return the newest quote of each hour."""
    merged = dict(stored)
    for hour, quote in new.items():
        if hour not in merged or quote.newer_than(merged[hour]):
            merged[hour] = quote
    return merged


def prices_of(quotes: Quotes) -> dict[int, int]:
    """Return the prices in the order of the hours."""
    return {hour: quotes[hour].price for hour in sorted(quotes)}


def changed_hours(before: Quotes, after: Quotes) -> int:
    """Return the number of hours of `after` whose price is new or different."""
    return sum(hour not in before or before[hour].price != quote.price for hour, quote in after.items())
