"""The scorecard: each trader's hits, days and drawdown, and the desk's over them all."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from chalicelib.common.delivery import days_between
from chalicelib.positions.model import Change, Position, PositionKey
from chalicelib.reports.columns import CARD_COLUMNS, card_json, scorecard_rows
from chalicelib.reports.completeness import Completeness, State
from chalicelib.reports.scorecard import Scorecard, build_scorecard
from chalicelib.trades.model import Trade
from tests.fixtures.trades import positions_of, trade

NOW = datetime(2023, 3, 9, tzinfo=UTC)
START = date(2023, 3, 1)


def made(eur: int, day: int = 0, hour: int = 13, trader: str = "x") -> Trade:
    """A trade of 1 MW that made so many EUR: a sale at that price, or a purchase for what was lost."""
    return trade(
        f"{trader}{day}/{hour}/{eur}",
        price=abs(eur) * 100,
        quantity=1,
        direction="sell" if eur >= 0 else "buy",
        delivery_day=(START + timedelta(days=day)).isoformat(),
        delivery_hour=hour,
        trader_id=trader,
    )


def scorecard(trades: Iterable[Trade], days: int = 5, trader_id: str | None = None) -> Scorecard:
    positions = positions_of(trades)
    range_ = days_between(START, START + timedelta(days=days - 1))
    held = {day: [one for one in positions if one.key.delivery_day == day] for day in range_}
    return build_scorecard(trader_id, held, dict.fromkeys(range_, Completeness(State.COMPLETE)), NOW)


def total(*trades: Trade) -> dict[str, Any]:
    return card_json(scorecard(trades).total)


def test_the_json_of_a_scorecard_is_as_agreed() -> None:
    shown: dict[str, Any] = scorecard([made(30), made(-10, hour=14), made(-50, day=2)], trader_id="x").as_json()
    card = {
        "trader_id": "x",
        "trades": 3,
        "traded_mwh": "3",
        "pnl_eur": "-30.00",
        "eur_per_mwh": "-10.00",
        "hours_traded": 3,
        "hours_won": 1,
        "hit_rate_percent": "33.33",
        "best_day": {"delivery_day": "2023-03-01", "pnl_eur": "20.00"},
        "worst_day": {"delivery_day": "2023-03-03", "pnl_eur": "-50.00"},
        "max_drawdown_eur": "50.00",
    }
    assert shown.pop("completeness")["state"] == "complete"
    assert shown == {
        "start_day": "2023-03-01",
        "end_day": "2023-03-05",
        "currency": "EUR",
        "as_of": "2023-03-09T00:00:00Z",
        "traders": [card],
        "total": card,
    }


def test_who_did_not_trade_has_no_rate_no_days_and_lost_nothing() -> None:
    card = total()
    assert (card["hit_rate_percent"], card["eur_per_mwh"], card["best_day"], card["worst_day"]) == (None,) * 4
    assert (card["trades"], card["pnl_eur"], card["max_drawdown_eur"]) == (0, "0.00", "0.00")


@pytest.mark.parametrize(
    ("daily", "drawdown"),
    [
        ((10, 20, 30), "0.00"),
        ((-10, 5, 20), "10.00"),
        ((10, -3, -4, 2, -6), "11.00"),
        ((10, -8, 20, -9, 1), "9.00"),
        ((-5, -5, -5), "15.00"),
    ],
    ids=["only up", "down from nothing", "a rebound within", "the larger of two", "only down"],
)
def test_the_drawdown_is_the_largest_fall_from_an_earlier_height(daily: tuple[int, ...], drawdown: str) -> None:
    assert total(*(made(eur, day) for day, eur in enumerate(daily)))["max_drawdown_eur"] == drawdown


def test_an_hour_that_made_nothing_is_traded_and_not_won() -> None:
    card = total(made(0), made(1, hour=14))
    assert (card["hours_traded"], card["hours_won"], card["hit_rate_percent"]) == (2, 1, "50.00")


def test_the_same_hour_of_two_days_is_two_hours() -> None:
    assert total(made(1), made(1, day=1))["hours_traded"] == 2


def test_two_trades_of_an_hour_are_judged_by_their_sum() -> None:
    card = total(made(5), made(-4))
    assert (card["trades"], card["hours_traded"], card["hours_won"]) == (2, 1, 1)


def test_the_first_of_equal_days_is_named() -> None:
    card = total(made(5, day=1), made(5, day=3))
    assert (card["best_day"], card["worst_day"]) == ({"delivery_day": "2023-03-02", "pnl_eur": "5.00"},) * 2


def test_the_desk_judges_its_hours_by_what_all_traders_made_together() -> None:
    shown = scorecard([made(5, trader="x"), made(-7, trader="y"), made(3, day=1, trader="y")])
    assert [(card.trader_id, card.hours_won, card.hours_traded) for card in shown.traders] == [("x", 1, 1), ("y", 1, 2)]
    assert (shown.total.hours_won, shown.total.hours_traded, shown.total.trader_id) == (1, 2, None)


def test_a_row_holds_a_card_flat_under_the_agreed_columns() -> None:
    rows = list(scorecard_rows(scorecard([made(5), made(-4, day=1)]).as_cells()))
    assert [set(row) >= set(CARD_COLUMNS) for row in rows] == [True, True]
    assert [row["kind"] for row in rows] == ["trader", "total"]
    assert (rows[1]["best_day"], rows[1]["worst_day_pnl_eur"]) == (date(2023, 3, 1), Decimal("-4.00"))


def test_a_drawdown_is_exact() -> None:
    assert scorecard([made(-10), made(4, day=1)]).total.drawdown == 10 * 100 * 60_000
    assert scorecard([made(10)]).total.drawdown == 0


def test_an_hour_that_made_the_least_there_is_is_won() -> None:
    period = made(1).period
    least = Position(PositionKey("x", START, period), Change(1, 0, 1, 0, 1))
    none = {START: Completeness(State.COMPLETE)}
    assert build_scorecard(None, {START: [least]}, none, NOW).total.hours_won == 1
