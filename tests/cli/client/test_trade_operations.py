"""Trades in the full form, through the services and over HTTP."""

from __future__ import annotations

from datetime import date

from cli.client.operations import Client
from tests.cli.an_api import Api
from tests.cli.stores import Stores
from tests.fixtures.statements import stated
from tests.fixtures.trades import trade

JUNE = date(2026, 6, 15)


def test_trades_are_stated_by_the_operator_each_with_its_result(stores: Stores) -> None:
    broken = stated(id="broken", quantity_mw="0")
    booked, refused, again = Client().state_trades([stated(), broken, stated()])
    assert [result["outcome"] for result in (booked, refused, again)] == ["booked", "refused", "already_there"]
    assert (refused["code"], [problem["field"] for problem in refused["problems"]]) == (
        *("invalid_trade", ["quantity_mw"]),
    )


def test_trades_are_listed_in_full(stores: Stores) -> None:
    book = Client()
    book.book_trade(trade())
    book.state_trades([stated(), stated(venue="nordpool", strategy="solar")])
    assert {one["venue"] for one in book.list_in_full(None, JUNE, None, None, None, None)} == {"epex", "nordpool"}
    assert [one["strategy"] for one in book.list_in_full(None, None, None, None, "solar", "all")] == ["solar"]
    assert [one["id"] for one in book.list_trades(None, None)] == ["trade-1"]
    for hour, venues in (("12", ["epex", "nordpool"]), ("13", [])):
        listed = book.list_in_full(None, JUNE, None, None, None, None, None, hour)
        assert sorted(one["venue"] for one in listed) == venues


def test_a_trade_that_the_venue_recalled_is_listed_among_all(stores: Stores) -> None:
    book = Client()
    book.state_trades([stated(), stated(id="gone", state="recalled")])
    assert [one["id"] for one in book.list_in_full(None, None, None, None, None, None)] == ["v1"]
    assert {one["id"] for one in book.list_in_full(None, None, None, None, None, "all")} == {"v1", "gone"}


def test_one_side_is_withdrawn_and_restored(stores: Stores) -> None:
    book = Client()
    book.state_trades([stated(venue="nordpool"), stated(venue="nordpool", direction="sell")])
    withdrawn = book.withdraw_trade("nordpool", "v1", "sell", 1, "a typo")
    assert (withdrawn["withdrawn"], withdrawn["trade"]["direction"], withdrawn["revision"]) == (True, "sell", 2)
    sides = book.show_sides("nordpool", "v1")["sides"]
    assert [side["revisions"][0]["withdrawn"] for side in sides] == [False, True]
    assert book.restore_trade("nordpool", "v1", "sell", 2)["withdrawn"] is False


def test_the_routes_are_asked_over_http(api: Api, book: Client) -> None:
    answers: list[object] = [{"results": [{"outcome": "booked"}]}, [], [], {"sides": []}]
    for answer in answers:
        api.will_answer(200, answer)
    assert book.state_trades([stated()]) == [{"outcome": "booked"}]
    assert list(book.list_in_full("t", JUNE, None, "10YDE-RWENET---I", None, "all")) == []
    assert list(book.list_in_full(None, JUNE, None, None, None, None, None, "02A")) == []
    assert book.show_sides("nordpool", "a/b") == {"sides": []}
    assert api.asked == [
        "POST /v2/trades",
        "GET /v2/trades?trader_id=t&delivery_day=2026-06-15&area=10YDE-RWENET---I&state=all&limit=5000",
        "GET /v2/trades?delivery_day=2026-06-15&delivery_hour=02A&limit=5000",
        "GET /v2/trades/nordpool/a%2Fb",
    ]
