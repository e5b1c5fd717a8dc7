"""The report of `/v2` over HTTP: the value of the positions, its parameters, and what each role may see."""

from __future__ import annotations

import csv
import io
import json
from typing import Any
from urllib.parse import parse_qsl

import pytest

from chalicelib.reports import http, service
from chalicelib.reports.valued_columns import valued_report_columns
from tests.fixtures.api import As
from tests.fixtures.api_client import Answer, Client, is_error
from tests.fixtures.trades import fields

DAY = "2023-02-28"
BOOK = [
    fields(id="1", trader_id="trader_1", delivery_hour=13, direction="buy", price=5000, quantity=10),
    fields(id="2", trader_id="trader_2", delivery_hour=13, direction="sell", price=5550, quantity=4),
    fields(id="3", trader_id="trader_2", delivery_hour=14, direction="sell", price=-1, quantity=3),
]


@pytest.fixture(scope="module", autouse=True)
def _a_book(admin: Client) -> None:
    for held in BOOK:
        assert admin.post(held).status == 200
    prices = {"prices": [{"delivery_day": DAY, "delivery_hour": 13, "price": 5200}]}
    assert admin.post(prices, "/v1/prices").status == 200


def asked(client: Client, **query: str) -> Answer:
    return client.get("/v2/reports/pnl", **{"start_day": DAY, **query})


def figures(line: dict[str, Any]) -> list[str | None]:
    return [line[name] for name in ("pnl_eur", "realised_eur", "unrealised_eur", "total_eur")]


def test_the_desk_realises_what_its_traders_have_open(admin: Client) -> None:
    shown = asked(admin).json
    [day] = shown["days"]
    assert (shown["grain"], len(day["periods"]), shown["hours"]) == ("hour", 24, day["periods"])
    noon = day["periods"][13]
    assert (noon["period"], noon["minutes"], noon["reference"]) == ("13", 60, {"set": "desk", "price_eur_mwh": "52.00"})
    assert figures(noon) == ["-278.00", "22.00", "12.00", "34.00"]
    assert figures(shown["total"]) == ["-278.03", "22.00", None, None]
    assert shown["total"]["unrealised_known_eur"] == "12.00"
    assert shown["total"]["slots_without_reference"] == [f"2023-02-28T13:{at}:00Z" for at in ("00", 15, 30, 45)]
    assert shown["total"]["venues_without_rate"] == ["epex"]
    assert [figures(line)[1:3] for line in shown["traders"]] == [["0.00", "20.00"], ["0.00", None]]
    assert "groups" not in shown


def test_a_report_has_quarter_hours_and_groups_where_asked(admin: Client) -> None:
    shown = asked(admin, grain="quarter", by="venue,trader", reference="da").json
    [day] = shown["days"]
    assert (len(day["periods"]), day["periods"][52]["period"], day["periods"][52]["buy_mwh"]) == (96, "13:00", "2.5")
    assert [(group["by"], group["total"]["label"]) for group in shown["groups"]] == [
        ({"venue": "epex", "trader": name}, f"epex / {name}") for name in ("trader_1", "trader_2")
    ]
    assert shown["total"]["unrealised_eur"] is None


def test_a_trader_sees_their_own_value_only(as_user: As) -> None:
    shown = asked(as_user("trader_1")).json
    assert (shown["trader_id"], shown["traders"], shown["total"]["total_eur"]) == ("trader_1", None, "20.00")
    assert asked(as_user("trader_1"), trader_id="trader_2").status == 403


def test_rows_are_offered_as_csv(admin: Client) -> None:
    answer = admin.send("GET", f"/v2/reports/pnl?start_day={DAY}&by=strategy", headers={"Accept": "text/csv"})
    rows = list(csv.DictReader(io.StringIO(answer.body.decode())))
    assert list(rows[0]) == list(valued_report_columns(("strategy",)))
    assert [row["kind"] for row in rows] == ["hour"] * 24 + ["trader"] * 2 + ["group", "total"]
    assert (rows[13]["reference_set"], rows[13]["reference_price_eur_mwh"], rows[13]["total_eur"]) == (
        *("desk", "52.00", "34.00"),
    )
    assert rows[-1]["slots_without_reference"].split() == [f"2023-02-28T13:{at}:00Z" for at in ("00", 15, 30, 45)]


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ({"grain": "15"}, "grain"),
        ({"by": "desk"}, "by"),
        ({"by": "venue,venue"}, "by"),
        ({"by": ""}, "by"),
        ({"reference": "id3,mine"}, "reference"),
        ({"day": DAY}, "day"),
    ],
)
def test_a_parameter_that_is_unknown_is_named(admin: Client, query: dict[str, str], named: str) -> None:
    answer = asked(admin, **query)
    assert is_error(answer, 400)
    assert set(answer.problems) == {named}


