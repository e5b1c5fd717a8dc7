"""Booking single trades and finding them again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest

from chalicelib.trades import bootstrap as trades_bootstrap
from chalicelib.trades.model import parse_trade
from chalicelib.trades.warnings import ExchangeLimits
from tests.api.test_contract import is_valid
from tests.fixtures.api import As
from tests.fixtures.api_client import Client, is_error
from tests.fixtures.trades import fields, posted

AWKWARD_IDS = [
    "a/b",
    "/",
    "a//b",
    "a#b",
    "100%",
    "%41",
    "a%2Fb",
    "a+b",
    "a b",
    "a?b=c&d",
    "a;b",
    "..",
    ".",
    "history",
    "{trade_id}",
    '"quoted"',
    "back\\slash",
    "007",
    "null",
    "Größe",
    "ﬁ",
    "Ω",
    "取引",
    "👍🏽",
    "\u00e9",
    "x" * 128,
    "👍" * 128,
]


def test_a_posted_trade_is_booked(admin: Client) -> None:
    answer = admin.post(fields(id="new"))
    assert (answer.status, answer.json) == (200, {"outcome": "booked", "trade": fields(id="new")})


def test_an_odd_trade_is_booked_with_a_warning_also_when_sent_again(admin: Client) -> None:
    odd = fields(id="odd trade", price=-999_901, quantity=1000, execution_time="2023-02-28T13:00:01Z")
    for outcome in ("booked", "already_there"):
        answer = admin.post(odd)
        assert (answer.status, list(answer.json)) == (200, ["outcome", "trade", "warnings"])
        assert (answer.json["outcome"], answer.json["trade"]) == (outcome, odd)
        assert [one["field"] for one in answer.json["warnings"]] == ["price", "quantity", "execution_time"]
        assert is_valid("Booked", answer.json)


def test_a_trade_of_the_future_is_warned_of(admin: Client) -> None:
    soon, later = (datetime.now(UTC) + timedelta(minutes=minutes) for minutes in (3, 60))
    for at, warnings in ((soon, 0), (later, 1)):
        posted = fields(id=f"at {at}", delivery_day="2099-12-31", execution_time=at.isoformat())
        assert len(admin.post(posted).json.get("warnings", [])) == warnings


def test_the_exchange_s_limits_are_settings(admin: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "chalicelib.trades.bootstrap.exchange_limits", lambda: ExchangeLimits(price_eur=49, quantity_mw=9)
    )
    answer = admin.post(fields(id="over the limits"))
    assert [one["field"] for one in answer.json["warnings"]] == ["price", "quantity"]


def test_the_same_trade_again_is_already_there(admin: Client) -> None:
    admin.post(fields(id="again"))
    answer = admin.post(fields(id="again"))
    assert (answer.status, answer.json) == (200, {"outcome": "already_there", "trade": fields(id="again")})


@pytest.mark.parametrize("name", ["id", "trader_id"])
@pytest.mark.parametrize(
    ("odd", "why"),
    [
        (" odd", "begin or end with a space"),
        ("odd ", "begin or end with a space"),
        ("e\u0301", "NFC"),
        ("odd\ufe0f", "invisible or looks like a blank (U+FE0F, character 4)"),
        ("\u2800", "invisible or looks like a blank (U+2800, character 1)"),
    ],
)
def test_a_confusable_name_is_refused_with_the_reason(admin: Client, name: str, odd: str, why: str) -> None:
    answer = admin.post(fields(**({"id": "odd name"} | {name: odd})))
    assert is_error(answer, 400)
    assert why in answer.problems[name]
    assert admin.trade("odd name").status == 404


@pytest.mark.parametrize("odd", [" odd", "e\u0301", "odd\ufe0f", "\u2800"])
def test_a_name_that_the_last_release_booked_can_still_be_found(admin: Client, odd: str) -> None:
    held = fields(id=odd, trader_id=odd, delivery_day="2022-03-03")
    trades_bootstrap.book().add([posted(parse_trade(held, stored=True))])
    assert admin.trade(odd).json == held
    assert [word["trade"] for word in admin.get(f"/v1/trades/{quote(odd, safe='')}/history").json] == [held]
    assert admin.get("/v1/trades", trader_id=odd).json == [held]
    report = admin.get("/v1/reports/pnl", start_day="2022-03-03", end_day="2022-03-03", trader_id=odd).json
    assert (report["trader_id"], report["days"][0]["total"]["trades"]) == (odd, 1)


def test_the_same_instant_written_otherwise_is_the_same_trade(admin: Client) -> None:
    admin.post(fields(id="instant", execution_time="2023-02-20T10:00:00Z"))
    answer = admin.post(fields(id="instant", execution_time="2023-02-20T11:00:00.000+01:00"))
    assert answer.json == {"outcome": "already_there", "trade": fields(id="instant")}


OTHER_TERMS = {
    "price": 5001,
    "quantity": 11,
    "direction": "sell",
    "delivery_day": "2023-02-27",
    "delivery_hour": 14,
    "trader_id": "trader_2",
    "execution_time": "2023-02-20T10:00:00.000001Z",
}


@pytest.mark.parametrize(("field", "other"), OTHER_TERMS.items())
def test_an_id_with_other_terms_is_refused_and_the_first_trade_stays(admin: Client, field: str, other: object) -> None:
    first = fields(id=f"conflict-{field}")
    admin.post(first)
    answer = admin.post(first | {field: other})
    assert is_error(answer, 400)
    assert answer.code == "conflicting_trade"
    assert admin.trade(first["id"]).json == first


def test_conflict_response_does_not_reveal_the_other_trade(as_user: As) -> None:
    as_user("trader_1").post(fields(id="taken", price=123456))
    answer = as_user("trader_2").post(fields(id="taken", trader_id="trader_2"))
    assert (answer.status, answer.code) == (400, "conflicting_trade")
    assert "123456" not in answer.body.decode()
    assert "trader_1" not in answer.body.decode()


def test_all_problems_are_listed_at_once(admin: Client) -> None:
    answer = admin.post({"id": "", "price": 1.5, "quantity": -5, "delivery_hour": 24, "buyer": "me"})
    assert is_error(answer, 400)
    assert answer.code == "invalid_trade"
    assert answer.json["message"] == "this trade cannot be booked: 9 problems"
    assert list(answer.problems) == [
        "buyer",
        "id",
        "price",
        "quantity",
        "direction",
        "delivery_day",
        "delivery_hour",
        "trader_id",
        "execution_time",
    ]
    assert answer.problems["quantity"] == "must be a whole number of MW above 0, got -5"


def test_a_refused_trade_is_not_booked(admin: Client) -> None:
    admin.post(fields(id="refused", quantity=0))
    assert is_error(admin.trade("refused"), 404)


@pytest.mark.parametrize("trade_id", AWKWARD_IDS)
def test_a_trade_is_found_by_its_percent_encoded_id(admin: Client, trade_id: str) -> None:
    posted = fields(id=trade_id)
    assert admin.post(posted).json["outcome"] == "booked"
    answer = admin.trade(trade_id)
    assert (answer.status, answer.json) == (200, posted)


def test_ids_that_look_alike_are_apart(admin: Client) -> None:
    for price, trade_id in enumerate(["Look", "look", "look  1", "look 1", "l\u043e\u043ek"]):
        assert admin.post(fields(id=trade_id, price=price)).json["outcome"] == "booked"
    assert admin.trade("l\u043e\u043ek").json["price"] == 4


@pytest.mark.parametrize(
    "posted",
    [
        "2023-02-20T10:00:00Z",
        "2023-02-20T10:00Z",
        "2023-02-20T10:00:00.5Z",
        "2023-02-20T10:00:00.000000Z",
        "2023-02-20T10:00:00.123456Z",
    ],
)
def test_a_time_in_utc_is_given_back_as_posted(admin: Client, posted: str) -> None:
    sent = fields(id=f"time {posted}", execution_time=posted)
    assert admin.post(sent).json["trade"] == sent == admin.trade(sent["id"]).json


@pytest.mark.parametrize(
    ("posted", "shown"),
    [
        ("2023-02-20T10:00:00+01:00", "2023-02-20T09:00:00Z"),
        ("2023-02-20T00:30:00.250+01:00", "2023-02-19T23:30:00.250Z"),
        ("2023-02-20T20:00-04:30", "2023-02-21T00:30Z"),
        ("2023-02-20T10:00:00+00:00", "2023-02-20T10:00:00Z"),
    ],
)
def test_a_time_with_an_offset_is_given_back_in_utc(admin: Client, posted: str, shown: str) -> None:
    sent = fields(id=f"offset {posted}", execution_time=posted)
    assert admin.post(sent).json["trade"]["execution_time"] == shown


@pytest.mark.parametrize("number", [-(10**15) + 1, -1, 0, 10**15 - 1])
def test_a_price_is_given_back_to_the_last_digit(admin: Client, number: int) -> None:
    answer = admin.post(fields(id=f"price {number}", price=number, quantity=10**15 - 1))
    assert answer.status == 200
    assert f'"price": {number}, "quantity": 999999999999999'.encode() in admin.trade(f"price {number}").body


def test_an_unknown_id_is_not_found(admin: Client) -> None:
    answer = admin.trade("nobody's")
    assert is_error(answer, 404)
    assert answer.code == "not_found"


@pytest.mark.parametrize("segment", ["%ff", "%c3%28", "%00", "a%0Ab", "%ed%a0%80", "%e2%80%ae", "x" * 129])
def test_what_can_be_no_id_is_not_found(admin: Client, segment: str) -> None:
    assert is_error(admin.send("GET", f"/v1/trades/{segment}"), 404)


def test_another_traders_trade_is_not_found(as_user: As) -> None:
    as_user("trader_1").post(fields(id="theirs"))
    foreign, missing = as_user("trader_2").trade("theirs"), as_user("trader_2").trade("their2")
    assert is_error(foreign, 404)
    assert foreign.json["message"].replace("theirs", "their2") == missing.json["message"]
    assert as_user("desk").trade("theirs").status == 200


@pytest.mark.parametrize("path", ["/v1/trades/new?verbose=1", "/v1/trades/new?trade_id=new"])
def test_a_single_trade_takes_no_parameters(admin: Client, path: str) -> None:
    assert is_error(admin.send("GET", path), 400)


def test_a_post_takes_no_parameters(admin: Client) -> None:
    answer = admin.send("POST", "/v1/trades?dry_run=true", b"{}", {"Content-Type": "application/json"})
    assert is_error(answer, 400)
    assert list(answer.problems) == ["dry_run"]
