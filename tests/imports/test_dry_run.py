"""Trying a file over HTTP: it answers what the file states, and writes nothing."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from chalicelib.imports.formats.mapping_folder import load_mappings
from chalicelib.trades.model import FIELDS
from tests.fixtures.api import As
from tests.fixtures.api_client import Answer, Client
from tests.fixtures.vectors2 import vector
from tests.imports.formats.examples import V2_HEADER, v2_line
from tests.imports.formats.test_mapping import toml_of

BLOTTER, POWERBOT, PRICES = vector("W47"), vector("W43"), vector("W50")


@pytest.fixture(autouse=True)
def _mappings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "blotter-de.toml").write_bytes(toml_of(BLOTTER["input"]["mapping"]))
    traders = POWERBOT["input"]["settings"]["trader_by_portfolio"]
    settings = {"format": "powerbot", "strategy_from": "txt", "traders": traders}
    (tmp_path / "desk.toml").write_bytes(toml_of(settings))
    monkeypatch.setattr("chalicelib.imports.bootstrap.mappings", lambda: load_mappings(tmp_path))


def try_file(client: Client, body: bytes, **query: str) -> Answer:
    target = f"/v2/imports?{urlencode({'format': 'auto', 'dry_run': 'true', **query})}"
    return client.send("POST", target, body, {"Content-Type": "application/octet-stream"})


def tried(client: Client, body: bytes, **query: str) -> Any:
    answer = try_file(client, body, **query)
    assert answer.status == 200, answer.body
    return answer.json


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_the_worked_mapping_is_tried(admin: Client, pack: Any) -> None:
    answer = tried(admin, pack(BLOTTER["input"]["csv"].encode()))

    assert (answer["format"], answer["mapping"]) == ("mapping:blotter-de", "blotter-de")
    assert answer["trades"] == BLOTTER["expected"]["trades"]
    found = {str(row["line"]): [problem["field"] for problem in row["problems"]] for row in answer["problems"]}
    assert found == BLOTTER["expected"]["quarantined"]
    assert (answer["prices"], answer["other_side"], answer["skipped"]) == ([], [], 0)


def test_the_worked_trades_of_powerbot_are_tried_and_not_booked(admin: Client) -> None:
    answer = tried(admin, json.dumps(POWERBOT["input"]["body"]).encode(), format="powerbot")

    assert (answer["format"], answer["mapping"]) == ("powerbot", "desk")
    assert answer["trades"] == POWERBOT["expected"]["trades"]
    assert admin.send("GET", "/v1/trades").json == []


def test_a_named_format_is_used_although_another_is_recognised(admin: Client) -> None:
    answer = try_file(admin, (V2_HEADER + v2_line()).encode(), format="powerbot")

    assert (answer.status, answer.code) == (400, "invalid_file")


def test_the_worked_prices_are_tried(admin: Client) -> None:
    answer = tried(admin, PRICES["input"]["xml"].encode())
    prices = {one["start"].replace(":00Z", "Z"): one["price_eur_mwh"] for one in answer["prices"]}

    assert (answer["format"], answer["problems"], answer["skipped"]) == ("entsoe-a44", [], 0)
    assert len(prices) == PRICES["expected"]["prices"]
    assert PRICES["expected"]["at"].items() <= prices.items()


def test_prices_of_another_auction_alone_are_refused(admin: Client) -> None:
    answer = try_file(admin, PRICES["input"]["xml_without_sequence_1"].encode())

    assert (answer.status, answer.code) == (400, PRICES["expected"]["without_sequence_1"]["code"])


DAILY = f"{','.join(FIELDS)}\nA,5000,10,buy,2023-02-28,13,trader_1,2023-02-20T10:00:00Z\n"


def test_a_daily_file_is_tried_with_its_trades_and_problems(admin: Client) -> None:
    bad = "".join(f"B-{number},50.00,0,buy,2023-02-28,13,trader_1,2023-02-20T10:00:00Z\n" for number in range(12))
    answer = tried(admin, (DAILY + DAILY.splitlines()[1] + "\n" + bad).encode(), file_day="2023-02-20")

    assert (answer["format"], answer["mapping"], answer["skipped"]) == ("voltbook-daily", None, 1)
    [trade] = answer["trades"]
    assert (trade["id"], trade["price_eur_mwh"], trade["delivery_start"]) == ("A", "50.00", "2023-02-28T12:00:00Z")
    assert [row["line"] for row in answer["problems"]] == list(range(4, 16))
    assert [problem["field"] for problem in answer["problems"][0]["problems"]] == ["price", "quantity"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (DAILY.replace(",", ";").encode(), "line 1 has semicolons between its columns, expected commas, found id;"),
        (DAILY.encode("utf-16"), "the file is UTF-16, expected CSV text: export it as CSV with commas, in UTF-8"),
        (DAILY[:-3].encode(), "the file ends inside line 2"),
        (DAILY.replace("\n", ",quarter-hour\n").replace(",quarter-hour", ",product", 1).encode(), "column 'product'"),
    ],
    ids=["semicolons", "UTF-16", "cut", "product"],
)
def test_a_daily_file_that_cannot_be_imported_says_why(admin: Client, content: bytes, reason: str) -> None:
    answer = try_file(admin, content)

    assert (answer.status, answer.code) == (400, "invalid_file")
    assert reason in answer.json["message"]


def test_the_nearest_format_of_half_a_daily_header_is_the_daily_file(admin: Client) -> None:
    message = try_file(admin, DAILY.replace("price,", "").encode()).json["message"]
    assert "nearest format: voltbook-daily, recognised by the columns id, price, quantity" in message
    message = try_file(admin, b"delivery_day;delivery_hour;price\n").json["message"]
    assert "nearest format: reference_prices" in message


def test_an_unknown_file_is_refused_with_what_was_found(admin: Client) -> None:
    answer = try_file(admin, b"PK\x03\x04\x14\0[Content_Types].xml")

    assert (answer.status, answer.code) == (400, "unknown_format")
    assert answer.json["message"] == "the file has no known format: found a workbook (xlsx); export it as CSV"


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"format": "mapping:none"}, "format"),
        ({"dry_run": "false"}, "dry_run"),
        ({"file_day": "15.06.2026"}, "file_day"),
        ({"feed": "daily"}, "feed"),
    ],
)
def test_a_wrong_query_is_refused_by_its_parameter(admin: Client, query: dict[str, str], field: str) -> None:
    answer = try_file(admin, V2_HEADER.encode(), **query)

    assert answer.status == 400
    assert set(answer.problems) == {field}


@pytest.mark.parametrize(("query", "field"), [("format=auto", "dry_run"), ("dry_run=true", "format")])
def test_format_and_dry_run_are_required_together(admin: Client, query: str, field: str) -> None:
    answer = admin.send("POST", f"/v2/imports?{query}", b"", {"Content-Type": "application/octet-stream"})

    assert set(answer.problems) == {field}


MEBIBYTE = b"0" * 1024 * 1024


@pytest.mark.parametrize(
    ("body", "status", "code", "message"),
    [
        (
            MEBIBYTE * 4 + b"0",
            413,
            "too_large",
            "the file has 4194305 bytes, at most 4194304 are read: pack it with gzip, or split it",
        ),
        (
            gzip.compress(MEBIBYTE) * 32 + gzip.compress(b"0"),
            400,
            "invalid_file",
            "the file has more than 33554432 bytes when it is unpacked: split it",
        ),
    ],
    ids=["plain", "gzip"],
)
def test_a_file_one_byte_too_large_is_refused(admin: Client, body: bytes, status: int, code: str, message: str) -> None:
    answer = try_file(admin, body)

    assert (answer.status, answer.code, answer.json["message"]) == (status, code, message)


def test_only_bytes_are_taken(admin: Client) -> None:
    assert (
        admin.send("POST", "/v2/imports?format=auto&dry_run=true", b"{}", {"Content-Type": "application/json"}).status
        == 415
    )
    assert admin.send("POST", "/v1/trades", b"{}", {"Content-Type": "application/octet-stream"}).status == 415


def test_a_broken_mapping_is_named_with_its_line(admin: Client, tmp_path: Path) -> None:
    (tmp_path / "broken.toml").write_text("kind = 3\n")
    answer = try_file(admin, V2_HEADER.encode())

    assert (answer.status, answer.code) == (400, "invalid_mapping")
    assert "line 1" in answer.problems


def test_desks_and_traders_may_not_try_files(as_user: As) -> None:
    assert [try_file(as_user(name), b"").status for name in ("desk", "trader_1", "importer")] == [403, 403, 400]
