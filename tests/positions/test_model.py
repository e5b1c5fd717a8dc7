"""Positions: exact sums of trades, in whatever order they come."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.common.delivery import Period
from chalicelib.common.units import UNITS
from chalicelib.positions.model import NO_CHANGE, PARTS, Direction, Position, PositionKey, joined, period_text
from chalicelib.reports.model import Totals
from chalicelib.trades.model import Trade, position_key, trade_change
from tests.fixtures.trades import positions_of, totals_of, trade

TRADES = st.lists(
    st.builds(
        trade,
        st.text("abc", min_size=1, max_size=3),
        price=st.integers(-(10**15) + 1, 10**15 - 1),
        quantity=st.integers(1, 10**15 - 1),
        direction=st.sampled_from(["buy", "sell"]),
        delivery_hour=st.integers(0, 3),
        trader_id=st.sampled_from(["a", "a#b"]),
    ),
    max_size=20,
)


def test_a_stored_position_may_be_in_eight_parts() -> None:
    """A book that an older version wrote may have each of them."""
    key = position_key(trade())
    assert [key.part_text(part) for part in range(PARTS)] == [key.text, *(f"{key.text}~{part}" for part in range(1, 8))]


def test_the_parts_of_a_position_are_added() -> None:
    [one], [other] = positions_of([trade("a")]), positions_of([trade("b", trader_id="y")])
    twice = Position(one.key, one.change + one.change)
    assert joined([one, other, one]) == [twice, other]
    assert joined([one]) == [one]


@pytest.mark.parametrize("trader", ["t", "t#2026-06-15T10:00Z/15", "t@x~3"])
@pytest.mark.parametrize("tags", [(), ("nordpool", "10YDE-RWENET---I", "a.b:c-d_e")])
@pytest.mark.parametrize("part", [0, 7])
def test_the_text_of_a_key_names_its_period(trader: str, tags: tuple[str, ...], part: int) -> None:
    key = PositionKey(trader, date(2026, 6, 15), Period.of_key("2026-06-15T11:15Z/75"), *tags)
    assert period_text(key.part_text(part)) == "2026-06-15T11:15Z/75"
    assert PositionKey.of_text(key.delivery_day, key.part_text(part)) == key


def test_a_sale_earns_and_a_purchase_costs_price_times_energy() -> None:
    sold = totals_of([trade(direction="sell", price=5550, quantity=10)])
    bought = totals_of([trade(direction="buy", price=-1250, quantity=20)])
    assert Fraction(sold.pnl, UNITS) == 55_500
    assert Fraction(bought.pnl, UNITS) == 25_000
    assert (bought.net_energy, sold.net_energy) == (20_000 * 60, -10_000 * 60)


@given(TRADES)
def test_the_pnl_of_all_positions_is_the_brute_force_sum_over_the_trades(trades: list[Trade]) -> None:
    by_hand = sum(Fraction(one.price * one.quantity) * (1 if one.direction is Direction.SELL else -1) for one in trades)
    totals = totals_of(trades)
    assert Fraction(totals.pnl, UNITS) == by_hand
    assert totals.trades == len(trades)


@given(TRADES)
def test_every_trade_is_in_the_position_of_its_trader_and_hour(trades: list[Trade]) -> None:
    counts = {position.key: position.change.trades for position in positions_of(trades)}
    for key, count in counts.items():
        assert count == sum(position_key(one) == key for one in trades)
    assert sum(counts.values()) == len(trades)


@given(TRADES)
def test_taking_back_every_trade_leaves_nothing(trades: list[Trade]) -> None:
    change = NO_CHANGE
    for one in trades:
        change += trade_change(one)
    for one in trades:
        change += -trade_change(one)
    assert change == NO_CHANGE


def test_nothing_adds_up_to_nothing() -> None:
    assert totals_of([]) == Totals()


def test_what_was_traded_is_what_was_bought_and_what_was_sold() -> None:
    held = totals_of([trade("a", quantity=10), trade("b", direction="sell", quantity=4)])
    assert (held.traded_energy, held.net_energy) == (14 * UNITS, 6 * UNITS)
