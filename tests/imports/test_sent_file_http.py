"""Sending a file over HTTP: it is stored under its feed's key and imported as any file."""

from __future__ import annotations

import gzip
import hashlib
import io
import threading
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import urlencode

import pytest

from chalicelib.feeds import bootstrap as feeds_bootstrap
from chalicelib.feeds.feed import BUILT_IN, Feed
from chalicelib.feeds.key_pattern import KeyPattern
from chalicelib.imports import sent_file
from chalicelib.imports.service import import_daily_file
from chalicelib.settings import read_settings
from tests.fakes.feeds import FakeFileStore
from tests.fixtures.api import As
from tests.fixtures.api_client import Answer, Client, is_error
from tests.fixtures.daily_files import csv_of, day_of
from tests.fixtures.exchange import Exchange
from tests.fixtures.trades import trade

DAY = "2023-02-20"
KEY = "epex_trades_20230220.csv"
TRADES = csv_of(day_of(3))


@pytest.fixture(autouse=True)
def store(monkeypatch: pytest.MonkeyPatch) -> FakeFileStore:
    store = FakeFileStore(lambda: datetime(2026, 1, 1, tzinfo=UTC))
    monkeypatch.setattr(feeds_bootstrap, "file_store", lambda: store)
    return store


def send(client: Client, body: bytes, feed: str | None = "daily", file_day: str | None = DAY) -> Answer:
    given = {name: value for name, value in (("feed", feed), ("file_day", file_day)) if value is not None}
    return client.send("POST", f"/v2/imports?{urlencode(given)}", body, {"Content-Type": "application/octet-stream"})


def receipt(client: Client, feed: str = "daily", file_day: str = DAY) -> Answer:
    return client.send("GET", f"/v2/imports?{urlencode({'feed': feed, 'file_day': file_day})}")


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_a_file_is_stored_unpacked_and_imported(admin: Client, store: FakeFileStore, pack: Any) -> None:
    answer = send(admin, pack(TRADES))

    assert answer.status == 200, answer.body
    assert (answer.json["feed"], answer.json["key"], answer.json["state"]) == ("daily", KEY, "imported")
    assert answer.json["rows"] == 3
    assert store.objects == {KEY: [TRADES]}
    assert receipt(admin).json == answer.json


def test_the_same_file_sent_again_books_nothing_twice(admin: Client) -> None:
    first, again = send(admin, TRADES), send(admin, TRADES)

    assert (again.status, again.json["version"]) == (200, first.json["version"])
    assert len(admin.send("GET", f"/v1/trades?delivery_day={day_of(1)[0].delivery_day}").json) == 3


def test_a_rejected_file_has_a_receipt_with_its_reason(admin: Client) -> None:
    answer = send(admin, b"id,price\n1,2\n", file_day="2023-02-21")

    assert (answer.status, answer.json["state"], answer.json["rows"]) == (200, "rejected", 0)
    assert "line 1 is not the header of a daily file" in answer.json["reason"]


def test_a_file_of_prices_has_its_receipt_too(admin: Client, store: FakeFileStore) -> None:
    body = b"delivery_day,delivery_hour,price\n2023-02-20,13,5000\n"
    answer = send(admin, body, "reference_prices")

    assert answer.status == 200, answer.body
    assert store.objects == {"reference_prices_20230220.csv": [body]}
    assert {name: answer.json[name] for name in ("feed", "state", "received", "reason")} == {
        "feed": "reference_prices",
        "state": "imported",
        "received": 1,
        "reason": None,
    }
    assert receipt(admin, "reference_prices").json == answer.json
    again = send(admin, body, "reference_prices")
    assert (again.json["version"], again.json["unchanged"]) == (answer.json["version"] + 1, 1)
    assert admin.send("GET", "/v1/prices?start_day=2023-02-20").json[0]["price"] == 5000


