"""Quotes of an hour's reference price: an older one never replaces a newer one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

Quotes = Mapping[int, "Quote"]
"""By delivery hour."""


class Quote(NamedTuple):
    """`price` in eurocent/MWh; `source` is a file's key or a user."""

    price: int
    stated_at: int
    """In microseconds since 1970 (UTC)."""
    source: str
    turn: int = 0
    """S3 has whole seconds only: of two readings of a file in one second the later has the higher turn."""

    def newer_than(self, other: Quote) -> bool:
        """Compare two quotes by a total order, so that their arrival decides nothing."""
        return self._order() > other._order()

    def _order(self) -> tuple[int, str, int, int]:
        return (self.stated_at, self.source, self.turn, self.price)


def newest(stored: Quotes, new: Quotes) -> dict[int, Quote]:
    merged = dict(stored)
    for hour, quote in new.items():
        if hour not in merged or quote.newer_than(merged[hour]):
            merged[hour] = quote
    return merged


def prices_of(quotes: Quotes) -> dict[int, int]:
    """Return the prices in the order of the hours."""
    return {hour: quotes[hour].price for hour in sorted(quotes)}


def changed_hours(before: Quotes, after: Quotes) -> int:
    return sum(hour not in before or before[hour].price != quote.price for hour, quote in after.items())
