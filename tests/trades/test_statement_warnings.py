"""What is odd about a statement that breaks no rule, at its limit and just beyond."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from chalicelib.trades.statement_warnings import statement_warnings
from chalicelib.trades.venues import VENUES
from chalicelib.trades.warnings import ExchangeLimits
from tests.fixtures.statements import stated_trade
from tests.fixtures.vectors2 import vector

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
EXAMPLE = vector("W09")
ACCEPTED = [
    (case["change"], expected["names"])
    for case, expected in zip(EXAMPLE["input"]["cases"], EXAMPLE["expected"]["cases"], strict=True)
    if expected["outcome"] == "accepted"
]


def warned(**changes: Any) -> dict[str, str]:
    found = statement_warnings(stated_trade(**changes), NOW, ExchangeLimits())
    return {warning.field: warning.message for warning in found}


@pytest.mark.parametrize(("change", "names"), ACCEPTED, ids=[str(change) for change, _ in ACCEPTED])
def test_a_trade_has_the_warnings_of_the_worked_example(change: dict[str, Any], names: str | None) -> None:
    expected = [names.removeprefix("warning:")] if names and names.startswith("warning:") else []
    assert list(warned(**change)) == expected


@pytest.mark.parametrize(
    ("odd", "field", "message"),
    [
        ({"quantity_mw": "0.05"}, "quantity_mw", "is not a multiple of 0.1 MW: got 0.05 MW"),
        ({"quantity_mw": "999.1"}, "quantity_mw", "is beyond the exchange's limit, 999 MW: got 999.1 MW"),
        (
            {"price_eur_mwh": "10000"},
            "price_eur_mwh",
            "is beyond the limits of epex, from -9999.99 to 9999.99 EUR/MWh: got 10000.00",
        ),
        (
            {"venue": "epex-da", "price_eur_mwh": "-500.01"},
            "price_eur_mwh",
            "is beyond the limits of epex-da, from -500.00 to 4000.00 EUR/MWh: got -500.01",
        ),
        (
            {"execution_time": "2026-06-15T10:15:01Z"},
            "execution_time",
            "is after the delivery ended, at 2026-06-15T10:15:00Z",
        ),
        (
            {"area": "10X1001A1001A450"},
            "area",
            "is the EIC code of something else than an area (its third character is not Y): got 10X1001A1001A450",
        ),
    ],
)
def test_what_is_odd_is_a_warning_of_its_field(odd: dict[str, Any], field: str, message: str) -> None:
    assert warned(**odd) == {field: message}


@pytest.mark.parametrize("venue", VENUES)
def test_a_price_at_the_limit_of_its_venue_is_usual(venue: str) -> None:
    lowest, highest = VENUES[venue]
    for cents in (-9_999_999 if lowest is None else lowest, 9_999_999 if highest is None else highest):
        sign = "-" if cents < 0 else ""
        assert warned(venue=venue, price_eur_mwh=f"{sign}{abs(cents) // 100}.{abs(cents) % 100:02d}") == {}


def test_a_quantity_at_the_limit_of_the_exchange_is_usual() -> None:
    assert warned(quantity_mw="999") == {}


def test_every_warning_is_listed() -> None:
    odd = {"quantity_mw": "1000.05", "price_eur_mwh": "-20000", "execution_time": "2026-06-15T12:05:01Z"}
    found = statement_warnings(stated_trade(**odd), NOW, ExchangeLimits())
    assert [warning.field for warning in found] == [
        *("quantity_mw", "quantity_mw", "price_eur_mwh", "execution_time", "execution_time")
    ]
    assert len({warning.kind for warning in found}) == len(found)
