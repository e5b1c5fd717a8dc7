"""What is odd about a trade that breaks no rule, each by itself, at its limit and just beyond."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib.settings import read_settings
from chalicelib.trades.warnings import ExchangeLimits, TradeWarning, trade_warnings, warnings_member
from tests.fixtures.trades import trade

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
AUTUMN = {"delivery_day": "2025-10-26"}


def warned(now: datetime = NOW, limits: ExchangeLimits | None = None, **changes: Any) -> dict[str, str]:
    found = trade_warnings(trade(**changes), now, limits or ExchangeLimits())
    assert len({one.field for one in found}) == len(found)
    return {one.field: one.message for one in found}


@pytest.mark.parametrize(
    "usual",
    [
        {},
        {"price": 999_900},
        {"price": -999_900},
        {"quantity": 999},
        {"execution_time": "2023-02-28T13:00:00Z"},
        {"execution_time": "2023-02-28T14:00:00.000000+01:00"},
        {"delivery_hour": 23, "execution_time": "2023-02-28T23:00Z"},
        AUTUMN | {"delivery_hour": 1, "execution_time": "2025-10-26T00:00:00Z"},
        AUTUMN | {"delivery_hour": 2, "execution_time": "2025-10-26T01:30:00Z"},
        AUTUMN | {"delivery_hour": 2, "execution_time": "2025-10-26T02:00:00Z"},
    ],
)
def test_what_is_usual_is_no_warning(usual: dict[str, Any]) -> None:
    assert warned(**usual) == {}


@pytest.mark.parametrize(
    ("odd", "field", "message"),
    [
        (
            {"price": 999_901},
            "price",
            "is beyond the exchange's limits, from -9999 to 9999 EUR/MWh: got 999901 eurocent/MWh",
        ),
        (
            {"price": -999_901},
            "price",
            "is beyond the exchange's limits, from -9999 to 9999 EUR/MWh: got -999901 eurocent/MWh",
        ),
        ({"quantity": 1000}, "quantity", "is beyond the exchange's limit, 999 MW: got 1000 MW"),
        (
            {"execution_time": "2023-02-28T13:00:00.000001Z"},
            "execution_time",
            "is after the delivery ended, at 2023-02-28T13:00:00Z",
        ),
        (
            {"delivery_day": "2024-01-30", "delivery_hour": 8, "execution_time": "2024-01-30T20:00:00Z"},
            "execution_time",
            "is after the delivery ended, at 2024-01-30T08:00:00Z",
        ),
        (
            AUTUMN | {"delivery_hour": 2, "execution_time": "2025-10-26T02:00:01Z"},
            "execution_time",
            "is after the delivery ended, at 2025-10-26T02:00:00Z",
        ),
        (
            AUTUMN | {"delivery_hour": 1, "execution_time": "2025-10-26T00:00:01Z"},
            "execution_time",
            "is after the delivery ended, at 2025-10-26T00:00:00Z",
        ),
    ],
)
def test_what_is_odd_is_warned_of_naming_the_limit(odd: dict[str, Any], field: str, message: str) -> None:
    assert warned(**odd) == {field: message}


@pytest.mark.parametrize(("ahead", "is_odd"), [(0, False), (300, False), (300.000001, True)])
def test_an_execution_may_be_ahead_of_our_clock_by_five_minutes(ahead: float, is_odd: bool) -> None:
    at = (NOW + timedelta(seconds=ahead)).isoformat()
    message = {"execution_time": "is more than 5 minutes in the future: it is 2026-06-15T12:00:00Z"}
    assert warned(delivery_day="2026-06-16", execution_time=at) == (message if is_odd else {})


def test_every_oddity_is_named_in_the_order_of_the_fields() -> None:
    odd = trade(price=10**9, quantity=10**6, execution_time="2030-01-01T00:00:00Z")
    fields = [one.field for one in trade_warnings(odd, NOW, ExchangeLimits())]
    assert fields == ["price", "quantity", "execution_time", "execution_time"]


def test_the_limits_can_be_set() -> None:
    tight = ExchangeLimits(price_eur=50, quantity_mw=10)
    assert warned(limits=tight) == {}
    assert list(warned(limits=tight, price=5001, quantity=11)) == ["price", "quantity"]


def test_the_limits_are_those_of_the_exchange_unless_they_are_set(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = read_settings()
    assert ExchangeLimits() == ExchangeLimits(settings.price_limit_eur, settings.quantity_limit_mw)
    monkeypatch.setenv("VOLTBOOK_PRICE_LIMIT_EUR", "4000")
    monkeypatch.setenv("VOLTBOOK_QUANTITY_LIMIT_MW", "50")
    settings = read_settings()
    assert (settings.price_limit_eur, settings.quantity_limit_mw) == (4000, 50)


def test_warnings_are_a_member_only_where_there_are_any() -> None:
    assert warnings_member(()) == {}
    odd = TradeWarning("price", "is odd", "odd")
    assert warnings_member([odd]) == {"warnings": [{"field": "price", "message": "is odd"}]}
    assert str(odd) == "price: is odd"
