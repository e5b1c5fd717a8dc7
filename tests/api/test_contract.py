"""The contract, `openapi.yaml`, against the app: neither knows more than the other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import jsonschema_rs
import pytest

from app import app
from chalicelib.common import strict_json
from chalicelib.common.csv_records import UnreadableFile
from chalicelib.common.delivery import MAX_DAYS
from chalicelib.common.errors import InvalidRequest, VoltbookError
from chalicelib.common.fields import MAX_DIGITS
from chalicelib.common.names import MAX_NAME
from chalicelib.feeds.file_change import ChangeKind, FileChange
from chalicelib.feeds.receipt import FileState, Receipt
from chalicelib.feeds.service import LATE, LISTED_DAYS, MAX_SHOWN
from chalicelib.fees.fee_list import InvalidFees
from chalicelib.imports.dry_run import InvalidFile
from chalicelib.imports.formats.entsoe import SequenceMissing
from chalicelib.imports.formats.mapping_file import InvalidMapping
from chalicelib.imports.formats.recognition import NotRecognised
from chalicelib.notices.model import Kind
from chalicelib.prices.model import InvalidPrices
from chalicelib.reports.columns import LINE
from chalicelib.trades.model import FIELDS, State
from chalicelib.trades.reading import MAX_TRADES
from chalicelib.trades.statement import MAX_REMARK, MAX_VENUE_REVISION
from chalicelib.trades.venues import VENUES
from chalicelib.web.meta import contract
from chalicelib.web.responses import PLATFORM, STATUS
from tests.fixtures.api_client import Client
from tests.fixtures.daily_files import csv_of
from tests.fixtures.exchange import Exchange
from tests.fixtures.trades import FILE_DAY, fields, trade

CONTRACT: Any = contract()
SCHEMAS = CONTRACT["components"]["schemas"]
NOT_OVER_HTTP = {VoltbookError, UnreadableFile}
"""Errors that no route can answer: the root, and those of files, which the command alone handles."""


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in CONTRACT["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation


def responses() -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    for method, path, operation in operations():
        for status, response in operation["responses"].items():
            yield method, path, status, followed(response)


def followed(node: dict[str, Any]) -> dict[str, Any]:
    """What a reference stands for."""
    found = CONTRACT
    for part in node.get("$ref", "#").split("/")[1:]:
        found = found[part]
    return node if "$ref" not in node else found


def validator(schema: dict[str, Any]) -> jsonschema_rs.Validator:
    return jsonschema_rs.Draft202012Validator({**schema, "components": CONTRACT["components"]}, validate_formats=True)


def is_valid(schema: str, value: object) -> bool:
    return bool(validator({"$ref": f"#/components/schemas/{schema}"}).is_valid(value))


def examples(node: object, where: str = "") -> Iterator[tuple[str, dict[str, Any], object]]:
    """Every example with the schema that stands beside it."""
    inside = enumerate(node) if isinstance(node, list) else node.items() if isinstance(node, dict) else ()
    for name, item in inside:
        if name not in {"example", "examples"}:
            yield from examples(item, f"{where}/{name}")
    if isinstance(node, dict) and "schema" in node:
        held = {name: example["value"] for name, example in node.get("examples", {}).items()}
        held |= {"example": node["example"]} if "example" in node else {}
        yield from ((f"{where}/{name}", node["schema"], example) for name, example in held.items())


EXAMPLES = list(examples(CONTRACT))


def test_every_route_is_in_the_contract_and_every_operation_in_the_app() -> None:
    routes = {(method, path) for path, methods in app.routes.items() for method in methods}
    assert {(method, path) for method, path, _ in operations()} == routes


def test_what_asks_for_a_login_says_so() -> None:
    for method, path, operation in operations():
        asks = app.routes[path][method].authorizer is not None
        assert ("security" not in operation) is asks, path
        assert ("401" in operation["responses"]) is asks, path


def test_the_served_contract_is_the_written_one(anonymous: Client) -> None:
    answer = anonymous.get("/v1/openapi.json")
    assert (answer.status, answer.json) == (200, CONTRACT)


def test_every_answer_except_the_contract_itself_has_examples() -> None:
    without = [
        (path, status)
        for _, path, status, response in responses()
        for media in response.get("content", {}).values()
        if not {"example", "examples"} & set(media)
    ]
    assert without == [("/v1/openapi.json", "200")]


@pytest.mark.parametrize(("schema", "example"), [one[1:] for one in EXAMPLES], ids=[one[0] for one in EXAMPLES])
def test_every_example_is_valid(schema: dict[str, Any], example: object) -> None:
    assert [error.message for error in validator(schema).iter_errors(example)] == []


def test_every_error_example_has_a_status_that_matches_its_code() -> None:
    known = statuses_of_codes()
    for _, path, status, response in responses():
        for _, _, example in examples(response):
            if status >= "400":
                assert isinstance(example, dict)
                assert (example["status_code"], known[example["code"]]) == (int(status), int(status)), path


def test_the_examples_of_bookings_are_booked(admin: Client) -> None:
    for path in ("/v1/trades", "/v2/trades"):
        body = CONTRACT["paths"][path]["post"]["requestBody"]["content"]["application/json"]
        for name, example in body["examples"].items():
            assert admin.post(example["value"], path).status == 200, name


PAGES = {"/", "/docs", "/assets/{name}"}
TRADES_AND_REPORTS = ("/v1/trades", "/v2/trades", "/v1/reports/pnl", "/v1/reports/scorecard", "/v2/reports/pnl")
IN_CSV_TOO = {("GET", path) for path in TRADES_AND_REPORTS}


def test_every_answer_except_pages_is_json_and_refusals_have_one_shape() -> None:
    for method, path, status, response in responses():
        if status in {"304", "308"}:
            assert "content" not in response, path
            continue
        if path in PAGES and status == "200":
            continue
        assert set(response["content"]) - {"text/csv"} == {"application/json"}, path
        assert ("text/csv" in response["content"]) is (status == "200" and (method, path) in IN_CSV_TOO), path
        schema = response["content"]["application/json"]["schema"]
        assert (schema == {"$ref": "#/components/schemas/Error"}) is (status >= "400"), path


def statuses_of_codes() -> dict[str, int]:
    ours = {kind.code: status for kind, status in STATUS.items() if kind not in NOT_OVER_HTTP}
    assert {InvalidFees, InvalidPrices, InvalidFile, SequenceMissing, InvalidMapping, NotRecognised} <= {
        *InvalidRequest.__subclasses__()
    }
    deeper = {
        kind.code: STATUS[parent]
        for parent in STATUS
        for kind in parent.__subclasses__()
        if kind not in {*STATUS, *NOT_OVER_HTTP} and is_the_book_s(kind)
    }
    return {code: status for status, (code, _) in PLATFORM.items()} | ours | deeper


def is_the_book_s(kind: type[VoltbookError]) -> bool:
    """Tell an error of the book from one that the command adds for itself, which no route can answer."""
    return kind.__module__.startswith("chalicelib.")


def test_every_code_is_in_the_contract_with_its_status() -> None:
    code = SCHEMAS["Error"]["properties"]["code"]
    assert set(code["enum"]) == set(statuses_of_codes())
    for name, status in statuses_of_codes().items():
        assert f"| `{name}` | {status} |" in code["description"]


def test_a_trade_has_exactly_the_eight_fields() -> None:
    for schema in (SCHEMAS["NewTrade"], SCHEMAS["Trade"]):
        assert tuple(schema["properties"]) == FIELDS == tuple(schema["required"])
        assert schema["additionalProperties"] is False


def test_the_limits_of_the_contract_are_those_of_the_book() -> None:
    limit = next(one for one in CONTRACT["paths"]["/v1/trades"]["get"]["parameters"] if one.get("name") == "limit")
    assert limit["schema"]["maximum"] == MAX_TRADES
    assert (SCHEMAS["Price"]["maximum"], SCHEMAS["Price"]["minimum"]) == (10**MAX_DIGITS - 1, 1 - 10**MAX_DIGITS)
    assert (SCHEMAS["Quantity"]["maximum"], SCHEMAS["TradeId"]["maxLength"]) == (10**MAX_DIGITS - 1, MAX_NAME)
    assert "at most 64 KiB" in CONTRACT["paths"]["/v1/trades"]["post"]["requestBody"]["description"]
    assert strict_json.MAX_BYTES == 64 * 1024
    files, receipt = CONTRACT["paths"]["/v1/files"]["get"], SCHEMAS["Receipt"]["properties"]
    assert f"at most {MAX_DAYS} days" in files["description"]
    assert f"the last {LISTED_DAYS} file days" in files["description"]
    assert files["responses"]["200"]["content"]["application/json"]["schema"]["maxItems"] == MAX_DAYS
    assert {receipt["quarantine"]["maxItems"], receipt["changes"]["maxItems"]} == {MAX_SHOWN}


def test_the_words_of_a_statement_are_those_of_the_book() -> None:
    assert SCHEMAS["Venue"]["enum"] == list(VENUES)
    assert SCHEMAS["TradeState"]["enum"] == list(State)
    assert (SCHEMAS["Remark"]["maxLength"], SCHEMAS["VenueRevision"]["maximum"]) == (MAX_REMARK, MAX_VENUE_REVISION)


def test_the_receipt_schema_has_the_book_s_fields_and_states_and_late() -> None:
    receipt = SCHEMAS["Receipt"]
    plain = Receipt(date(2023, 2, 20), 1, FileState.WAITING, "key", "", "object")
    assert list(plain.as_json(())) == receipt["required"]
    later = replace(plain, standing_version=1, changed_before=True, other_rows=1, kept=1)
    later = replace(later, warnings=("look",), enriched=1, format="powerbot", mapping="desk")
    full = replace(later, accepted_at="2023-02-21T08:00:00Z", accepted_by="anna").as_json(())
    assert list(receipt["properties"]) == ["feed", *full]  # of v2 alone
    assert is_valid("Receipt", full)
    assert receipt["properties"]["state"]["enum"] == [*FileState, LATE]
    assert SCHEMAS["Notice"]["properties"]["kind"]["enum"] == [kind for kind in Kind if kind is not Kind.PRICES]
    assert SCHEMAS["FileChange"]["properties"]["kind"]["enum"] == list(ChangeKind)
    terms, others = trade().as_fields(), trade(price=-1).as_fields()
    for old, new in ((terms, others), (None, terms), (terms, None), (None, None)):
        for kind in ChangeKind:
            assert is_valid("FileChange", FileChange(kind, "trade-1", 2, old, new).as_json())


@pytest.mark.parametrize("trader_id", ["trader_1", None])
def test_answers_are_as_the_contract_says(admin: Client, trader_id: str | None) -> None:
    admin.post(fields(id="a", price=-1))
    admin.post(fields(id="b", direction="sell", delivery_hour=2, delivery_day="2023-10-29"))
    asked = {"trader_id": trader_id} if trader_id else {}
    for start, end in (("2023-02-28", "2023-02-28"), ("2023-10-28", "2023-10-30"), ("2023-03-26", "2023-03-26")):
        report = admin.get("/v1/reports/pnl", start_day=start, end_day=end, **asked)
        assert [error.message for error in validator(SCHEMAS["Report"]).iter_errors(report.json)] == []
        assert list(report.json["total"]) == [column.name for column in LINE] == SCHEMAS["Line"]["required"]
        scorecard = admin.get("/v1/reports/scorecard", start_day=start, end_day=end, **asked)
        assert [error.message for error in validator(SCHEMAS["Scorecard"]).iter_errors(scorecard.json)] == []
    for held in admin.get("/v1/trades", **asked).json:
        assert is_valid("Trade", held)
        for word in admin.get(f"/v1/trades/{held['id']}/history").json:
            assert is_valid("Revision", word)


def test_what_is_shown_of_files_is_as_the_contract_says(admin: Client) -> None:
    exchange = Exchange()
    exchange.deliver(csv_of([trade("x"), trade("y"), trade("z")]))
    exchange.deliver(csv_of([trade("x", price=1), trade("y")], "bad"))
    exchange.deliver(b"no daily file\n")
    exchange.poll(FILE_DAY + timedelta(days=2))
    listed = admin.get("/v1/files", start_day="2023-02-19", end_day="2023-02-21").json
    assert [line["state"] for line in listed] == ["late", "rejected"]
    assert [line for line in listed if not is_valid("Receipt", line)] == []
    for day in ("2023-02-20", "2023-02-21"):
        shown = admin.get(f"/v1/files/{day}").json
        assert [error.message for error in validator(SCHEMAS["FileDay"]).iter_errors(shown)] == []
        assert shown["notices"]


@pytest.mark.parametrize(
    ("schema", "good", "bad"),
    [
        ("Eur", ["0.00", "-0.01", "10.00", "-1234567.89"], ["-0.00", "0", "0.0", "00.00", "1.234", "1,00", ""]),
        ("MegawattHours", ["0", "12", "-0.5", "0.25", "-12"], ["-0", "1.0", "0.50", "012", ".5", "1e3"]),
        ("Megawatts", ["0", "12", "0.125"], ["-1", "1.0", "0.1250"]),
        (
            "Day",
            ["2023-02-28", "2024-02-29", "2000-02-29", "2099-12-31"],
            ["2023-02-29", "1999-12-31", "2023-04-31", "20230228"],
        ),
        (
            "PostedTime",
            ["2023-02-20T10:00Z", "2023-02-20T10:00:00.1-04:30", "2023-02-20t10:00:00.123456789z"],
            ["2023-02-20T10:00", "2023-02-20T24:00Z"],
        ),
        ("UtcTime", ["2023-02-20T10:00:00Z"], ["2023-02-20T10:00:00+00:00"]),
        ("TradeId", ["a b", " ", "ü", "👍", "#/%"], ["", "a\nb", "\u00a0", "\u202e", "\u2028", "\0", "x" * 129]),
        (
            "NewTradeId",
            ["a b", "a  b", "ü", "👍", "#/%", "x" * 128],
            [
                "",
                " ",
                " a",
                "a ",
                "a\ufe0f",
                "\u034f",
                "\U000e0100",
                "\u3164",
                "\u2800",
                "\u00a0",
                "a\u200bb",
                "\0",
                "x" * 129,
            ],
        ),
        (
            "QuarterHour",
            ["2026-06-15T10:15:00Z", "2026-06-15T10:15:00.00+02:00", "2026-06-15t10:15z"],
            ["2026-06-15T10:07:00Z", "2026-06-15T10:15:00", "2026-06-15T10:15:01Z", "2026-06-15T24:00:00Z"],
        ),
        (
            "NewMegawatts",
            ["0.1", "5.0", "0.001", "99999", "99999.000", "10"],
            ["0", "0.000", "-1", "99999.001", "100000", "1.0000", "01", ".5", "1.", "1e3", "1,5", "+1", "\u0661"],
        ),
        (
            "NewEurPerMwh",
            ["50", "-0.00", "-0.5", "99999.99"],
            ["50.005", "100000", "1e2", "5.", "+5", "--5", ""],
        ),
        ("Area", ["10YDE-RWENET---I"], ["10yde-rwenet---i", "AMP", "10YDE-RWENET---"]),
        ("Strategy", ["bot:1", "a" * 32], ["", "a/b", "a" * 33, "a b"]),
        ("Remark", ["", "für EEG ", "x" * 64], ["a\nb", "\u202ea", "x" * 65, "\u00a0"]),
    ],
)
def test_patterns_say_what_the_book_does(schema: str, good: list[str], bad: list[str]) -> None:
    assert [text for text in good if not is_valid(schema, text)] == []
    assert [text for text in bad if is_valid(schema, text)] == []
