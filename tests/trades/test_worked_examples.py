"""The worked examples of the trade in both forms, and of the positions and actions of any period."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.access.identity import Identity, Role
from chalicelib.trades import bootstrap as trades_bootstrap
from chalicelib.trades.model import parse_trade, position_key, trade_change
from chalicelib.trades.revision import Posted, Revision
from chalicelib.trades.service import state_trade
from chalicelib.trades.statement import as_v2, parse_statement
from tests.fakes.clock import FakeClock
from tests.fakes.dynamodb_faults import injected
from tests.fixtures.vectors2 import vector

ADMIN = Identity("admin", Role.ADMIN)
CLOCK = FakeClock()
W11, W12 = vector("W11"), vector("W12")
AS_V2: dict[str, Any] = W11["expected"]["as_v2"]
STATED = {name: value for name, value in AS_V2.items() if name != "revision"}
SIDE_OF_A_SELF_TRADE = "second side of a self-trade"


def shown(given: dict[str, Any]) -> dict[str, Any]:
    return as_v2(Revision(parse_trade(given), 1, Posted("tina"), "2026-06-15T08:00:01Z"))


def test_a_v1_trade_has_a_v2_form() -> None:
    form = shown(W11["input"]["v1"])
    assert {name: form[name] for name in AS_V2} == AS_V2
    ambiguous = shown(W11["input"]["ambiguous_v1"])
    assert {name: ambiguous[name] for name in W11["expected"]["ambiguous_as_v2"]} == W11["expected"]["ambiguous_as_v2"]


@pytest.mark.parametrize("change", W11["input"]["v2_changes"], ids=lambda change: change["why"])
def test_what_v1_cannot_state_is_not_in_its_form(change: dict[str, Any]) -> None:
    trade = parse_statement(STATED | change["change"]).trade
    assert trade.in_v1_form is (change["why"] == SIDE_OF_A_SELF_TRADE)


def test_area_and_strategy_do_not_keep_a_trade_out_of_v1() -> None:
    trade = parse_statement(STATED | {"area": "10YDE-RWENET---I", "strategy": "solar"}).trade
    assert trade.in_v1_form is W11["expected"]["with_area_and_strategy_shown_in_v1"]
    assert trade.as_fields() == W11["input"]["v1"]


def test_a_side_moves_one_position_whatever_its_length() -> None:
    trades = [parse_statement(given).trade for given in W12["input"]["trades"]]
    expected = W12["expected"]
    assert [position_key(trade).text for trade in trades] == expected["range_keys"]
    changes = [trade_change(trade) for trade in trades]
    cash = [change.buy_cash + change.sell_cash for change in changes]
    assert cash == expected["cash_units"]
    slots = [trade.period.minutes // 15 for trade in trades]
    assert slots == expected["slots"]
    each = [divmod(amount, count) for amount, count in zip(cash, slots, strict=True)]
    assert each == [(amount, 0) for amount in expected["cash_units_per_slot"]]


def test_a_side_is_booked_with_two_actions_and_corrected_with_four(durable_tables: str) -> None:
    actions: list[int] = []

    def count(request: Any) -> Any:
        actions.append(str(request.body).count('"TableName"'))

    book = trades_bootstrap.book()
    for given in W12["input"]["trades"]:
        with injected("TransactWriteItems", *[count] * 3):
            state_trade(parse_statement(given | {"venue_revision": 1}), ADMIN, book, CLOCK)
            moved = given | {"venue_revision": 2, "trader_id": "another"}
            state_trade(parse_statement(moved), ADMIN, book, CLOCK)
    assert actions[::3] == W12["expected"]["actions_book"]
    assert actions[2::3] == W12["expected"]["actions_correct"]
