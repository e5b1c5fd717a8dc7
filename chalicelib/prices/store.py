"""What is needed of the store of reference prices, as a Protocol."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:  # a cold start names all ports and uses two
    from chalicelib.prices.quote import Words


class Prices(Protocol):
    """Reference prices by delivery hour. Every call may raise Unavailable; every write is safe to repeat."""

    def of(self, delivery_days: Collection[date]) -> Mapping[date, Mapping[int, int]]:
        """Give the eurocent/MWh of each hour that has one, and no day without any; 100 days are one request."""

    def say(self, said: Mapping[date, Words], by: str | None = None) -> int:
        """Keep these words where they are newer than what stands, hour by hour; gives how many prices changed.

        Each day is one write, and none where nothing said is newer. Where a person says them, `by` names who, and the
        audit is told in the same transaction.
        """
