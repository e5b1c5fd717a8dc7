"""Edge: own prices against the reference, side by side, and none where a reference is missing."""

from __future__ import annotations

from datetime import date

import pytest

from chalicelib.domain.edge import Edge, edge_of
from chalicelib.domain.position import Totals, positions_of, total_of
from tests.trades import trade

DAY = date(2023, 2, 28)
CENT = 60_000


def traded(*sides: str) -> Totals:
    """10 MW at 50 EUR/MWh for each side named."""
    return total_of(one.totals for one in positions_of(trade(str(n), direction=side) for n, side in enumerate(sides)))


def test_who_sells_above_and_buys_below_the_reference_has_an_edge_on_both_sides() -> None:
    assert edge_of(traded("sell"), 4_900) == Edge(buy=0, sell=1_000 * CENT)
    assert edge_of(traded("buy"), 5_100) == Edge(buy=1_000 * CENT, sell=0)


def test_who_sells_below_and_buys_above_it_has_a_negative_one() -> None:
    assert edge_of(traded("buy", "sell"), 5_000) == Edge(0, 0)
    assert edge_of(traded("buy", "sell", "sell"), 5_200) == Edge(buy=2_000 * CENT, sell=-4_000 * CENT)


def test_a_negative_reference_is_a_price_like_any_other() -> None:
    assert edge_of(traded("sell"), -100) == Edge(buy=0, sell=51_000 * CENT)


@pytest.mark.parametrize(
    ("sides", "edge"),
    [
        ((), Edge(0, 0, 0)),
        (("buy",), Edge(None, 0, 1)),
        (("sell",), Edge(0, None, 1)),
        (("buy", "sell"), Edge(None, None, 1)),
    ],
)
def test_without_a_reference_the_side_that_traded_has_no_edge(sides: tuple[str, ...], edge: Edge) -> None:
    assert edge_of(traded(*sides), None) == edge


def test_a_sum_with_a_part_that_is_not_known_is_not_known_on_that_side() -> None:
    assert Edge(1, 2, 0) + Edge(3, None, 1) + Edge(5, 6, 1) == Edge(9, None, 2)
