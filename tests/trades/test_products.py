"""Names of products on ordinary, short and long days."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from chalicelib.trades.products import product_period
from tests.fixtures.vectors2 import vector

EXAMPLE = vector("W42")
CASES = list(zip(EXAMPLE["input"]["cases"], EXAMPLE["expected"]["periods"], strict=True))
JUNE, LONG = date(2026, 6, 15), date(2026, 10, 25)


@pytest.mark.parametrize(
    ("case", "period"), CASES, ids=[f"{case['product']} on {case['delivery_day']}" for case, _ in CASES]
)
def test_a_product_is_read_as_in_the_worked_example(case: dict[str, Any], period: dict[str, Any]) -> None:
    day = date.fromisoformat(case["delivery_day"])
    if period["start"] is None:
        with pytest.raises(ValueError, match=case["product"]):
            product_period(case["product"], day)
    else:
        start, minutes = product_period(case["product"], day)
        assert (f"{start:%Y-%m-%dT%H:%MZ}", minutes) == (period["start"], period["minutes"])


@pytest.mark.parametrize(
    "name",
    [
        *("", "21", "15Q5", "15q4", "15Q4 ", "١٥Q4", "3A4", "21qh0"),
        *("Hour 0", "Hour 25", "Hour 3C", "Hour  3", "hour 3"),
        *("QH-20260615-97", "HH-20260615-49", "PH-20260615-00", "PH-20260615-25", "PH-20260615-03X"),
        *("PH-2026-06-15-01", "PH-20260615-1"),
    ],
)
def test_what_is_no_product_of_the_day_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="product"):
        product_period(name, JUNE)


def test_an_ambiguous_product_says_so() -> None:
    with pytest.raises(ValueError, match="ambiguous on 2026-10-25: the clock shows its hour twice"):
        product_period("02Q1", LONG)


@pytest.mark.parametrize("day", [JUNE, date(2026, 3, 29), LONG])
def test_each_period_of_a_day_has_one_product(day: date) -> None:
    """Nord Pool's and EPEX's names of all quarters cover the day without a gap."""
    for names in (
        [f"QH-{day:%Y%m%d}-{number:02d}{second}" for number in range(1, 97) for second in ("", "X")],
        [f"Hour {n // 4 + 1}{letter} Q{n % 4 + 1}" for n in range(96) for letter in ("", "A", "B")],
    ):
        starts = sorted({period.start for period in (_read(name, day) for name in names) if period})
        assert len(starts) == {JUNE: 96, LONG: 100}.get(day, 92)


def _read(name: str, day: date) -> Any:
    try:
        return product_period(name, day)
    except ValueError:
        return None
