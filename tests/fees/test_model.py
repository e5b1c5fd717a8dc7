"""Fee rates: reading them, and what energy costs by them."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from chalicelib.common.delivery import berlin_day
from chalicelib.common.units import UNITS
from chalicelib.fees.model import (
    MAX_FEES,
    RATES_PER_EUR,
    FeeRate,
    FeeTable,
    InvalidFees,
    Kind,
    fees_eur,
    net_eur,
    parse_fees,
    read_fees,
)

VECTORS = Path(__file__).parents[1] / "vectors2.json"
[W20] = [vector for vector in json.loads(VECTORS.read_text("utf-8"))["vectors"] if vector["id"] == "W20"]
JUNE = date(2026, 6, 15)


def fee(**fields: object) -> dict[str, object]:
    return {"venue": "epex", "kind": "trading", "valid_from": "2026-01-01", "rate_eur_mwh": "0.0750"} | fields


def problems_of(body: dict[str, object]) -> dict[str, str]:
    with pytest.raises(InvalidFees) as refused:
        parse_fees(body)
    return {problem.field: problem.message for problem in refused.value.problems}


def test_fees_match_the_worked_example() -> None:
    table = parse_fees({"revision": 0, "fees": W20["input"]["fees"]})
    cash = fees = 0
    by: defaultdict[str, Fraction] = defaultdict(Fraction)
    without = set()
    for trade in W20["input"]["trades"]:
        start, end = (datetime.fromisoformat(trade[name]) for name in ("delivery_start", "delivery_end"))
        energy = int(Decimal(trade["quantity_mw"]) * 1000) * int((end - start).total_seconds() // 60)
        sign = 1 if trade["direction"] == "sell" else -1
        cash += sign * int(Decimal(trade["price_eur_mwh"]) * 100) * energy
        for rate in table.of(trade["venue"], berlin_day(start)):
            by[f"{rate.venue}/{rate.kind}"] += Fraction(rate.rate * energy, UNITS * RATES_PER_EUR)
        of_trade = table.fee(energy, trade["venue"], berlin_day(start))
        if of_trade is None:
            without.add(trade["venue"])
        fees += of_trade or 0
    expected: dict[str, Any] = W20["expected"]
    assert Fraction(fees, UNITS * RATES_PER_EUR) == Fraction(expected["fees_eur_exact"])
    assert fees_eur(fees) == expected["fees_eur"]
    assert net_eur(cash, 0) == expected["gross_eur"]
    assert net_eur(cash, fees) == expected["net_eur"]
    assert by == {name: Fraction(amount) for name, amount in expected["by"].items()}
    assert sorted(without) == expected["venues_without_rate"]


def test_a_rate_is_valid_from_its_delivery_day_until_the_next_of_its_kind() -> None:
    rates = [fee(), fee(kind="clearing", rate_eur_mwh="0.01"), fee(valid_from="2026-06-15", rate_eur_mwh="0")]
    table = FeeTable(read_fees(enumerate(rates), "{}.{}".format))
    assert table.rate("epex", date(2025, 12, 31)) is None
    assert table.rate("epex", date(2026, 6, 14)) == 850
    assert table.rate("epex", JUNE) == 100
    assert table.rate("nordpool", JUNE) is None


def test_a_venue_that_costs_nothing_has_a_rate() -> None:
    table = FeeTable((FeeRate("otc", Kind.OTHER, JUNE, 0),))
    assert table.fee(60_000, "otc", JUNE) == 0
    assert FeeTable().fee(60_000, "otc", JUNE) is None


def test_fees_are_returned_as_they_are_taken() -> None:
    body = {"revision": 7, "fees": [fee(), fee(venue="otc", rate_eur_mwh="12.0000")]}
    assert parse_fees(body).as_json() == body


@pytest.mark.parametrize(
    ("given", "stored"), [("0", 0), ("0.0", 0), ("1", 10_000), ("0.08", 800), ("0.0001", 1), ("9999.9999", 99_999_999)]
)
def test_a_rate_has_up_to_four_decimals(given: str, stored: int) -> None:
    assert parse_fees({"revision": 0, "fees": [fee(rate_eur_mwh=given)]}).rates[0].rate == stored


@pytest.mark.parametrize(
    "given", [0.085, 1, "-0.01", "0.00001", "1e1", ".5", "5.", "10000", "0,08", "", "NaN", None, "٣"]
)
def test_any_other_rate_is_refused(given: object) -> None:
    assert list(problems_of({"revision": 0, "fees": [fee(rate_eur_mwh=given)]})) == ["fees[0].rate_eur_mwh"]


def test_all_problems_are_named_at_once() -> None:
    fees = [fee(venue="EPEX", kind="tax"), fee(valid_from="2026-02-30", price="1"), "free", fee(), fee()]
    found = problems_of({"revision": -1, "fees": fees, "total": 1})
    assert list(found) == [
        "total",
        "revision",
        "fees[0].venue",
        "fees[0].kind",
        "fees[1].price",
        "fees[1].valid_from",
        "fees[2].row",
        "fees[4].valid_from",
    ]
    assert found["fees[4].valid_from"] == "must differ from fees[3].valid_from, which is about trading at epex too"


@pytest.mark.parametrize(
    "body", [{}, {"revision": 0}, {"fees": []}, {"revision": "1", "fees": []}, {"revision": 0, "fees": {}}]
)
def test_a_body_needs_a_revision_and_a_list(body: dict[str, object]) -> None:
    assert problems_of(body)


def test_the_number_of_fees_and_of_named_problems_is_limited() -> None:
    many = [fee(venue=f"v-{number}") for number in range(MAX_FEES)]
    assert len(parse_fees({"revision": 0, "fees": many}).rates) == MAX_FEES
    assert list(problems_of({"revision": 0, "fees": [*many, fee()]})) == [f"fees[{MAX_FEES}].row"]
    assert len(problems_of({"revision": 0, "fees": [{}] * 200})) == 100
