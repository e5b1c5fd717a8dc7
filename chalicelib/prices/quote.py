"""Quotes of the reference price of a delivery period: an older one never replaces a newer one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from chalicelib.common.delivery import Period

Quotes = Mapping[Period, "Quote"]
"""Of one series."""


class Quote(NamedTuple):
    """`price` in eurocent/MWh; `source` is a file's key or a user."""

    price: int
    stated_at: int
    """In microseconds since 1970 (UTC)."""
    source: str
    turn: int = 0
    """S3 has whole seconds only: of two readings of a file in one second the later has the higher turn."""

    def newer_than(self, other: Quote) -> bool:
        """Compare two quotes of a period by a total order, so that their arrival decides nothing."""
        return (*self.order, self.price) > (*other.order, other.price)

    @property
    def order(self) -> tuple[int, str, int]:
        return self.stated_at, self.source, self.turn


def newest(stored: Quotes, new: Quotes) -> dict[Period, Quote]:
    merged = dict(stored)
    for period, quote in new.items():
        if period not in merged or quote.newer_than(merged[period]):
            merged[period] = quote
    return merged
