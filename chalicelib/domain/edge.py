"""Edge: what the own prices were worth against the reference price of the delivery hour, side by side."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Edge:
    """How much better than the reference each side traded, in units of cash; it adds up over delivery hours.

    Buying below the reference and selling above it is better. A side is None where an hour in it has energy on that
    side and no reference price: part of an edge is none. `hours_without_reference` counts the delivery hours with
    trades that lack one.
    """

    buy: int | None = 0
    sell: int | None = 0
    hours_without_reference: int = 0

    def __add__(self, other: Edge) -> Edge:
        return Edge(
            _sum(self.buy, other.buy),
            _sum(self.sell, other.sell),
            self.hours_without_reference + other.hours_without_reference,
        )


def _sum(one: int | None, other: int | None) -> int | None:
    return None if one is None or other is None else one + other
