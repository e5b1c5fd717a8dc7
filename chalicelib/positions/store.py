"""The store of positions, as a Protocol."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:  # a cold start imports all stores and uses two
    from chalicelib.common.delivery import Period
    from chalicelib.positions.model import Position


class Positions(Protocol):
    """The positions, which transactions of trades move. Every call may raise Unavailable."""

    def positions(self, delivery_day: date, trader_id: str | None) -> Sequence[Position]:
        """Return the positions of a day, of one trader or of the whole desk."""

    def periods(self, delivery_day: date, trader_id: str | None) -> Collection[Period]:
        """Return the delivery periods of those positions."""
