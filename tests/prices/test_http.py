"""`/v1/prices` through the gateway."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest

from chalicelib.common.delivery import hours_of
from chalicelib.prices.model import MAX_BYTES, MAX_PRICES, PRICE_FIELDS
from tests.api.test_contract import CONTRACT, SCHEMAS, is_valid
from tests.fixtures.api import As
from tests.fixtures.api_client import Client, is_error

PATH = "/v1/prices"


def price(hour: int, cents: object = 5000, day: str = "2023-02-28") -> dict[str, object]:
    return {"delivery_day": day, "delivery_hour": hour, "price": cents}


def test_prices_are_taken_and_given_back_as_posted(admin: Client, as_user: As) -> None:
    given = [price(13), price(2, -(10**15) + 1)]
    first, again = (as_user("importer").post({"prices": given}, PATH) for _ in range(2))
    assert (first.status, first.json) == (200, {"received": 2, "changed": 2, "unchanged": 0})
    assert again.json == {"received": 2, "changed": 0, "unchanged": 2}
    assert is_valid("SaidPrices", first.json)
    for name in ("desk", "trader_1"):
        listed = as_user(name).get(PATH, start_day="2023-02-28").json
        assert listed == [given[1], given[0]]
        assert all(is_valid("ReferencePrice", one) for one in listed)


def test_one_bad_price_refuses_all_and_every_problem_is_listed(admin: Client) -> None:
    given = [price(1, day="2024-01-01"), price(24, 1.5, "2024-01-01"), price(1, 7, "2024-01-01")]
    answer = admin.post({"prices": given}, PATH)
    assert is_error(answer, 400)
    assert answer.code == "invalid_prices"
    assert list(answer.problems) == ["prices[1].delivery_hour", "prices[1].price", "prices[2].price"]
    assert admin.get(PATH, start_day="2024-01-01").json == []


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b'{"prices": NaN}', 400, "invalid_json"),
        (b'{"prices": [], "prices": []}', 400, "invalid_json"),
        (b"[]", 400, "invalid_json"),
        (b'{"prices": []}', 400, "invalid_prices"),
        (b" " * (MAX_BYTES + 1), 413, "too_large"),
    ],
)
def test_a_body_without_prices_is_refused(admin: Client, body: bytes, status: int, code: str) -> None:
    answer = admin.post_body(body, PATH)
    assert is_error(answer, status)
    assert answer.code == code


def test_a_year_is_taken_and_given_at_once(admin: Client) -> None:
    days = [date(2024, 1, 1) + timedelta(days=number) for number in range(366)]
    given = [price(row.hour, 10**14, str(day)) for day in days for row in hours_of(day)]
    assert len(json.dumps({"prices": given})) < MAX_BYTES
    assert admin.post({"prices": given}, PATH).json["changed"] == len(given) == 366 * 24 - 1
    assert admin.get(PATH, start_day="2024-01-01", end_day="2024-12-31").json == given


@pytest.mark.parametrize(
    "query",
    [
        {"start_day": "2023-02-29"},
        {"start_day": "2023-02-02", "end_day": "2023-02-01"},
        {"start_day": "2023-01-01", "end_day": "2024-01-02"},
        {"day": "2023-02-28"},
    ],
)
def test_a_query_that_makes_no_sense_is_refused(admin: Client, query: dict[str, str]) -> None:
    assert is_error(admin.get(PATH, **query), 400)


def test_the_contract_has_the_bounds_of_the_code() -> None:
    assert tuple(SCHEMAS["ReferencePrice"]["properties"]) == PRICE_FIELDS
    assert SCHEMAS["NewPrices"]["properties"]["prices"]["maxItems"] == MAX_PRICES
    assert MAX_BYTES == 1024 * 1024
    assert "at most 1 MiB" in CONTRACT["paths"][PATH]["post"]["requestBody"]["description"]
