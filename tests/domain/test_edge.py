"""Edge: own prices against the reference, side by side, and none where a reference is missing."""

from __future__ import annotations

import pytest

from chalicelib.domain.delivery import Period
from chalicelib.domain.edge import Edge
from chalicelib.domain.position import Change, Position, PositionKey, positions_of
from chalicelib.domain.tally import by_hour
from tests.trades import trade

CENT = 60_000


def edge(reference: int | None, *sides: str) -> Edge:
    """That of 10 MW at 50 EUR/MWh for each side named."""
    positions = positions_of(trade(str(n), direction=side) for n, side in enumerate(sides))
    tallies = by_hour(positions, {} if reference is None else {13: reference})
    return tallies[13].edge if tallies else Edge()


def test_who_sells_above_and_buys_below_the_reference_has_an_edge_on_both_sides() -> None:
    assert edge(4_900, "sell") == Edge(buy=0, sell=1_000 * CENT)
    assert edge(5_100, "buy") == Edge(buy=1_000 * CENT, sell=0)


def test_who_sells_below_and_buys_above_it_has_a_negative_one() -> None:
    assert edge(5_000, "buy", "sell") == Edge(0, 0)
    assert edge(5_200, "buy", "sell", "sell") == Edge(buy=2_000 * CENT, sell=-4_000 * CENT)


def test_a_negative_reference_is_a_price_like_any_other() -> None:
    assert edge(-100, "sell") == Edge(buy=0, sell=51_000 * CENT)


@pytest.mark.parametrize(
    ("sides", "expected"),
    [
        ((), Edge(0, 0, 0)),
        (("buy",), Edge(None, 0, 1)),
        (("sell",), Edge(0, None, 1)),
        (("buy", "sell"), Edge(None, None, 1)),
    ],
)
def test_without_a_reference_the_side_that_traded_has_no_edge(sides: tuple[str, ...], expected: Edge) -> None:
    assert edge(None, *sides) == expected


def test_a_sum_with_a_part_that_is_not_known_is_not_known_on_that_side() -> None:
    assert Edge.over([Edge(1, 2, 0), Edge(3, None, 1), Edge(5, 6, 1)]) == Edge(9, None, 2)


def test_the_least_energy_without_a_reference_leaves_its_side_without_an_edge() -> None:
    key = PositionKey("x", trade().delivery_day, Period(trade().period.start, 1))
    assert by_hour([Position(key, Change(1, 1, 0, 1, 0))], {})[13].edge == Edge(None, 0, 1)
    assert by_hour([Position(key, Change(1, 0, 1, 0, 1))], {})[13].edge == Edge(0, None, 1)
