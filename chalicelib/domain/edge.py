"""Edge: what the own prices were worth against the reference price of the delivery hour, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class Edge(NamedTuple):
    """How much better than the reference each side traded, in units of cash; it adds up over delivery hours.

    Buying below the reference and selling above it is better. A side is None where an hour in it has energy on that
    side and no reference price: part of an edge is none. `hours_without_reference` counts the delivery hours with
    trades that lack one.
    """

    buy: int | None = 0
    sell: int | None = 0
    hours_without_reference: int = 0

    @classmethod
    def over(cls, parts: Sequence[Edge]) -> Edge:
        """The sum of all parts."""
        return cls(
            _sum([part.buy for part in parts]),
            _sum([part.sell for part in parts]),
            sum([part.hours_without_reference for part in parts]),
        )


def _sum(sides: Sequence[int | None]) -> int | None:
    known = [side for side in sides if side is not None]
    return sum(known) if len(known) == len(sides) else None
