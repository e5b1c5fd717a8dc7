"""Reference prices read from JSON values: every rule, every problem at once, one price an hour."""

from __future__ import annotations

from datetime import date

import pytest

from chalicelib.prices.model import MAX_BYTES, MAX_PRICES, InvalidPrices, ReferencePrice, parse_prices


def entry(day: object = "2026-06-15", hour: object = 13, price: object = 5000) -> dict[str, object]:
    return {"delivery_day": day, "delivery_hour": hour, "price": price}


def problems_of(body: dict[str, object]) -> dict[str, str]:
    with pytest.raises(InvalidPrices) as refused:
        parse_prices(body)
    return {problem.field: problem.message for problem in refused.value.problems}


def test_prices_are_read_as_they_stand() -> None:
    extreme = [entry(hour=0, price=-(10**15 - 1)), entry(hour=23, price=10**15 - 1)]
    assert parse_prices({"prices": [entry(), *extreme]}) == (
        ReferencePrice(date(2026, 6, 15), 13, 5000),
        ReferencePrice(date(2026, 6, 15), 0, -(10**15 - 1)),
        ReferencePrice(date(2026, 6, 15), 23, 10**15 - 1),
    )


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        (entry(day="20260615"), "delivery_day"),
        (entry(day="2026-02-30"), "delivery_day"),
        (entry(day=None), "delivery_day"),
        (entry(hour=24), "delivery_hour"),
        (entry(hour=True), "delivery_hour"),
        (entry(hour="13"), "delivery_hour"),
        (entry(price=10**15), "price"),
        (entry(price="5000"), "price"),
        (entry() | {"currency": "EUR"}, "currency"),
        ({"delivery_day": "2026-06-15", "price": 1}, "delivery_hour"),
    ],
)
def test_an_entry_that_breaks_a_rule_is_named_by_its_place_and_field(wrong: dict[str, object], field: str) -> None:
    assert list(problems_of({"prices": [entry(hour=1), wrong]})) == [f"prices[1].{field}"]


def test_every_problem_of_every_entry_is_listed_at_once() -> None:
    broken = [entry(day="x", price=1.5), entry(), 7, entry(hour=-1)]
    assert list(problems_of({"prices": broken})) == [
        "prices[0].delivery_day",
        "prices[0].price",
        "prices[2].row",
        "prices[3].delivery_hour",
    ]


def test_a_skipped_hour_has_no_price_and_a_repeated_hour_has_one() -> None:
    skipped = problems_of({"prices": [entry("2026-03-29", 2)]})
    assert skipped == {"prices[0].delivery_hour": "must exist on 2026-03-29: the clocks skip hour 2 that day"}
    assert parse_prices({"prices": [entry("2025-10-26", 2, 1), entry("2025-10-26", 2, 1)]}) == (
        ReferencePrice(date(2025, 10, 26), 2, 1),
    )


def test_an_hour_may_stand_twice_with_one_price_and_not_with_two() -> None:
    assert len(parse_prices({"prices": [entry(), entry()]})) == 1
    assert problems_of({"prices": [entry(), entry(hour=1), entry(price=1)]}) == {
        "prices[2].price": "must be the same as in prices[0].price, which is about 2026-06-15 hour 13 too"
    }


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "prices"),
        ({"prices": []}, "prices"),
        ({"prices": entry()}, "prices"),
        ({"prices": [entry()], "day": "2026-06-15"}, "day"),
    ],
)
def test_a_body_that_is_no_list_of_prices_is_refused(body: dict[str, object], field: str) -> None:
    assert list(problems_of(body)) == [field]


def test_many_problems_are_counted_and_the_first_hundred_named() -> None:
    with pytest.raises(InvalidPrices, match="none was taken: 150 problems, the first 100 are named") as refused:
        parse_prices({"prices": [entry(price="x")] * 150})
    assert len(refused.value.problems) == 100


def test_more_prices_than_a_year_has_hours_are_refused() -> None:
    problems = problems_of({"prices": [entry()] * (MAX_PRICES + 3)})
    assert problems == {f"prices[{MAX_PRICES}].row": "must be one of at most 10000 prices"}


def test_a_single_problem_is_counted_in_the_singular() -> None:
    with pytest.raises(InvalidPrices, match=r"none was taken: 1 problem$"):
        parse_prices({"prices": [entry(price="x")]})


def test_a_hundred_problems_are_all_named() -> None:
    with pytest.raises(InvalidPrices, match=r"none was taken: 100 problems$") as refused:
        parse_prices({"prices": [entry(price="x")] * 100})
    assert len(refused.value.problems) == 100


def test_as_many_prices_as_are_allowed_are_taken() -> None:
    assert len(parse_prices({"prices": [entry()] * MAX_PRICES})) == 1


def test_a_refused_body_has_short_messages() -> None:
    with pytest.raises(InvalidPrices) as refused:
        parse_prices({"x" * 61: 1})
    assert [problem.field for problem in refused.value.problems] == ["x" * 60, "prices"]
    assert refused.value.problems[1].message == "must be a list of at least one price, got nothing"
    assert [row.line for row in refused.value.rows] == [0]
    assert problems_of({"prices": []})["prices"].endswith("got an empty list")
    assert problems_of({"prices": 7})["prices"].endswith("got a number")
    assert problems_of({"prices": None})["prices"].endswith("got null")


def test_a_body_of_prices_may_have_a_mebibyte() -> None:
    assert MAX_BYTES == 1_048_576
