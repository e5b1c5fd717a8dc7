"""Reference prices of periods read from JSON values: every rule, every problem at once, one price a period."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.common.delivery import HOUR, QUARTER, Period, slot_rows
from chalicelib.prices.model import InvalidPrices
from chalicelib.prices.period_price import MAX_PERIOD_BYTES, MAX_PERIOD_PRICES, PeriodPrice, parse_period_prices
from chalicelib.prices.sets import SETS
from chalicelib.prices.slots import Series
from chalicelib.prices.zones import ZONES

START = "2026-06-15T11:15:00Z"


def entry(**changes: object) -> dict[str, object]:
    return {"set": "da", "zone": "DE-LU", "start": START, "minutes": 15, "price_eur_mwh": "50.00"} | changes


def problems_of(*entries: object) -> dict[str, str]:
    with pytest.raises(InvalidPrices) as refused:
        parse_period_prices({"prices": list(entries)})
    return {problem.field: problem.message for problem in refused.value.problems}


def test_a_price_is_read_in_eurocent_with_its_zone_and_start_in_utc() -> None:
    [price] = parse_period_prices({"prices": [entry(zone="10YDE-RWENET---I", start="2026-06-15T13:15+02:00")]})
    assert price == PeriodPrice("da", "DE-LU", Period(datetime(2026, 6, 15, 11, 15, tzinfo=UTC), 15), 5000)
    assert price.as_fields() == entry()
    assert price.series == Series(date(2026, 6, 15), "DE-LU", "da")


@given(
    st.builds(
        lambda day, place, minutes, **others: PeriodPrice(
            period=Period(slot_rows(day, minutes)[place % len(slot_rows(day, minutes))].start, minutes), **others
        ),
        st.dates(date(2000, 1, 2), date(2099, 12, 31)),
        st.integers(0, 99),
        st.sampled_from([QUARTER, HOUR]),
        set=st.sampled_from(list(SETS)),
        zone=st.sampled_from([*ZONES, "10YES-REE------0"]),
        price=st.integers(1 - 10**15, 10**15 - 1),
    )
)
def test_what_is_shown_is_read_again_as_it_was(price: PeriodPrice) -> None:
    assert parse_period_prices({"prices": [price.as_fields()]}) == (price,)


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("set", "best", "must be one of da, ida1, ida2"),
        ("set", None, "must be one of da, ida1, ida2"),
        ("zone", "Berlin", "must be a price zone (DE-LU, AT"),
        ("zone", "AMP", "must be a price zone"),
        ("zone", "10YDE-RWENET---J", "must be a price zone"),
        ("zone", [], "must be a price zone"),
        ("start", "2026-06-15T11:15", "must be an ISO 8601 time"),
        ("start", "2026-06-15T11:20Z", "must be on a multiple of 15 minutes"),
        ("start", "2026-06-15T11:15:00.1Z", "must be on a multiple of 15 minutes"),
        ("start", "2099-12-31T23:00Z", "must be on a day up to 2099-12-31"),
        ("minutes", 30, "must be 15 or 60"),
        ("minutes", "15", "must be 15 or 60"),
        ("minutes", True, "must be 15 or 60"),
        ("price_eur_mwh", 50, 'must be a price in EUR/MWh, as text such as "12.5"'),
        ("price_eur_mwh", "50.001", "must be a price in EUR/MWh, with a point and up to 2 decimals, such as 12.5"),
        ("price_eur_mwh", "5e1", "must be a price in EUR/MWh, with a point"),
        ("price_eur_mwh", "10000000000000.00", "must be a price in EUR/MWh of at most 15 digits"),
        ("price_eur_mwh", "-99999999999999.99", "must be a price in EUR/MWh of at most 15 digits"),
        ("price", 5000, "is no field of a reference price"),
    ],
)
def test_a_value_that_breaks_a_rule_is_named_with_its_place(field: str, value: object, message: str) -> None:
    problems = problems_of(entry(minutes=15), entry(**{field: value}))
    assert list(problems) == [f"prices[1].{field}"]
    assert problems[f"prices[1].{field}"].startswith(message)


def test_the_last_quarter_hour_of_the_last_day_has_a_price() -> None:
    [price] = parse_period_prices({"prices": [entry(start="2099-12-31T22:45:00Z")]})
    assert price.series.day == date(2099, 12, 31)


def test_an_hour_begins_with_a_full_hour() -> None:
    assert problems_of(entry(minutes=60)) == {
        "prices[0].start": f"must be the start of an hour where minutes is 60, got '{START}'"
    }
    assert list(problems_of(entry(start="noon", minutes=60))) == ["prices[0].start"]


def test_every_problem_of_every_entry_is_listed_together() -> None:
    assert list(problems_of(entry(set="x", minutes=1), entry(), 7, entry(price_eur_mwh="51"))) == [
        "prices[0].set",
        "prices[0].minutes",
        "prices[2].row",
        "prices[3].price_eur_mwh",
    ]


def test_a_period_may_be_repeated_with_one_price_and_not_with_two() -> None:
    assert len(parse_period_prices({"prices": [entry(), entry(), entry(set="desk"), entry(zone="FR")]})) == 3
    assert problems_of(entry(), entry(price_eur_mwh="51.00")) == {
        "prices[1].price_eur_mwh": "must be the same as in prices[0].price_eur_mwh, which is about da in DE-LU, "
        f"15 minutes from {START}, too"
    }


def test_the_bounds_are_those_of_the_contract() -> None:
    assert (MAX_PERIOD_PRICES, MAX_PERIOD_BYTES) == (40_000, 5_000_000)


def test_more_prices_than_a_year_of_quarter_hours_are_refused() -> None:
    assert len(parse_period_prices({"prices": [entry()] * MAX_PERIOD_PRICES})) == 1
    assert list(problems_of(*[entry()] * (MAX_PERIOD_PRICES + 1))) == [f"prices[{MAX_PERIOD_PRICES}].row"]
