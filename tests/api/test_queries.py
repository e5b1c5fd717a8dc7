"""Query parameters, read strictly on every route: a misspelt filter must not answer with everything."""

from __future__ import annotations

import pytest

from tests.fixtures.api_client import Client, is_error

ROUTES = [
    "/v1/trades",
    "/v1/trades/t-1",
    "/v1/trades/t-1/history",
    "/v1/reports/pnl",
    "/v1/reports/scorecard",
    "/v1/reports/newest_day",
    "/v1/files",
    "/v1/files/2023-02-20",
    "/v1/health",
    "/v1/openapi.json",
]


def test_a_query_of_thousands_of_unknown_parameters_gets_a_small_answer(anonymous: Client) -> None:
    answer = anonymous.get("/v1/health", **{f"p{number}": 1 for number in range(5000)})
    assert is_error(answer, 400)
    assert answer.json["message"] == "the query has 5000 problems, the first 100 are named"
    assert len(answer.problems) == 100
    assert len(answer.body) < 20_000


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize(
    "name", ["trader", "Trader_id", "trader_id%20", "delivery-day", "x" * 500, "%F0%9F%91%8D", "%ff"]
)
def test_an_unknown_parameter_is_refused(admin: Client, route: str, name: str) -> None:
    answer = admin.send("GET", f"{route}?{name}=1")
    assert is_error(answer, 400)
    assert answer.code == "invalid_request"
    assert len(answer.json["problems"][0]["field"]) <= 60


@pytest.mark.parametrize(
    "target",
    [
        "/v1/trades?trader_id=a&trader_id=b",
        "/v1/trades?trader_id=a&trader_id=a",
        "/v1/trades?delivery_day=2023-02-28&delivery_day=2023-02-28",
        "/v1/trades?limit=1&limit=2",
        "/v1/reports/pnl?trader_id=a&trader_id=b",
        "/v1/reports/pnl?start_day=2023-02-28&start_day=2023-02-27",
        "/v1/files?end_day=2023-02-28&end_day=2023-02-28",
    ],
)
def test_a_repeated_parameter_is_refused(admin: Client, target: str) -> None:
    answer = admin.send("GET", target)
    assert is_error(answer, 400)
    assert list(answer.problems.values()) == ["must be given once"]


@pytest.mark.parametrize("name", ["trader_id", "delivery_day", "limit"])
def test_an_empty_parameter_is_not_a_missing_one(admin: Client, name: str) -> None:
    for target in (f"/v1/trades?{name}=", f"/v1/trades?{name}"):
        answer = admin.send("GET", target)
        assert is_error(answer, 400)
        assert list(answer.problems) == [name]


@pytest.mark.parametrize("given", ["", "%00", "a%0Ab", "a%1Fb", "%E2%80%AE", "x" * 129])
def test_what_can_be_no_trader_id_is_refused(admin: Client, given: str) -> None:
    for route in ("/v1/trades", "/v1/reports/pnl"):
        answer = admin.send("GET", f"{route}?trader_id={given}")
        assert is_error(answer, 400), route
        assert list(answer.problems) == ["trader_id"]


@pytest.mark.parametrize("given", ["%ff", "a%C3%28", "%ED%A0%80"])
def test_a_trader_id_that_is_no_utf_8_is_nobody_s(admin: Client, given: str) -> None:
    answer = admin.send("GET", f"/v1/trades?trader_id={given}")
    assert (answer.status, answer.json) == (200, [])


DAYS = [
    "20230228",
    "2023-2-28",
    "2023-02-30",
    "2023-02-29",
    "2023-02-28T00:00",
    "2023-W09-2",
    "%D9%A2%D9%A0%D9%A2%D9%A3-02-28",
    "+2023-02-28",
    "2023-02-28%20",
    "0000-00-00",
    "1999-12-31",
    "2100-01-01",
    "9999-12-31",
    "today",
    "28.02.2023",
    "x" * 5000,
]


@pytest.mark.parametrize("day", DAYS)
def test_a_day_is_written_one_way_only(admin: Client, day: str) -> None:
    for route in (
        "/v1/trades?delivery_day",
        "/v1/reports/pnl?start_day",
        "/v1/reports/pnl?end_day",
        "/v1/files?end_day",
    ):
        answer = admin.send("GET", f"{route}={day}")
        assert is_error(answer, 400), route
        assert list(answer.problems) == [route.rpartition("?")[2]]


@pytest.mark.parametrize("day", DAYS)
def test_a_day_in_an_address_is_written_one_way_only(admin: Client, day: str) -> None:
    answer = admin.send("GET", f"/v1/files/{day}")
    assert is_error(answer, 400)
    assert (answer.json["message"], list(answer.problems)) == ("the address has a problem", ["file_day"])


def test_all_problems_of_a_query_are_told_at_once(admin: Client) -> None:
    answer = admin.get("/v1/trades", trader_id="", delivery_day="today", limit="0", cursor="")
    assert answer.json["message"] == "the query has 3 problems"
    assert list(answer.problems) == ["trader_id", "delivery_day", "limit"]


def test_an_empty_query_is_none(admin: Client) -> None:
    assert admin.send("GET", "/v1/trades?").status == 200
