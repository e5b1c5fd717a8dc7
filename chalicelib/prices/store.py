"""The store of reference prices, as a Protocol."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Protocol

from chalicelib.prices.sets import DEFAULT_SETS
from chalicelib.prices.zones import DE_LU

if TYPE_CHECKING:  # a cold start imports all stores and uses two
    from chalicelib.prices.quote import Quotes
    from chalicelib.prices.slots import Series, SlotPrice


class Prices(Protocol):
    """Reference prices by day, zone and set. Every call may raise Unavailable; every write is safe to repeat."""

    def of(self, delivery_days: Collection[date]) -> Mapping[date, Mapping[int, int]]:
        """Return the desk's eurocent/MWh by hour label for the days with prices: the mean of its slots."""

    def by_slot(
        self, days: Collection[date], zone: str = DE_LU, sets: Sequence[str] = DEFAULT_SETS
    ) -> Mapping[date, Sequence[SlotPrice | None]]:
        """Return an entry for each slot of each day, from the first set that has it."""

    def quotes(self, series: Collection[Series]) -> Mapping[Series, Quotes]:
        """Return the quotes of those series that have any."""

    def record(self, quotes: Mapping[Series, Quotes], user: str | None = None) -> int:
        """Store the quotes that are newer, and return how many of them changed a price.

        Each series with newer quotes is one write. With `user` an audit entry is in the same transaction.
        """
