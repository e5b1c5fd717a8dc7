"""What energy costs by fee rates."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

from chalicelib.common.delivery import berlin_day
from chalicelib.common.units import UNITS
from chalicelib.fees.fee_list import parse_fees, read_fees
from chalicelib.fees.model import (
    RATES_PER_EUR,
    FeeRate,
    FeeTable,
    Kind,
    fees_eur,
    net_eur,
)

VECTORS = Path(__file__).parents[1] / "vectors2.json"
[W20] = [vector for vector in json.loads(VECTORS.read_text("utf-8"))["vectors"] if vector["id"] == "W20"]
JUNE = date(2026, 6, 15)


def fee(**fields: object) -> dict[str, object]:
    return {"venue": "epex", "kind": "trading", "valid_from": "2026-01-01", "rate_eur_mwh": "0.0750"} | fields


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
