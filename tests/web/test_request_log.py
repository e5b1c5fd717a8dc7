"""The lines about requests: one each, whatever happens, and nothing of what was sent in any of them."""

from __future__ import annotations

import base64
import io
import json
import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from chalice.local import LambdaContext

from app import app
from chalicelib.common.errors import Unavailable
from chalicelib.web import request_log
from tests.fakes.trades import FakeBook
from tests.fixtures.api import As, new_gateway, password_of
from tests.fixtures.api_client import Client
from tests.fixtures.hostile_bodies import FIELD_VALUES, MORE, NOT_JSON, TOO_LARGE, having
from tests.fixtures.log_lines import Lines, handled_by
from tests.fixtures.trades import fields
from tests.web.test_error_responses import JSON, READS_AND_WRITES, break_the_book

FACTS = {"method", "route", "caller", "role", "status", "outcome", "code", "error", "stack", "milliseconds", "function"}
ALWAYS = {"level", "message", "timestamp", "service", "request_id"}
PASSWORD, PRICE, ID = "an-unusual-password", 73_173_173, "an-unusual-id"


def requests(lines: Lines) -> list[dict[str, Any]]:
    return [line for line in lines() if line["message"] == "request"]


@pytest.fixture
def book(monkeypatch: pytest.MonkeyPatch) -> FakeBook:
    """An empty book for trades that later tests of this module must not meet."""
    book = FakeBook()
    monkeypatch.setattr("chalicelib.trades.bootstrap.book", lambda: book)
    return book


@pytest.mark.parametrize(("method", "target", "body"), [*READS_AND_WRITES, ("GET", "/v1/health", b"")])
def test_a_request_is_one_line_with_user_and_route(
    admin: Client, lines: Lines, book: FakeBook, method: str, target: str, body: bytes
) -> None:
    answer = admin.send(method, target, body, JSON)
    [line] = requests(lines)
    assert (line["method"], line["status"], line["level"]) == (method, answer.status, "INFO")
    assert line["route"] in app.routes
    assert line.get("caller") == (None if target == "/v1/health" else "admin")
    assert line["milliseconds"] >= 0
    assert set(line) <= ALWAYS | FACTS


