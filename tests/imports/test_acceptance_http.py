"""Accepting a file over HTTP: what would change is shown first, and nothing else is done."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.audit import bootstrap as audit_bootstrap
from chalicelib.audit.model import Act
from chalicelib.common.clock import clock
from chalicelib.feeds import bootstrap as feeds_bootstrap
from chalicelib.feeds.feed import BUILT_IN, Feed
from chalicelib.feeds.key_pattern import KeyPattern
from chalicelib.imports.service import import_daily_file
from chalicelib.notices import bootstrap as notices_bootstrap
from tests.api.test_contract import is_valid
from tests.fakes.clock import FakeClock
from tests.fakes.feeds import FakeFileStore
from tests.fakes.notices import FakeNotices
from tests.fixtures.api import As
from tests.fixtures.api_client import Answer, Client, is_error
from tests.fixtures.daily_files import csv_of
from tests.fixtures.exchange import Exchange
from tests.fixtures.trades import fields, trade

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def exchange(monkeypatch: pytest.MonkeyPatch) -> Exchange:
    """Return the exchange whose bucket the API reads."""
    store = FakeFileStore(lambda: NOW)
    monkeypatch.setattr(feeds_bootstrap, "file_store", lambda: store)
    monkeypatch.setattr(notices_bootstrap, "publisher", FakeNotices)
    return Exchange(store, FakeClock(NOW))


def address(day: str, feed: str = "daily") -> str:
    return f"/v2/files/{feed}/{day}/acceptance"


def accept(client: Client, day: str, token: str) -> Answer:
    return client.post({"token": token}, address(day))


def rows(day: str, *numbers: int, price: int = 5000) -> bytes:
    at = {"delivery_day": day, "execution_time": f"{day}T10:00:00Z"}
    return csv_of([trade(f"{day}-{number}", price=price, **at) for number in numbers])


def held(exchange: Exchange, day: str) -> None:
    """Deliver ten trades, and then a version with four of them, of which one has another price."""
    exchange.deliver(rows(day, *range(10)), datetime.fromisoformat(day).date())
    content = rows(day, 0, price=4000) + rows(day, 1, 2, 3).partition(b"\n")[2]
    receipt = exchange.deliver(content, datetime.fromisoformat(day).date())
    assert receipt.state == "held"


def test_a_held_file_is_shown_with_its_changes_and_accepted(admin: Client, exchange: Exchange) -> None:
    day = "2025-03-03"
    held(exchange, day)
    shown = admin.get(address(day))
    assert shown.status == 200
    assert is_valid("Acceptance", shown.json)
    corrected, *withdrawn = shown.json["changes"]
    assert (corrected["kind"], corrected["line"], corrected["effect_eur"]) == ("corrected", 2, "100.00")
    assert (corrected["old"]["price"], corrected["new"]["price"]) == (5000, 4000)
    assert [(one["kind"], one["id"], one["new"]) for one in withdrawn] == [
        ("withdrawn", f"{day}-{number}", None) for number in range(4, 10)
    ]
    assert {one["effect_eur"] for one in withdrawn} == {"500.00"}
    answer = accept(admin, day, shown.json["token"])
    assert (answer.status, answer.json["state"], answer.json["withdrawn"]) == (200, "imported", 6)
    assert is_valid("Receipt", answer.json)
    assert admin.trade(f"{day}-0").json["price"] == 4000
    assert is_error(admin.trade(f"{day}-9"), 404)
    today = clock().now().date()
    entries = audit_bootstrap.audit().entries(NOW.date() - timedelta(days=1), today)
    assert {entry.deed.by for entry in entries if entry.deed.on == day} == {"admin"}
    assert Act.FILE_LET_IN in {entry.deed.act for entry in entries if entry.deed.on == day}
    again = admin.get(address(day))
    assert is_error(again, 400)
    assert "there is nothing to accept" in again.json["message"]


def test_what_changed_since_it_was_shown_is_not_accepted(admin: Client, exchange: Exchange) -> None:
    day = "2025-04-05"
    held(exchange, day)
    token = admin.get(address(day)).json["token"]
    exchange.deliver(rows(day, 0, 1), datetime.fromisoformat(day).date())
    answer = accept(admin, day, token)
    assert is_error(answer, 400)
    assert [problem["field"] for problem in answer.json["problems"]] == ["token"]
    assert admin.trade(f"{day}-9").status == 200


def test_a_trade_posted_since_it_was_shown_is_not_withdrawn(admin: Client, exchange: Exchange) -> None:
    day = "2025-05-07"
    exchange.deliver(rows(day, 0), datetime.fromisoformat(day).date())
    posted = {"delivery_day": day, "execution_time": f"{day}T11:00:00Z"}
    assert admin.post(fields(id="shown", **posted)).status == 200
    shown = admin.get(address(day)).json
    assert [one["id"] for one in shown["changes"]] == ["shown"]
    assert admin.post(fields(id="not shown", **posted)).status == 200
    assert is_error(accept(admin, day, shown["token"]), 400)
    assert admin.trade("shown").status == 200
    assert accept(admin, day, admin.get(address(day)).json["token"]).status == 200
    assert is_error(admin.trade("not shown"), 404)


def test_a_long_import_stops_in_time_and_is_ended_by_accepting_again(
    admin: Client, exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    day = "2025-06-10"
    held(exchange, day)
    token = admin.get(address(day)).json["token"]
    with monkeypatch.context() as patch:
        patch.setattr("chalicelib.imports.http._TIME_TO_ACCEPT", timedelta(seconds=-1))
        answer = accept(admin, day, token)
    assert (answer.status, answer.json["state"]) == (202, "importing")
    shown = admin.get(address(day)).json
    assert shown["steps"][0].startswith("End the import of version 2")
    ended = accept(admin, day, shown["token"])
    assert (ended.status, ended.json["state"], ended.json["withdrawn"]) == (200, "imported", 6)


@pytest.mark.parametrize(("name", "day"), [("desk", "2025-07-13"), ("trader_1", "2025-08-13")])
def test_readers_accept_nothing(as_user: As, exchange: Exchange, name: str, day: str) -> None:
    held(exchange, day)
    seen = as_user(name).get(address(day))
    assert seen.status == 200 if name == "desk" else is_error(seen, 403)
    assert is_error(accept(as_user(name), day, "0" * 32), 403)


def test_a_file_of_another_feed_is_accepted_by_its_own_token(
    admin: Client, exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    day = "2025-09-16"
    file_day = datetime.fromisoformat(day).date()
    nordpool = Feed("nordpool", KeyPattern("nordpool/{YYYYMMDD}.csv"), format="voltbook-daily")
    monkeypatch.setattr(feeds_bootstrap, "feeds", lambda: (*BUILT_IN, nordpool))
    context = replace(exchange.desk, feeds=(*BUILT_IN, nordpool)).of(nordpool)
    for numbers in (range(10), range(4)):
        exchange.store.put(nordpool.key(file_day), io.BytesIO(rows(day, *numbers)))
        receipt = import_daily_file(file_day, context)
    assert receipt.state == "held"
    shown = admin.get(address(day, "nordpool"))
    assert is_valid("Acceptance", shown.json)
    assert (shown.json["feed"], len(shown.json["changes"])) == ("nordpool", 6)
    answer = admin.post({"token": shown.json["token"]}, address(day, "nordpool"))
    assert (answer.status, answer.json["state"], answer.json["withdrawn"]) == (200, "imported", 6)
    assert is_valid("Receipt", answer.json)
    assert answer.json["feed"] == "nordpool"
    no_file = [admin.get(address("2025-09-18", feed)).json["token"] for feed in ("nordpool", "daily")]
    assert no_file[0] != no_file[1]
    assert is_error(admin.post({"token": no_file[1]}, address("2025-09-18", "nordpool")), 400)


def test_an_unknown_feed_and_a_wrong_token_are_named(admin: Client) -> None:
    for feed in ("other", "reference_prices"):
        refused = admin.get(address("2025-03-03", feed))
        assert is_error(refused, 404)
        assert refused.json["message"] == f"there is no feed of trades {feed!r}; there is daily"
    for wrong in ("", "X" * 32, 7):
        answer = admin.post({"token": wrong}, address("2025-03-03"))
        assert [problem["field"] for problem in answer.json["problems"]] == ["token"]
    assert is_error(admin.get(address("03.03.2025")), 400)
