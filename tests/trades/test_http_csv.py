"""Trades as CSV: the fields of the JSON, page by page, and no cell that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
import re

import pytest

from chalicelib.trades import pages as trades_pages
from chalicelib.trades.model import FIELDS
from tests.fixtures.api_client import Answer, Client, is_error
from tests.fixtures.trades import fields

IDS = ["=1+1", "a,b", 'c"d', "é👍"]


@pytest.fixture(autouse=True)
def _a_book(admin: Client) -> None:
    for hour, name in enumerate(IDS):
        assert admin.post(fields(id=name, trader_id="of csv", price=-5, delivery_hour=hour)).status == 200


def in_csv(client: Client, target: str = "/v1/trades?trader_id=of%20csv", accept: str = "text/csv") -> Answer:
    return client.send("GET", target, headers={"Accept": accept})


def rows(answer: Answer) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.body.decode(), newline="")))


def test_csv_has_the_fields_of_the_json_in_their_order(admin: Client) -> None:
    answer = in_csv(admin)
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="voltbook_trades.csv"'
    assert answer.body.startswith(",".join(FIELDS).encode() + b"\r\n")
    as_json = admin.get("/v1/trades", trader_id="of csv").json
    texts = [{name: str(value) for name, value in trade.items()} for trade in as_json]
    assert rows(answer) == [texts[0] | {"id": "'=1+1"}, *texts[1:]]


def test_json_stays_the_default(admin: Client) -> None:
    assert in_csv(admin, accept="*/*").headers["content-type"] == "application/json"
    assert in_csv(admin, accept="application/json, text/csv").json == in_csv(admin, accept="*/*").json


def test_each_page_has_the_header_and_a_link(admin: Client) -> None:
    first = in_csv(admin, "/v1/trades?trader_id=of%20csv&limit=3")
    link = re.fullmatch(r'<http://[^/]+(/v1/trades\?[^>]+)>; rel="next"', first.headers["link"])
    assert link is not None
    second = in_csv(admin, link[1])
    assert [row["id"] for row in rows(first) + rows(second)] == ["'=1+1", *IDS[1:]]
    assert "link" not in second.headers


def test_unconfirmed_trades_are_csv_too(admin: Client) -> None:
    answer = in_csv(admin, "/v1/trades?delivery_day=2023-02-28&unconfirmed=true")
    assert answer.body.decode().rstrip("\r\n") == ",".join(FIELDS)


def test_too_many_bytes_of_csv_are_refused_or_paged(admin: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = in_csv(admin).body
    monkeypatch.setattr(trades_pages, "MAX_BYTES", len(whole) - 1)
    assert is_error(in_csv(admin), 400)
    page = in_csv(admin, "/v1/trades?trader_id=of%20csv&limit=4")
    assert (len(rows(page)), "link" in page.headers) == (2, True)