def test_a_report_that_is_too_large_is_refused(admin: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "MAX_BYTES", 10_000)
    answer = asked(admin, by="trader")
    assert (answer.status, answer.code) == (400, "answer_too_large")
    assert "narrow it by trader_id or fewer groups" in answer.json["message"]


def test_a_year_is_refused_before_it_is_read(admin: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "report_valued_pnl", None)
    year = {"start_day": "2022-03-01", "end_day": DAY}
    for grain, days in (("hour", "about 260 days"), ("quarter", "about 65 days")):
        answer = asked(admin, **year, grain=grain)
        assert (answer.status, answer.code) == (400, "answer_too_large")
        assert f"narrow it to {days}, such as start_day=2022-03-01&end_day=" in answer.json["message"]
    backwards = asked(admin, start_day=DAY, end_day="2022-03-01")
    assert set(backwards.problems) == {"end_day"}


@pytest.mark.parametrize("grain", ["hour", "quarter"])
def test_the_named_range_fits_and_one_beyond_the_limit_names_another(
    admin: Client, monkeypatch: pytest.MonkeyPatch, grain: str
) -> None:
    monkeypatch.setattr(http, "MAX_BYTES", 300_000)
    days = {"hour": 17, "quarter": 4}[grain]
    refused = asked(admin, start_day="2023-02-26", end_day=f"2023-03-{days:02}", grain=grain)
    named = dict(parse_qsl(refused.json["message"].rpartition("such as ")[2]))
    assert named["start_day"] == "2023-02-26"
    assert asked(admin, **named, grain=grain).status == 200


@pytest.mark.parametrize(("limit", "days"), [("2", [2, 2, 1]), ("366", [4, 1])])
def test_pages_have_whole_days_that_fit_and_lead_to_the_next(
    admin: Client, monkeypatch: pytest.MonkeyPatch, limit: str, days: list[int]
) -> None:
    monkeypatch.setattr(http, "MAX_BYTES", 80_000)
    given = {"start_day": "2023-02-26", "end_day": "2023-03-02", "reference": "desk,da"}
    answer = asked(admin, **given, limit=limit)
    pages = [answer]
    while "link" in answer.headers:
        url, _, relation = answer.headers["link"].partition(">; ")
        assert relation == 'rel="next"'
        following = dict(parse_qsl(url.partition("?")[2]))
        assert (following["limit"], following["reference"], following["end_day"]) == (limit, "desk,da", "2023-03-02")
        answer = asked(admin, **following)
        pages.append(answer)
    assert [len(page.json["days"]) for page in pages] == days
    shown = [day for page in pages for day in page.json["days"]]
    monkeypatch.undo()
    assert shown == asked(admin, **given).json["days"]
    assert [(page.json["start_day"], page.json["end_day"]) for page in pages] == [
        (page.json["days"][0]["delivery_day"], page.json["days"][-1]["delivery_day"]) for page in pages
    ]


def test_a_page_of_one_day_that_does_not_fit_is_refused(admin: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "MAX_BYTES", 10_000)
    answer = asked(admin, by="trader", limit="3")
    assert (answer.status, answer.code) == (400, "answer_too_large")
    assert "narrow it by trader_id or fewer groups" in answer.json["message"]


@pytest.mark.parametrize("limit", ["0", "367", "x", "-1", "1.0", "\u0661"])
def test_a_limit_of_days_is_a_whole_number(admin: Client, limit: str) -> None:
    assert set(asked(admin, limit=limit).problems) == {"limit"}


def test_no_line_is_shorter_than_an_early_refusal_assumes(admin: Client) -> None:
    for grain in ("hour", "quarter"):
        periods = asked(admin, grain=grain).json["days"][0]["periods"]
        sizes = [len(json.dumps(line, separators=(",", ":"))) for line in periods]
        assert http.SHORTEST_LINE <= min(sizes) <= max(sizes) <= http.USUAL_LINE


def test_rows_of_a_year_fit_as_csv(admin: Client) -> None:
    answer = admin.send("GET", f"/v2/reports/pnl?start_day=2022-03-01&end_day={DAY}", headers={"Accept": "text/csv"})
    assert (answer.status, len(answer.body.splitlines())) == (200, 1 + 26 + 365 + 2 + 1)
