"""Withdrawing and restoring a trade over HTTP."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from urllib.parse import quote

import pytest

from chalicelib.audit import bootstrap as audit_bootstrap
from chalicelib.audit.model import Act
from chalicelib.common.clock import clock
from chalicelib.feeds import bootstrap as feeds_bootstrap
from tests.api.test_contract import is_valid
from tests.fakes.clock import FakeClock
from tests.fakes.feeds import FakeFileStore
from tests.fixtures.api import As
from tests.fixtures.api_client import Answer, Client, is_error
from tests.fixtures.daily_files import csv_of
from tests.fixtures.exchange import Exchange
from tests.fixtures.statements import stated
from tests.fixtures.trades import fields, trade


@pytest.fixture(autouse=True)
def exchange(monkeypatch: pytest.MonkeyPatch) -> Exchange:
    """Return the exchange whose bucket the API reads."""
    store = FakeFileStore(lambda: datetime(2026, 1, 1, tzinfo=UTC))
    monkeypatch.setattr(feeds_bootstrap, "file_store", lambda: store)
    return Exchange(store, FakeClock(datetime(2026, 1, 1, tzinfo=UTC)))


def act(client: Client, verb: str, trade_id: str, body: object, venue: str = "epex", direction: str = "buy") -> Answer:
    return client.post(body, f"/v2/trades/{venue}/{quote(trade_id, safe='')}/{direction}/{verb}")


def withdraw(client: Client, trade_id: str, revision: int = 1, reason: str = "a typo") -> Answer:
    return act(client, "withdraw", trade_id, {"reason": reason, "revision": revision})


def test_a_trade_is_withdrawn_and_restored(admin: Client) -> None:
    admin.post(fields(id="slip/ö"))
    answer = withdraw(admin, "slip/ö")
    assert (answer.status, answer.json["outcome"]) == (200, "withdrawn")
    assert answer.json["revision"]["source"] == {"user": "admin", "reason": "a typo"}
    gone = admin.trade("slip/ö")
    assert is_error(gone, 404)
    assert gone.json["message"] == "trade 'slip/ö' was withdrawn by admin (a typo); its history shows it"
    again = admin.post(fields(id="slip/ö"))
    assert is_error(again, 400)
    assert "was withdrawn by admin; an importer can restore it" in again.json["message"]
    restored = act(admin, "restore", "slip/ö", {"revision": 2})
    assert (restored.status, restored.json["outcome"]) == (200, "restored")
    assert admin.trade("slip/ö").json == fields(id="slip/ö")
    assert is_valid("ChangedRevision", restored.json)
    [side] = admin.get(f"/v2/trades/epex/{quote('slip/ö', safe='')}").json["sides"]
    assert [revision["restored_by"] for revision in side["revisions"]] == ["admin", None, None]
    assert all("restored_by" not in one for one in admin.get(f"/v1/trades/{quote('slip/ö', safe='')}/history").json)


def test_a_trade_in_a_file_stays(admin: Client, exchange: Exchange) -> None:
    exchange.deliver(csv_of([trade("of-file")]), date(2023, 2, 20))
    answer = withdraw(admin, "of-file")
    assert is_error(answer, 400)
    assert answer.json["message"].startswith("line 2 of version 1 of epex_trades_20230220.csv contains trade 'of-file'")


def test_a_withdrawn_trade_is_in_no_list_and_found_by_its_id_and_the_audit(admin: Client) -> None:
    slip = stated(id="unlisted", trader_id="unlisted", venue="nordpool")
    recalled = slip | {"id": "recalled", "state": "recalled"}
    admin.post([slip, recalled], "/v2/trades")
    assert act(admin, "withdraw", "unlisted", {"reason": "a typo", "revision": 1}, venue="nordpool").status == 200
    for day in ({}, {"delivery_day": "2026-06-15"}):
        listed = admin.get("/v2/trades", trader_id="unlisted", state="all", **day).json
        assert [trade["id"] for trade in listed] == ["recalled"]
    [side] = admin.get("/v2/trades/nordpool/unlisted").json["sides"]
    assert side["revisions"][0]["withdrawn"] is True
    today = clock().now().date()
    entries = audit_bootstrap.audit().entries(today - timedelta(days=1), today)
    assert (Act.TRADE_WITHDRAWN, "unlisted of nordpool") in {(entry.deed.act, entry.deed.on) for entry in entries}


@pytest.mark.parametrize(("user", "status"), [("importer", 200), ("desk", 403), ("trader_1", 403)])
def test_importers_and_admins_withdraw(as_user: As, admin: Client, user: str, status: int) -> None:
    admin.post(fields(id=f"of-{user}"))
    assert withdraw(as_user(user), f"of-{user}").status == status


@pytest.mark.parametrize(
    ("body", "problems"),
    [
        ({}, {"reason", "revision"}),
        ({"reason": " ", "revision": 0}, {"reason", "revision"}),
        ({"reason": "x" * 201, "revision": "1"}, {"reason", "revision"}),
        ({"reason": "ok", "revision": 1, "other": 1}, {"other"}),
    ],
)
def test_all_problems_of_a_request_are_named(admin: Client, body: object, problems: set[str]) -> None:
    answer = act(admin, "withdraw", "any", body)
    assert is_error(answer, 400)
    assert set(answer.problems) == problems


@pytest.mark.parametrize(("venue", "direction"), [("nordpool", "buy"), ("epex", "sell"), ("epex", "both")])
def test_only_the_own_side_at_its_venue_is_found(admin: Client, venue: str, direction: str) -> None:
    admin.post(fields(id="side"))
    body = {"reason": "a typo", "revision": 1}
    assert is_error(act(admin, "withdraw", "side", body, venue, direction), 404)


def test_unconfirmed_trades_are_listed_of_one_day(as_user: As, admin: Client, exchange: Exchange) -> None:
    day = {"delivery_day": "2024-05-13", "execution_time": "2024-05-13T08:00:00Z"}
    admin.post(fields(id="unconfirmed", **day))
    asked = {"delivery_day": "2024-05-13", "unconfirmed": "true"}
    assert admin.get("/v1/trades", **asked).json == []
    exchange.deliver(csv_of([trade("confirmed", **day)]), date(2024, 5, 13))
    assert [one["id"] for one in admin.get("/v1/trades", **asked).json] == ["unconfirmed"]
    assert as_user("trader_2").get("/v1/trades", **asked).json == []
    for wrong in ({"unconfirmed": "yes"}, {**asked, "limit": 3}):
        assert set(admin.get("/v1/trades", **wrong).problems) == {"unconfirmed"}
    assert set(admin.get("/v1/trades", unconfirmed="true").problems) == {"delivery_day"}


def test_each_side_of_a_self_trade_is_withdrawn_alone(admin: Client) -> None:
    sale = stated(id="self", direction="sell", trader_id="trader_2")
    assert admin.post([stated(id="self"), sale], "/v2/trades").status == 200
    answer = act(admin, "withdraw", "self", {"reason": "a typo", "revision": 1}, direction="sell")
    assert (answer.status, answer.json["revision"]["withdrawn"]) == (200, True)
    assert answer.json["revision"]["trade"]["direction"] == "sell"
    [bought, sold] = admin.get("/v2/trades/epex/self").json["sides"]
    assert [side["revisions"][0]["withdrawn"] for side in (bought, sold)] == [False, True]
    restored = act(admin, "restore", "self", {"revision": 2}, direction="sell")
    assert (restored.status, restored.json["outcome"]) == (200, "restored")


def test_a_trade_of_another_venue_is_withdrawn_and_not_its_namesake(admin: Client, exchange: Exchange) -> None:
    exchange.deliver(csv_of([trade("namesake")]), date(2023, 2, 20))
    assert admin.post(stated(id="namesake", venue="nordpool"), "/v2/trades").status == 200
    assert is_error(act(admin, "withdraw", "namesake", {"reason": "a typo", "revision": 1}), 400)
    answer = act(admin, "withdraw", "namesake", {"reason": "a typo", "revision": 1}, venue="nordpool")
    assert (answer.status, answer.json["revision"]["trade"]["venue"]) == (200, "nordpool")
    assert admin.trade("namesake").status == 200


def test_a_second_side_that_no_file_has_is_withdrawn(admin: Client, exchange: Exchange) -> None:
    exchange.deliver(csv_of([trade("first-in-file")]), date(2023, 2, 20))
    [_] = admin.get("/v2/trades/epex/first-in-file").json["sides"]
    booked = admin.get("/v2/trades/epex/first-in-file").json["sides"][0]["revisions"][0]["trade"]
    slip = {name: value for name, value in booked.items() if name != "revision"} | {"direction": "sell"}
    assert admin.post(slip, "/v2/trades").json["outcome"] == "booked"
    answer = act(admin, "withdraw", "first-in-file", {"reason": "a typo", "revision": 1}, direction="sell")
    assert answer.status == 200
    assert is_error(act(admin, "withdraw", "first-in-file", {"reason": "a typo", "revision": 1}), 400)


def test_trades_that_no_daily_file_can_state_are_not_unconfirmed(admin: Client, exchange: Exchange) -> None:
    day = {"delivery_start": "2023-02-20T10:00:00Z", "delivery_end": "2023-02-20T10:15:00Z"}
    quarter = stated(**day, id="quarter", execution_time="2023-02-20T08:00:00Z")
    assert admin.post([quarter, quarter | {"venue": "nordpool"}], "/v2/trades").status == 200
    exchange.deliver(csv_of([trade("any")]), date(2023, 2, 20))
    answer = admin.get("/v1/trades", delivery_day="2023-02-20", unconfirmed="true")
    assert "quarter" not in [one["id"] for one in answer.json]
