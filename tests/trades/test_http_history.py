"""The history of a trade over HTTP: who said what, and when, newest first."""

from __future__ import annotations

from datetime import UTC, date, datetime
from urllib.parse import quote

import pytest

from chalicelib.feeds.receipt import Receipt
from chalicelib.imports.confirmation import confirm_withdrawn
from tests.fakes.clock import FakeClock
from tests.fixtures.api import As
from tests.fixtures.api_client import Answer, Client, is_error
from tests.fixtures.daily_files import csv_of
from tests.fixtures.exchange import Exchange
from tests.fixtures.trades import fields, trade


def history(client: Client, trade_id: str) -> Answer:
    return client.get(f"/v1/trades/{quote(trade_id, safe='')}/history")


def deliver(file_day: date, *trades: str, **changes: object) -> Receipt:
    return Exchange().deliver(csv_of([trade(one, **changes) for one in trades]), file_day)


def test_a_posted_trade_has_one_revision_by_its_user(as_user: As, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = FakeClock(datetime(2023, 2, 28, 9, 14, 28, tzinfo=UTC))
    monkeypatch.setattr("chalicelib.common.clock.clock", lambda: clock)
    as_user("trader_1").post(fields(id="posted"))
    answer = history(as_user("trader_1"), "posted")
    assert (answer.status, answer.json) == (
        200,
        [
            {
                "revision": 1,
                "said_at": "2023-02-28T09:14:28Z",
                "source": {"user": "trader_1"},
                "matched_by": None,
                "withdrawn": False,
                "trade": fields(id="posted"),
            }
        ],
    )


def test_a_correction_by_the_daily_file_is_listed_before_the_old_revision(admin: Client) -> None:
    admin.post(fields(id="corrected"))
    deliver(date(2023, 2, 1), "other", "corrected", price=4990)
    newest, first = history(admin, "corrected").json
    assert (newest["revision"], first["revision"]) == (2, 1)
    assert newest["source"] == {"file_day": "2023-02-01", "version": 1, "line": 3}
    assert (newest["trade"], first["trade"]) == (fields(id="corrected", price=4990), fields(id="corrected"))
    assert admin.trade("corrected").json == newest["trade"]


def test_a_posted_trade_names_the_file_day_that_confirms_it(admin: Client) -> None:
    admin.post(fields(id="matched"))
    deliver(date(2023, 2, 20), "matched")
    (word,) = history(admin, "matched").json
    assert (word["source"], word["matched_by"]) == ({"user": "admin"}, "2023-02-20")


def test_a_withdrawn_trade_is_shown_as_withdrawn_and_keeps_its_history(admin: Client) -> None:
    exchange, day = Exchange(), date(2023, 2, 20)
    exchange.deliver(csv_of([trade(one) for one in ("kept-1", "kept-2", "kept-3", "kept-4", "withdrawn")]), day)
    exchange.deliver(csv_of([trade(one) for one in ("kept-1", "kept-2", "kept-3", "kept-4")]), day)
    confirm_withdrawn(day, "anna", exchange.desk)
    answer = admin.trade("withdrawn")
    assert is_error(answer, 404)
    assert "was withdrawn by the exchange; its history shows it" in answer.json["message"]
    newest, first = history(admin, "withdrawn").json
    assert (newest["withdrawn"], newest["source"], first["withdrawn"]) == (True, {"user": "anna"}, False)
    assert newest["trade"] == first["trade"] == fields(id="withdrawn")


def test_another_traders_history_is_not_found(as_user: As) -> None:
    as_user("trader_1").post(fields(id="theirs"))
    foreign, missing = history(as_user("trader_2"), "theirs"), history(as_user("trader_2"), "their2")
    assert is_error(foreign, 404)
    assert is_error(missing, 404)
    assert foreign.json["message"].replace("theirs", "their2") == missing.json["message"]
    assert history(as_user("desk"), "theirs").status == 200


@pytest.mark.parametrize("trade_id", ["history", "a/history", "a/b", "100%", "取引👍", "..", "x" * 128])
def test_a_history_is_found_by_the_percent_encoded_id(admin: Client, trade_id: str) -> None:
    admin.post(fields(id=trade_id))
    (word,) = history(admin, trade_id).json
    assert word["trade"]["id"] == trade_id


@pytest.mark.parametrize("segment", ["%ff", "%00", "a%0Ab", "%ed%a0%80", "x" * 129])
def test_what_can_be_no_id_has_no_history(admin: Client, segment: str) -> None:
    assert is_error(admin.send("GET", f"/v1/trades/{segment}/history"), 404)
