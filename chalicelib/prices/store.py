"""The store of reference prices, as a Protocol."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:  # a cold start imports all stores and uses two
    from chalicelib.prices.quote import Quotes


class Prices(Protocol):
    """Reference prices by delivery hour. Every call may raise Unavailable; every write is safe to repeat."""

    def of(self, delivery_days: Collection[date]) -> Mapping[date, Mapping[int, int]]:
        """Return eurocent/MWh by hour for the days with prices."""

    def record(self, quotes: Mapping[date, Quotes], user: str | None = None) -> int:
        """Store the quotes that are newer, and return how many prices changed.

        Each day with newer quotes is one write. With `user` an audit entry is in the same transaction.
        """
