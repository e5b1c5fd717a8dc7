"""Edge: own prices against the reference, side by side, and none where a reference is missing."""

from __future__ import annotations

import pytest

from chalicelib.common.delivery import Period
from chalicelib.positions.model import Change, Position, PositionKey
from chalicelib.reports.model import NOTHING, Totals, by_hour, in_hours
from tests.fixtures.trades import positions_of, trade

CENT = 60_000
BOUGHT, SOLD = Change(1, 1, 0, 1, 0), Change(1, 0, 1, 0, 1)


def totals(reference: int | None, *sides: str) -> Totals:
    """Those of 10 MW at 50 EUR/MWh for each side named."""
    positions = positions_of(trade(str(n), direction=side) for n, side in enumerate(sides))
    return by_hour(in_hours(positions, {} if reference is None else {13: reference})).get(13, NOTHING)


def edges(found: Totals) -> tuple[int | None, int | None, int]:
    return found.buy_edge, found.sell_edge, found.hours_without_reference


def test_selling_above_and_buying_below_the_reference_is_an_edge_by_side() -> None:
    assert edges(totals(4_900, "sell")) == (None, 1_000 * CENT, 0)
    assert edges(totals(5_100, "buy")) == (1_000 * CENT, None, 0)


def test_who_sells_below_and_buys_above_it_has_a_negative_one() -> None:
    assert edges(totals(5_000, "buy", "sell")) == (0, 0, 0)
    assert edges(totals(5_200, "buy", "sell", "sell")) == (2_000 * CENT, -4_000 * CENT, 0)


def test_a_negative_reference_is_a_price_like_any_other() -> None:
    assert edges(totals(-100, "sell")) == (None, 51_000 * CENT, 0)


@pytest.mark.parametrize(("sides", "hours"), [((), 0), (("buy",), 1), (("sell",), 1), (("buy", "sell"), 1)])
def test_without_a_reference_there_is_no_edge_and_the_hour_is_counted(sides: tuple[str, ...], hours: int) -> None:
    assert edges(totals(None, *sides)) == (None, None, hours)


def test_a_sum_with_a_part_that_has_no_reference_has_no_edge_on_that_side() -> None:
    priced, unpriced = totals(5_200, "buy", "sell"), totals(None, "sell")
    assert edges(Totals.over([priced, unpriced, priced])) == (4_000 * CENT, None, 1)


def test_any_energy_without_a_reference_leaves_its_side_without_an_edge() -> None:
    key = PositionKey("x", trade().delivery_day, Period(trade().period.start, 1))
    priced = totals(5_000, "buy", "sell")
    [bought, sold] = [by_hour(in_hours([Position(key, change)], {}))[13] for change in (BOUGHT, SOLD)]
    assert edges(Totals.over([priced, bought])) == (None, 0, 1)
    assert edges(Totals.over([priced, sold])) == (0, None, 1)


def test_no_trades_add_up_to_nothing() -> None:
    assert Totals.of(*[0] * 12) == NOTHING