def test_a_line_names_the_trace_of_its_invocation(admin: Client, lines: Lines, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_X_AMZN_TRACE_ID", "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1")
    admin.get("/v1/me")
    [line] = requests(lines)
    assert line["xray_trace_id"] == "1-5759e988-bd862e3fe1be46a994272793"


def test_a_line_is_one_line_of_ascii_whatever_a_fact_holds() -> None:
    written = io.StringIO()
    with handled_by(logging.StreamHandler(written)), request_log.entry("run", function="f"):
        request_log.note(key="a\nb\u202e\x7fö\ud800", late=[date(2026, 11, 29)], error="%s %d")
    text = written.getvalue()
    assert text.isascii()
    assert text.count("\n") == 1
    line = json.loads(text)
    assert (line["key"], line["late"], line["error"]) == ("a\nb\u202e\x7fö\ud800", ["2026-11-29"], "%s %d")


def test_a_login_by_key_names_the_key_and_never_its_secret(admin: Client, anonymous: Client, lines: Lines) -> None:
    key = admin.post({}, "/v2/users/admin/keys").json
    lines()
    assert replace(anonymous, login=f"Bearer {key['token']}").get("/v1/me").status == 200
    written = lines()
    named = [(line["message"], line["caller"], line["role"], line["key_id"]) for line in written]
    assert named == [("login", "admin", "admin", key["id"]), ("request", "admin", "admin", key["id"])]
    assert key["token"].removeprefix(f"vb_{key['id']}_") not in json.dumps(written)


def test_a_login_by_password_names_no_key(lines: Lines) -> None:
    assert Client(new_gateway()).logged_in("desk", password_of("desk")).get("/v1/me").status == 200
    assert [(line["message"], "key_id" in line) for line in lines()] == [("login", False), ("request", False)]


def test_a_booked_trade_and_its_repetition_differ_in_their_outcomes(
    admin: Client, lines: Lines, book: FakeBook
) -> None:
    assert [admin.post(fields()).status, admin.post(fields()).status] == [200, 200]
    assert [line["outcome"] for line in requests(lines)] == ["booked", "already_there"]


def test_a_refusal_is_one_line_with_its_code_and_the_id_that_was_answered(admin: Client, lines: Lines) -> None:
    answer = admin.post_body(b"{}")
    [line] = requests(lines)
    assert (line["status"], line["code"], line["level"]) == (400, "invalid_trade", "INFO")
    assert line["request_id"] == answer.json["request_id"]


@pytest.mark.parametrize(
    ("method", "headers", "status", "code"),
    [
        ("DELETE", {}, 405, "method_not_allowed"),
        ("POST", {"Content-Type": "text/plain"}, 415, "unsupported_media_type"),
        ("POST", {}, 415, "unsupported_media_type"),
        ("POST", None, 415, "unsupported_media_type"),
    ],
)
def test_what_chalice_itself_refuses_is_one_line_too(
    lines: Lines, method: str, headers: dict[str, str] | None, status: int, code: str
) -> None:
    event = {
        "httpMethod": method,
        "headers": headers,
        "multiValueQueryStringParameters": None,
        "pathParameters": None,
        "body": None,
        "stageVariables": None,
        "isBase64Encoded": False,
        "requestContext": {"httpMethod": method, "resourcePath": "/v1/trades", "requestId": "id-1"},
    }
    answer = app(event, LambdaContext("api", 128, 28_000))
    assert answer["statusCode"] == status
    [line] = lines()
    assert (line["status"], line["code"], line["request_id"]) == (status, code, "id-1")


def test_requests_refused_by_the_gateway_are_lines_of_the_access_log(
    admin: Client, anonymous: Client, lines: Lines, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "infra.local.access")
    answers = [anonymous.get("/v1/trades"), admin.get("/v2"), admin.send("DELETE", "/v1/trades")]
    assert [answer.status for answer in answers] == [401, 404, 405]
    assert requests(lines) == []
    logged = [record.getMessage() for record in caplog.records if record.name == "infra.local.access"]
    assert [line.split()[-1] for line in logged] == [answer.json["request_id"] for answer in answers]


@pytest.mark.parametrize(("method", "target", "body"), READS_AND_WRITES)
def test_an_unexpected_error_is_one_line_with_frames_and_no_message(
    admin: Client, lines: Lines, monkeypatch: pytest.MonkeyPatch, method: str, target: str, body: bytes
) -> None:
    break_the_book(RuntimeError(f"cannot write {PRICE}"), monkeypatch)
    assert admin.send(method, target, body, JSON).status == 500
    [line] = requests(lines)
    assert (line["level"], line["status"], line["error"]) == ("ERROR", 500, "RuntimeError")
    assert line["stack"][0] == "builtins.RuntimeError"
    assert any("chalicelib/" in place and ("/service.py" in place or "/reading.py" in place) for place in line["stack"])
    assert str(PRICE) not in json.dumps(line)


def test_a_store_that_does_not_answer_is_a_warning(
    admin: Client, lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    break_the_book(Unavailable("gone"), monkeypatch)
    admin.get("/v1/trades")
    [line] = requests(lines)
    assert (line["level"], line["status"], line["code"]) == ("WARNING", 503, "unavailable")


def test_an_address_that_must_wait_makes_no_line_of_a_defect(stage: str, lines: Lines) -> None:
    client = Client(new_gateway(), source="203.0.113.77")
    for number in range(12):
        client.logged_in("admin", f"wrong-{number}").get("/v1/me")
    written = lines()
    assert [line["code"] for line in written] == ["unauthorized"] * 10 + ["too_many_attempts"] * 2
    assert {line["level"] for line in written} == {"INFO"}
    assert not [line for line in written if {"error", "stack"} & line.keys()]


def test_a_login_is_one_line_and_names_only_whom_it_proved(stage: str, lines: Lines) -> None:
    newcomer = Client(new_gateway())
    assert newcomer.logged_in("desk", "desk-demo").get("/v1/trades").status == 200
    assert newcomer.logged_in("my-password", "desk").get("/v1/trades").status == 401
    logins = [line for line in lines() if line["message"] == "login"]
    assert [(one["outcome"], one.get("caller"), one["function"]) for one in logins] == [
        ("proved", "desk", "basic_auth"),
        ("refused", None, "basic_auth"),
    ]
    assert all(set(one) <= ALWAYS | FACTS for one in logins)


def test_a_login_that_the_store_could_not_check_is_a_line_with_its_code(
    stage: str, lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chalicelib.access.service.authenticate", _unavailable)
    assert Client(new_gateway()).logged_in("desk", "desk-demo").get("/v1/trades").status == 503
    assert [(line["level"], line["error"], line["code"]) for line in lines()] == [
        ("ERROR", "Unavailable", "unavailable")
    ]


def _unavailable(*_: object) -> None:
    message = "gone"
    raise Unavailable(message)


SECRETS = (PASSWORD, str(PRICE), ID, base64.b64encode(PASSWORD.encode()).decode(), "Basic ", "hostile")
BODIES = [
    *TOO_LARGE.values(),
    *NOT_JSON.values(),
    *MORE.values(),
    *(having(name, raw) for name, raws in FIELD_VALUES.items() for raw in raws),
    *(having(name, json.dumps(f"{ID} {PASSWORD} {PRICE}")) for name in fields()),
    json.dumps(fields(id=ID, price=PRICE)).encode(),
    json.dumps(fields(id=ID, price=PRICE + 1)).encode(),
]


@pytest.mark.parametrize("store", ["works", "is away", "is broken"])
def test_no_line_holds_anything_that_was_sent(
    admin: Client, lines: Lines, book: FakeBook, monkeypatch: pytest.MonkeyPatch, store: str
) -> None:
    if store != "works":
        texts = f"{PASSWORD} {ID} {PRICE}"
        break_the_book(Unavailable(texts) if store == "is away" else RuntimeError(texts), monkeypatch)
    stranger = Client(new_gateway()).logged_in(ID, PASSWORD)
    assert stranger.get("/v1/trades").status == 401
    for body in BODIES:
        admin.post_body(body)
    for target in (f"/v1/trades/{ID}", f"/v1/trades?trader_id={ID}", f"/v1/trades?{PASSWORD}=1", f"/v1/files/{ID}"):
        admin.send("GET", target, headers={"Cookie": PASSWORD, "User-Agent": ID})
    written = lines()
    # The 11 MB are refused by the gateway.
    assert len([line for line in written if line["message"] == "request"]) == len(BODIES) + 4 - 1
    assert all(set(line) <= ALWAYS | FACTS for line in written)
    told = "".join(json.dumps({**line, "request_id": ""}, ensure_ascii=False) for line in written)
    assert [secret for secret in SECRETS if secret in told] == []


def test_requests_at_once_each_have_a_line_of_their_own(as_user: As, lines: Lines, book: FakeBook) -> None:
    names = ["admin", "desk", "importer", "trader_1", "trader_2"] * 12

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda name: as_user(name).trade(f"{name}-has-none"), names))
    written = requests(lines)
    assert sorted(line["caller"] for line in written) == sorted(names)
    assert {line["request_id"] for line in written} == {answer.json["request_id"] for answer in answers}
    assert {(line["status"], line["code"]) for line in written} == {(404, "not_found")}