def test_what_takes_long_goes_on_and_its_receipt_can_be_asked_for(
    admin: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on, ended = threading.Event(), threading.Event()
    really = import_daily_file

    def slow(*given: Any) -> object:
        assert go_on.wait(30)
        try:
            return really(*given)
        finally:
            ended.set()

    monkeypatch.setattr(sent_file, "import_daily_file", slow)
    monkeypatch.setattr(sent_file, "WAIT_SECONDS", 0.01)
    answer = send(admin, TRADES, file_day="2023-02-22")

    address = "/v2/imports?feed=daily&file_day=2023-02-22"
    assert (answer.status, answer.headers["location"]) == (202, address)
    assert answer.json == {"feed": "daily", "file_day": "2023-02-22", "state": "importing", "receipt": address}
    assert is_error(admin.send("GET", address), 404)
    go_on.set()
    assert ended.wait(30)
    assert admin.send("GET", address).json["rows"] == 3


def test_a_sent_file_that_was_replaced_is_not_waited_for(
    admin: Client, store: FakeFileStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def replaced_at_once(*given: Any) -> object:
        store.put("epex_trades_20230223.csv", io.BytesIO(csv_of(day_of(4))))
        return import_daily_file(*given)

    monkeypatch.setattr(sent_file, "import_daily_file", replaced_at_once)
    answer = send(admin, TRADES, file_day="2023-02-23")
    message = "a newer version of the file of feed daily of 2023-02-23 arrived in the meantime and was imported instead"
    assert is_error(answer, 400)
    assert answer.json["message"] == message
    asked = of_content(admin, TRADES, "2023-02-23")
    assert (is_error(asked, 400), asked.json["message"]) == (True, message)
    assert of_content(admin, csv_of(day_of(4)), "2023-02-23").json["rows"] == 4


def test_the_receipt_of_a_content_is_found_after_a_newer_version(admin: Client) -> None:
    send(admin, TRADES, file_day="2023-02-24")
    assert is_error(of_content(admin, b"other", "2023-02-24"), 400)
    newer = send(admin, csv_of(day_of(4)), file_day="2023-02-24")
    assert (newer.json["version"], of_content(admin, TRADES, "2023-02-24").json["version"]) == (2, 1)


def test_a_file_of_prices_that_was_replaced_is_not_waited_for(admin: Client, store: FakeFileStore) -> None:
    rows = "delivery_day,delivery_hour,price\n2023-02-25,13,{}\n"
    sent = send(admin, rows.format(1).encode(), "reference_prices", "2023-02-25")
    assert of_content(admin, rows.format(1).encode(), "2023-02-25", "reference_prices").json == sent.json
    assert is_error(of_content(admin, rows.format(2).encode(), "2023-02-25", "reference_prices"), 400)
    store.put("reference_prices_20230225.csv", io.BytesIO(rows.format(2).encode()))
    assert is_error(of_content(admin, rows.format(2).encode(), "2023-02-25", "reference_prices"), 404)


def of_content(client: Client, content: bytes, file_day: str, feed: str = "daily") -> Answer:
    digest = hashlib.sha256(content).hexdigest()
    return client.send("GET", f"/v2/imports?{urlencode({'feed': feed, 'file_day': file_day, 'sha256': digest})}")


def test_on_lambda_the_event_of_the_bucket_imports_the_file(
    admin: Client, store: FakeFileStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def event(*_: object) -> None:
        import_daily_file(date(2023, 2, 23), Exchange(store).desk)

    monkeypatch.delattr(sent_file, "_Run")
    monkeypatch.setattr("chalicelib.settings.settings", lambda: read_settings()._replace(on_lambda=True))
    monkeypatch.setattr("chalicelib.imports.sent_file.time.sleep", event)
    answer = send(admin, TRADES, file_day="2023-02-23")

    assert (answer.status, answer.json["file_day"], answer.json["rows"]) == (200, "2023-02-23", 3)


@pytest.mark.parametrize(
    ("feed", "file_day", "fields"),
    [
        (None, None, {"feed", "file_day"}),
        (None, DAY, {"feed"}),
        ("daily", None, {"file_day"}),
        ("nordpool", DAY, {"feed"}),
        ("daily", "20.02.2023", {"file_day"}),
    ],
)
def test_a_wrong_query_is_refused_by_its_parameter(
    admin: Client, store: FakeFileStore, feed: str | None, file_day: str | None, fields: set[str]
) -> None:
    answer = send(admin, TRADES, feed, file_day)

    assert answer.status == 400
    assert set(answer.problems) == fields
    assert store.objects == {}


def test_an_unknown_feed_is_refused_with_all_feeds(admin: Client) -> None:
    message = "must be one of daily, reference_prices, got 'nordpool'"
    assert send(admin, TRADES, "nordpool").problems == {"feed": message}
    assert receipt(admin, "nordpool").problems == {"feed": message}


def test_a_larger_file_is_refused_with_the_advice(admin: Client, store: FakeFileStore) -> None:
    answer = send(admin, b"x" * (4 * 1024 * 1024 + 1))

    assert (answer.status, answer.code) == (413, "too_large")
    assert answer.json["message"] == (
        "the file has 4194305 bytes, at most 4194304 are taken: pack it with gzip, or ask POST /v2/imports/upload for "
        "an address to upload it to"
    )
    assert store.objects == {}


def test_a_damaged_gzip_is_refused(admin: Client, store: FakeFileStore) -> None:
    answer = send(admin, gzip.compress(TRADES)[:-9])

    assert (answer.status, answer.code) == (400, "invalid_file")
    assert store.objects == {}


@pytest.mark.parametrize(("user", "status"), [("importer", 200), ("desk", 403), ("trader_1", 403)])
def test_importers_and_admins_send_files(as_user: As, user: str, status: int) -> None:
    assert send(as_user(user), TRADES).status == status
    upload = as_user(user).send_json("POST", {}, f"/v2/imports/upload?feed=daily&file_day={DAY}")
    assert upload.status == status


def test_an_upload_has_an_address_that_expires(admin: Client) -> None:
    answer = admin.send_json("POST", {}, f"/v2/imports/upload?feed=daily&file_day={DAY}")

    assert answer.status == 200, answer.body
    assert set(answer.json) == {"method", "url", "expires_at", "receipt"}
    assert (answer.json["method"], answer.json["receipt"]) == ("PUT", f"/v2/imports?feed=daily&file_day={DAY}")
    assert f"/{KEY}?" in answer.json["url"]
    assert "X-Amz-Expires=900" in answer.json["url"]


def test_a_file_of_another_feed_of_trades_has_a_receipt_of_its_own(
    admin: Client, store: FakeFileStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    nordpool = Feed("nordpool", KeyPattern("nordpool/OwnTrades_{YYYYMMDD}.csv"), format="voltbook-daily")
    monkeypatch.setattr(feeds_bootstrap, "feeds", lambda: (*BUILT_IN, nordpool))
    answer = send(admin, csv_of([trade("of-nordpool")]), "nordpool", "2023-02-25")

    assert answer.status == 200, answer.body
    assert (answer.json["feed"], answer.json["rows"]) == ("nordpool", 1)
    assert list(store.objects) == ["nordpool/OwnTrades_20230225.csv"]
    assert receipt(admin, "nordpool", "2023-02-25").json == answer.json
    assert is_error(receipt(admin, "daily", "2023-02-25"), 404)


def test_a_file_replaces_the_one_that_counts_of_several_keys_of_a_day(
    admin: Client, store: FakeFileStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    nordpool = Feed("nordpool", KeyPattern("nordpool/{YYYYMMDD}_*.csv"), format="voltbook-daily")
    monkeypatch.setattr(feeds_bootstrap, "feeds", lambda: (*BUILT_IN, nordpool))
    first = send(admin, csv_of([trade("several-1")]), "nordpool", "2023-02-26")
    store.put("nordpool/20230226_0900.csv", io.BytesIO(csv_of([trade("several-1")])))
    second = send(admin, csv_of([trade("several-1"), trade("several-2")]), "nordpool", "2023-02-26")

    assert (first.status, first.json["key"]) == (200, "nordpool/20230226_.csv")
    assert (second.status, second.json["key"]) == (200, "nordpool/20230226_0900.csv")
    assert (second.json["rows"], second.json["booked"]) == (2, 1)
