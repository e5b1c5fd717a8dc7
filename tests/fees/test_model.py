"""Which fee rates are valid, and what energy costs by them."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import replace
from datetime import date, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

from chalicelib.common.delivery import berlin_day
from chalicelib.fees.fee_list import parse_fees, read_fees
from chalicelib.fees.model import (
    RATES_PER_EUR,
    FeeRate,
    FeeTable,
    Kind,
)

VECTORS = Path(__file__).parents[1] / "vectors2.json"
[W20] = [vector for vector in json.loads(VECTORS.read_text("utf-8"))["vectors"] if vector["id"] == "W20"]
JUNE = date(2026, 6, 15)


def fee(**fields: object) -> dict[str, object]:
    return {"venue": "epex", "kind": "trading", "valid_from": "2026-01-01", "rate_eur_mwh": "0.0750"} | fields


def test_fees_match_the_worked_example() -> None:
    table = parse_fees({"revision": 0, "fees": W20["input"]["fees"]})
    by: defaultdict[str, Fraction] = defaultdict(Fraction)
    total, without = Fraction(), set()
    for trade in W20["input"]["trades"]:
        start, end = (datetime.fromisoformat(trade[name]) for name in ("delivery_start", "delivery_end"))
        venue, day = trade["venue"], berlin_day(start)
        energy = Fraction(trade["quantity_mw"]) * Fraction((end - start) / timedelta(hours=1)) / RATES_PER_EUR
        for rate in table.of(venue, day):
            by[f"{rate.venue}/{rate.kind}"] += rate.rate * energy
        of_venue = table.rate(venue, day)
        if of_venue is None:
            without.add(venue)
        total += (of_venue or 0) * energy
    expected: dict[str, Any] = W20["expected"]
    assert total == sum(by.values()) == Fraction(expected["fees_eur_exact"])
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
    assert table.rate("otc", JUNE) == 0
    assert FeeTable().rate("otc", JUNE) is None


def test_what_a_table_was_asked_shows_in_no_other_table() -> None:
    """A table remembers the sums it returned: neither its equals nor those made of it may take notice of them."""
    fresh, asked = (FeeTable((FeeRate("otc", Kind.OTHER, JUNE, 5),)) for _ in range(2))
    assert asked.rate("otc", JUNE) == 5
    assert (asked, repr(asked)) == (fresh, repr(fresh))
    assert replace(asked, rates=()).rate("otc", JUNE) is None


def test_a_book_whose_fees_were_never_set_has_revision_0() -> None:
    assert FeeTable().as_json() == {"revision": 0, "fees": []}
