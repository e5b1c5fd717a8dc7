"""The PnL report over HTTP: whose book, which days, and the shapes of what comes back."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from typing import Any

import pytest

from chalicelib.reports.columns import REPORT_COLUMNS
from tests.fakes.clock import FakeClock
from tests.fixtures.api import As
from tests.fixtures.api_client import Answer, Client, is_error
from tests.fixtures.trades import fields

DAY = "2023-02-28"
BOOK = [
    fields(id="1", trader_id="trader_1", delivery_hour=13, direction="buy", price=5000, quantity=10),
    fields(id="2", trader_id="trader_1", delivery_hour=13, direction="sell", price=5550, quantity=10),
    fields(id="3", trader_id="trader_2", delivery_hour=14, direction="sell", price=-1, quantity=3),
    fields(id="4", trader_id="trader_1", delivery_day="2023-03-01", delivery_hour=0, direction="sell", price=100),
]


@pytest.fixture(scope="module", autouse=True)
def _a_book(admin: Client) -> None:
    for held in BOOK:
        assert admin.post(held).status == 200


@pytest.fixture
def _clock_on_march_first(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = FakeClock(datetime(2023, 2, 28, 23, 30, tzinfo=UTC))  # 00:30 in Berlin, the day after
    monkeypatch.setattr("chalicelib.common.clock.clock", lambda: clock)


def report(client: Client, **query: str) -> Any:
    answer = client.get("/v1/reports/pnl", **query)
    assert answer.status == 200, answer.body
    return answer.json


def made(shown: Any) -> dict[str, str]:
    """What each hour with trades made."""
    return {line["label"]: line["pnl_eur"] for line in shown["hours"] if line["trades"]}


@pytest.mark.usefixtures("_clock_on_march_first")
def test_a_day_of_one_trader_in_full(admin: Client) -> None:
    shown = report(admin, trader_id="trader_1", start_day=DAY, end_day=DAY)
    traded = {
        "label": "13 - 14",
        "start": "2023-02-28T12:00:00Z",
        "hours_in_period": 1,
        "trades": 2,
        "buy_mw": "10",
        "sell_mw": "10",
        "buy_mwh": "10",
        "sell_mwh": "10",
        "net_mwh": "0",
        "vwap_buy": "50.00",
        "traded_mwh": "20",
        "vwap_sell": "55.50",
        "pnl_eur": "55.00",
        "eur_per_mwh": "2.75",
        "reference_price": None,
        "edge_buy": None,
        "edge_sell": None,
        "edge_buy_eur": None,
        "edge_sell_eur": None,
        "hours_without_reference": 1,
    }
    total = traded | {"label": "Total", "start": None, "hours_in_period": 24}
    days, hours = shown.pop("days"), shown.pop("hours")
    known = {
        "state": "missing",
        "missing_files": ["2023-02-27", DAY],
        "provisional_files": [],
        "quarantined_rows": 0,
        "newest_import": None,
    }
    only = {"delivery_day": DAY, "label": "13 - 14", "start": "2023-02-28T12:00:00Z", "pnl_eur": "55.00"}
    assert shown == {
        "trader_id": "trader_1",
        "start_day": DAY,
        "end_day": DAY,
        "currency": "EUR",
        "as_of": "2023-02-28T23:30:00Z",
        "completeness": known,
        "best_hour": only,
        "worst_hour": only,
        "traders": None,
        "total": total,
    }
    assert (len(hours), hours[13]) == (24, traded)
    assert hours[0]["label"] == "00 - 01"
    assert (hours[0]["trades"], hours[0]["vwap_buy"], hours[0]["pnl_eur"]) == (0, None, "0.00")
    assert days == [
        {
            "delivery_day": DAY,
            "completeness": known,
            "periods": hours,
            "total": total | {"label": DAY},
        }
    ]


def test_the_desk_s_report_has_a_line_a_trader(as_user: As) -> None:
    shown = report(as_user("desk"), start_day=DAY)
    assert shown["trader_id"] is None
    assert {line["label"]: line["pnl_eur"] for line in shown["traders"]} == {"trader_1": "55.00", "trader_2": "-0.03"}
    assert made(shown) == {"13 - 14": "55.00", "14 - 15": "-0.03"}
    assert shown["total"]["pnl_eur"] == "54.97"


def test_a_trader_s_report_is_their_own(as_user: As) -> None:
    shown = report(as_user("trader_2"), start_day=DAY)
    assert (shown["trader_id"], shown["traders"], made(shown)) == ("trader_2", None, {"14 - 15": "-0.03"})


@pytest.mark.parametrize("foreign", ["trader_2", "nobody", "Trader_1"])
def test_a_trader_may_not_ask_for_another_s(as_user: As, foreign: str) -> None:
    assert is_error(as_user("trader_1").get("/v1/reports/pnl", trader_id=foreign, start_day=DAY), 403)


def test_a_trader_nobody_knows_made_nothing(admin: Client) -> None:
    assert report(admin, trader_id="nobody", start_day=DAY)["total"]["trades"] == 0


def test_a_range_sums_the_hours_and_keeps_the_days(admin: Client) -> None:
    shown = report(admin, trader_id="trader_1", start_day=DAY, end_day="2023-03-01")
    assert [day["total"]["pnl_eur"] for day in shown["days"]] == ["55.00", "10.00"]
    assert made(shown) == {"00 - 01": "10.00", "13 - 14": "55.00"}
    assert {line["start"] for line in shown["hours"]} == {None}
    assert (shown["total"]["hours_in_period"], shown["total"]["pnl_eur"]) == (48, "65.00")


@pytest.mark.parametrize("given", [{"start_day": DAY}, {"end_day": DAY}, {"start_day": DAY, "end_day": DAY}])
def test_one_day_given_is_both_ends(admin: Client, given: dict[str, str]) -> None:
    shown = report(admin, **given)
    assert (shown["start_day"], shown["end_day"], len(shown["days"])) == (DAY, DAY, 1)


@pytest.mark.usefixtures("_clock_on_march_first")
def test_no_day_is_yesterday_in_berlin(admin: Client) -> None:
    assert report(admin)["start_day"] == DAY


@pytest.mark.parametrize(
    ("day", "lines", "hours"), [("2025-03-30", 23, 23), ("2025-10-26", 24, 25), ("2025-06-01", 24, 24)]
)
def test_a_day_has_the_hours_the_clock_shows(admin: Client, day: str, lines: int, hours: int) -> None:
    (shown,) = report(admin, start_day=day)["days"]
    assert (len(shown["periods"]), shown["total"]["hours_in_period"]) == (lines, hours)


def problems(answer: Answer) -> dict[str, str]:
    assert is_error(answer, 400)
    return answer.problems


def test_a_range_that_is_backwards_is_refused(admin: Client) -> None:
    answer = admin.get("/v1/reports/pnl", start_day=DAY, end_day="2023-02-27")
    assert problems(answer) == {"end_day": "must not be before start_day 2023-02-28, got 2023-02-27"}


def test_a_range_is_a_year_at_most(admin: Client) -> None:
    answer = admin.get("/v1/reports/pnl", start_day="2023-01-01", end_day="2024-01-02")
    assert problems(answer) == {"end_day": "must be at most 366 days from start_day, got 367 days"}


@pytest.mark.parametrize("day", ["2000-01-01", "2099-12-31"])
def test_the_first_and_the_last_day_there_is_can_be_reported(admin: Client, day: str) -> None:
    assert report(admin, start_day=day)["total"]["trades"] == 0


def in_csv(client: Client, **headers: str) -> Answer:
    return client.send("GET", f"/v1/reports/pnl?trader_id=trader_1&start_day={DAY}", headers=headers)


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        ("text/csv", "text/csv"),
        ("text/csv, application/json;q=0.5", "text/csv"),
        ("TEXT/CSV; q=1", "text/csv"),
        ("application/json, text/csv", "application/json"),
        ("application/json, text/csv;q=0.9", "application/json"),
        ("text/csv;q=0", "application/json"),
        ("text/csv;q=lots", "application/json"),
        ("*/*", "application/json"),
        ("text/html", "application/json"),
        ("", "application/json"),
    ],
)
def test_who_would_rather_have_csv_gets_it(admin: Client, accept: str, media: str) -> None:
    answer = in_csv(admin, Accept=accept)
    assert (answer.status, answer.headers["content-type"].split(";")[0]) == (200, media)
    assert answer.headers["vary"] == "Accept, Authorization"


def test_the_csv_has_the_numbers_of_the_json(admin: Client) -> None:
    answer = in_csv(admin, Accept="text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.body.decode(), newline=""), strict=True))
    shown = report(admin, trader_id="trader_1", start_day=DAY)
    assert list(rows[0]) == list(REPORT_COLUMNS)
    assert [row["pnl_eur"] for row in rows] == [line["pnl_eur"] for line in [*shown["hours"], shown["total"]]]
    assert answer.headers["content-disposition"] == f'attachment; filename="voltbook_pnl_{DAY}_{DAY}.csv"'


@pytest.mark.parametrize("path", ["pnl", "scorecard"])
@pytest.mark.parametrize("media", ["application/json", "text/csv"])
def test_a_client_that_has_the_report_gets_304(admin: Client, path: str, media: str) -> None:
    def ask(**headers: str) -> Answer:
        target = f"/v1/reports/{path}?trader_id=fresh-{path}{len(media)}&start_day=2023-05-05"
        return admin.send("GET", target, headers={"Accept": media} | headers)

    tag = ask().headers["etag"]
    again = ask(**{"If-None-Match": f'"other", {tag}'})
    assert (again.status, again.body, again.headers["etag"]) == (304, b"", tag)
    assert ask(**{"If-None-Match": '"other"'}).status == 200
    new = fields(id=f"fresh-{path}{media}", trader_id=f"fresh-{path}{len(media)}", delivery_day="2023-05-05")
    assert admin.post(new).status == 200
    changed = ask(**{"If-None-Match": tag})
    assert (changed.status, changed.headers["etag"] == tag) == (200, False)


def test_json_and_csv_are_distinguished(admin: Client) -> None:
    assert in_csv(admin).headers["etag"] != in_csv(admin, Accept="text/csv").headers["etag"]


def test_the_scorecard_judges_each_trader_and_the_desk(as_user: As) -> None:
    shown = as_user("desk").get("/v1/reports/scorecard", start_day=DAY, end_day="2023-03-01").json
    assert [(card["trader_id"], card["pnl_eur"]) for card in shown["traders"]] == [
        ("trader_1", "65.00"),
        ("trader_2", "-0.03"),
    ]
    assert (shown["total"]["hours_won"], shown["total"]["hours_traded"]) == (2, 3)
    own = as_user("trader_2").get("/v1/reports/scorecard", start_day=DAY).json
    assert [card["trader_id"] for card in (*own["traders"], own["total"])] == ["trader_2", "trader_2"]


def test_a_trader_may_not_ask_for_another_s_scorecard(as_user: As) -> None:
    assert is_error(as_user("trader_1").get("/v1/reports/scorecard", trader_id="trader_2", start_day=DAY), 403)


def test_the_scorecard_as_csv_is_a_row_a_card(admin: Client) -> None:
    answer = admin.send("GET", f"/v1/reports/scorecard?start_day={DAY}", headers={"Accept": "text/csv"})
    rows = list(csv.DictReader(io.StringIO(answer.body.decode(), newline=""), strict=True))
    assert [(row["kind"], row["trader_id"]) for row in rows] == [
        ("trader", "trader_1"),
        ("trader", "trader_2"),
        ("total", ""),
    ]
