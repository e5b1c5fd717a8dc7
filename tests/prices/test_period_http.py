"""`/v2/prices` through the gateway."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest

from chalicelib.common.delivery import QUARTER, slot_rows
from chalicelib.common.timestamps import format_utc
from chalicelib.prices.period_price import MAX_PERIOD_BYTES, MAX_PERIOD_PRICES, PERIOD_PRICE_FIELDS
from chalicelib.prices.service import MAX_DAYS_OF_ALL_SETS
from chalicelib.prices.sets import SETS
from chalicelib.prices.zones import ZONES
from chalicelib.trades import bootstrap as trades_bootstrap
from chalicelib.trades.statement import parse_statement
from chalicelib.web.responses import MAX_BYTES
from tests.api.test_contract import CONTRACT, SCHEMAS, is_valid
from tests.fixtures.api import As
from tests.fixtures.api_client import Client, is_error
from tests.fixtures.trades import posted
from tests.fixtures.vectors2 import vector

PATH = "/v2/prices"
DAY = "2023-02-28"


def price(start: str, minutes: int = 15, eur: str = "50.00", name: str = "da", zone: str = "DE-LU") -> dict[str, Any]:
    return {"set": name, "zone": zone, "start": start, "minutes": minutes, "price_eur_mwh": eur}


def test_prices_are_taken_and_given_back_as_posted(admin: Client, as_user: As) -> None:
    given = [
        price("2023-02-28T12:00:00Z", 60, "-0.50"),
        price("2023-02-28T13:00:00Z"),
        price("2023-02-28T13:30:00Z", eur="0.00"),
        price("2023-02-28T13:00:00Z", name="rebap_short", eur="9999999999999.99"),
    ]
    first, again = (as_user("importer").post({"prices": given}, PATH) for _ in range(2))
    assert (first.status, first.json) == (200, {"received": 4, "changed": 4, "unchanged": 0})
    for name in ("desk", "trader_1"):
        listed = as_user(name).get(PATH, start_day=DAY).json
        assert listed == {"prices": given}
        assert is_valid("PeriodPrices", listed)
        assert is_valid("NewPeriodPrices", listed)
    assert again.json == admin.post(listed, PATH).json == {"received": 4, "changed": 0, "unchanged": 4}
    assert as_user("desk").get(PATH, start_day=DAY, set="da").json == {"prices": given[:3]}
    assert as_user("desk").get(PATH, start_day=DAY, zone="FR").json == {"prices": []}


def test_one_v1_price_values_the_hour_that_comes_twice(admin: Client) -> None:
    example = vector("W27")
    trades = [parse_statement(stated).trade for stated in example["input"]["trades"]]
    trades_bootstrap.book().add([posted(each) for each in trades])
    admin.post({"prices": [example["input"]["v1_price"]]}, "/v1/prices")
    shown = admin.get("/v2/reports/pnl", start_day="2026-10-25", grain="quarter", reference="desk").json
    priced = [slot for slot in shown["days"][0]["periods"] if slot["reference"] is not None]
    assert len(priced) == example["expected"]["slots_priced"]
    assert shown["total"]["unrealised_eur"] == example["expected"]["unrealised_eur"]


def test_a_v1_price_is_of_the_desk_in_de_lu_and_covers_its_hours(admin: Client) -> None:
    example = vector("W27")["input"]
    admin.post({"prices": [example["v1_price"]]}, "/v1/prices")
    hours = [price(f"2026-10-25T0{hour}:00:00Z", 60, "30.00", "desk") for hour in (0, 1)]
    listed = admin.get(PATH, start_day="2026-10-25").json
    assert listed == {"prices": hours}
    assert admin.post(listed, PATH).json == {"received": 2, "changed": 0, "unchanged": 2}
    admin.post({"prices": [price("2026-10-25T00:15:00Z", eur="31.00", name="desk")]}, PATH)
    assert [one["price_eur_mwh"] for one in admin.get(PATH, start_day="2026-10-25").json["prices"]] == [
        "30.00",
        "31.00",
        "30.00",
        "30.00",
        "30.00",
    ]
    [hour] = admin.get("/v1/prices", start_day="2026-10-25").json
    assert hour == example["v1_price"] | {"price": 3013}  # 3012.5


def test_an_hour_with_an_unpriced_quarter_has_no_v1_price(admin: Client) -> None:
    quarters = [price(f"2023-03-01T12:{minute}:00Z", eur="41.61", name="desk") for minute in ("00", "15", "30")]
    admin.post({"prices": quarters}, PATH)
    assert admin.get("/v1/prices", start_day="2023-03-01").json == []
    admin.post({"prices": [price("2023-03-01T12:45:00Z", eur="41.63", name="desk")]}, PATH)
    assert [hour["price"] for hour in admin.get("/v1/prices", start_day="2023-03-01").json] == [4162]


def test_one_bad_price_refuses_all_and_every_problem_is_listed(admin: Client) -> None:
    given = [price("2023-03-02T12:00:00Z"), price("2023-03-02T12:20:00Z", 30), price("x", eur="1.005", name="best")]
    answer = admin.post({"prices": given}, PATH)
    assert is_error(answer, 400)
    assert answer.code == "invalid_prices"
    assert list(answer.problems) == [
        "prices[1].start",
        "prices[1].minutes",
        "prices[2].set",
        "prices[2].start",
        "prices[2].price_eur_mwh",
    ]
    assert admin.get(PATH, start_day="2023-03-02").json == {"prices": []}


def quarter_hours(days: int) -> list[dict[str, Any]]:
    """The largest prices of so many days from 1 January 2024."""
    of_days = [date(2024, 1, 1) + timedelta(days=number) for number in range(days)]
    starts = [format_utc(row.start) for day in of_days for row in slot_rows(day, QUARTER)]
    return [price(start, 15, "-9999999999999.99", "rebap_short", "10YES-REE------0") for start in starts]


def test_a_month_of_quarter_hours_is_taken_as_it_is_given(admin: Client) -> None:
    given = quarter_hours(days=31)
    assert admin.post({"prices": given}, PATH).json == {"received": 2976, "changed": 2976, "unchanged": 0}
    query = {"start_day": "2024-01-01", "end_day": "2024-12-31", "set": "rebap_short", "zone": "10YES-REE------0"}
    assert admin.get(PATH, **query).json == {"prices": given}


def test_a_year_of_quarter_hours_fits_into_an_answer_and_a_body() -> None:
    size = len(json.dumps({"prices": quarter_hours(days=366)}, separators=(",", ":")))
    assert size <= min(MAX_BYTES, MAX_PERIOD_BYTES)
    assert size / 366 / 96 * 100 * MAX_DAYS_OF_ALL_SETS * len(SETS) <= min(MAX_BYTES, MAX_PERIOD_BYTES)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"start_day": "2023-02-29"}, "start_day"),
        ({"start_day": "2023-01-01", "end_day": "2023-01-29"}, "end_day"),
        ({"start_day": "2023-01-01", "end_day": "2024-01-02", "set": "da"}, "end_day"),
        ({"set": "best"}, "set"),
        ({"zone": "Berlin"}, "zone"),
        ({"day": DAY}, "day"),
    ],
)
def test_a_query_that_makes_no_sense_is_refused(admin: Client, query: dict[str, str], field: str) -> None:
    answer = admin.get(PATH, **query)
    assert is_error(answer, 400)
    assert list(answer.problems) == [field]


def test_the_contract_has_the_bounds_of_the_code() -> None:
    assert tuple(SCHEMAS["NewPeriodPrice"]["properties"]) == PERIOD_PRICE_FIELDS
    assert SCHEMAS["NewPeriodPrices"]["properties"]["prices"]["maxItems"] == MAX_PERIOD_PRICES
    assert SCHEMAS["PriceSet"]["enum"] == list(SETS)
    assert SCHEMAS["PriceZone"]["oneOf"][0]["enum"] == list(ZONES)
    assert MAX_PERIOD_BYTES == 5_000_000
    assert "at most 5 MB" in CONTRACT["paths"][PATH]["post"]["requestBody"]["description"]
