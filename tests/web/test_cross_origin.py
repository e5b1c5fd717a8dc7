"""Pages of the allowed origins may use the API, others may not, and without such origins nothing changes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import yaml
from chalice.local import LambdaContext

from app import app
from chalicelib.common import once
from chalicelib.web.cross_origin import EXPOSED, HEADERS, METHODS
from infra import ROOT
from tests.fixtures.api import new_gateway, password_of
from tests.fixtures.api_client import Answer, Client, is_error

DESK, OTHER = "https://desk.example.com", "https://tools.example.com:8443"
FOREIGN = ("https://evil.example", "https://desk.example.com.evil.example", "http://desk.example.com", "null", "*", "")
ASKS = {"Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "authorization"}
READABLE_ANYWAY = {"Cache-Control", "Content-Length", "Content-Type"}
OF_PAGES = {"Content-Security-Policy", "Location", "Vary"}
"""Headers that a browser acts on and no script reads."""
Send = Callable[..., Answer]


@pytest.fixture(params=["on one machine", "on Lambda"])
def send(request: pytest.FixtureRequest, stage: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Send]:
    """Sends a request, from a page of an origin, to the gateway of one machine or to the handler of Lambda."""
    monkeypatch.setenv("VOLTBOOK_ALLOWED_ORIGINS", f"{DESK},{OTHER}")
    once.reset()
    admin = Client(new_gateway()).logged_in("admin", password_of("admin"))
    yield admin.send if request.param == "on one machine" else send_to_lambda
    once.reset()


def send_to_lambda(method: str, target: str, body: bytes = b"", headers: dict[str, str] | None = None) -> Answer:
    path, _, query = target.partition("?")
    event = {
        "requestContext": {
            "httpMethod": method,
            "resourcePath": path,
            "path": path,
            "requestId": "r",
            "identity": {"sourceIp": "127.0.0.1"},
            "authorizer": {"caller": json.dumps(["admin", "admin", None, "a seal"])},
        },
        "headers": headers or {},
        "multiValueQueryStringParameters": {k: [v] for k, v in [one.split("=") for one in query.split("&") if one]},
        "pathParameters": {},
        "stageVariables": None,
        "body": body.decode() or None,
    }
    got: Any = app(event, LambdaContext("handler", 128, max_runtime_ms=28_000))
    return Answer(got["statusCode"], {k.lower(): v for k, v in got["headers"].items()}, got["body"].encode())


def cors_headers(answer: Answer) -> dict[str, str]:
    return {name: value for name, value in answer.headers.items() if name.startswith("access-control-")}


@pytest.mark.parametrize("origin", [DESK, OTHER])
@pytest.mark.parametrize("target", ["/v1/trades", "/v1/health"])
def test_a_preflight_of_an_allowed_origin_is_answered(send: Send, origin: str, target: str) -> None:
    answer = send("OPTIONS", target, headers={"Origin": origin, **ASKS})
    assert (answer.status, answer.body) == (204, b"")
    assert cors_headers(answer) == {
        "access-control-allow-origin": origin,
        "access-control-allow-methods": METHODS,
        "access-control-allow-headers": HEADERS,
        "access-control-max-age": "600",
    }
    assert answer.headers["vary"] == "Origin"


@pytest.mark.parametrize("origin", FOREIGN)
def test_a_preflight_of_a_foreign_origin_is_refused(send: Send, origin: str) -> None:
    answer = send("OPTIONS", "/v1/trades", headers={"Origin": origin, **ASKS})
    assert is_error(answer, 405)
    assert (answer.code, cors_headers(answer)) == ("method_not_allowed", {})
    assert answer.headers["vary"] == "Origin"


def test_a_response_is_readable_for_pages_of_an_allowed_origin_only(send: Send) -> None:
    target = "/v1/reports/pnl?start_day=2026-06-15&end_day=2026-06-15"
    allowed, foreign, none = (send("GET", target, headers=sent) for sent in ({"Origin": OTHER}, {"Origin": "null"}, {}))
    assert allowed.status == 200, allowed
    assert cors_headers(allowed) == {
        "access-control-allow-origin": OTHER,
        "access-control-expose-headers": EXPOSED,
    }
    assert [cors_headers(answer) for answer in (foreign, none)] == [{}, {}]
    assert {answer.headers["vary"] for answer in (allowed, foreign, none)} == {"Accept, Authorization, Origin"}


@pytest.mark.parametrize(
    ("method", "target", "body", "status"),
    [
        ("GET", "/v1/trades?limit=x", b"", 400),
        ("POST", "/v1/trades", b"{}", 415),
        ("DELETE", "/v1/trades", b"", 405),
    ],
)
def test_an_error_is_readable_too(send: Send, method: str, target: str, body: bytes, status: int) -> None:
    answer = send(method, target, body, {"Origin": DESK})
    assert is_error(answer, status)
    assert answer.headers["access-control-allow-origin"] == DESK


@pytest.mark.parametrize(
    ("target", "login", "status"),
    [
        ("/v1/trades", None, 401),
        ("/v1/trades", "Basic eA==", 401),
        ("/v1/files", "trader", 403),
        ("/v1/none", None, 404),
    ],
)
def test_what_the_local_gateway_refuses_is_readable_too(
    stage: str, monkeypatch: pytest.MonkeyPatch, target: str, login: str | None, status: int
) -> None:
    monkeypatch.setenv("VOLTBOOK_ALLOWED_ORIGINS", DESK)
    once.reset()
    client = Client(new_gateway(), login)
    client = client.logged_in("trader_1", password_of("trader_1")) if login == "trader" else client
    answers = [client.send("GET", target, headers={"Origin": origin}) for origin in (DESK, "https://evil.example")]
    once.reset()
    assert all(is_error(answer, status) for answer in answers)
    assert [cors_headers(answer) for answer in answers] == [
        {"access-control-allow-origin": DESK, "access-control-expose-headers": EXPOSED},
        {},
    ]


@pytest.mark.parametrize("value", ["", " , "])
def test_without_origins_an_origin_changes_nothing(stage: str, monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("VOLTBOOK_ALLOWED_ORIGINS", value)
    once.reset()
    client = Client(new_gateway()).logged_in("desk", password_of("desk"))
    for method, target in (("GET", "/v1/me"), ("GET", "/v1/reports/newest_day"), ("GET", "/"), ("GET", "/v1/none")):
        plain, with_origin = (client.send(method, target, headers=sent) for sent in ({}, {"Origin": DESK}))
        assert without_ids(with_origin) == without_ids(plain)
        assert "Origin" not in plain.headers.get("vary", "")
    assert client.send("OPTIONS", "/v1/me", headers={"Origin": DESK, **ASKS}).status == 405
    once.reset()


def without_ids(answer: Answer) -> Answer:
    headers = {name: value for name, value in answer.headers.items() if name != "content-length"}
    body = answer.body if answer.status == 200 else answer.json | {"request_id": ""}
    return Answer(answer.status, headers, json.dumps(body).encode() if isinstance(body, dict) else body)


def test_every_method_of_a_route_may_be_used() -> None:
    assert {method for methods in app.routes.values() for method in methods} <= set(METHODS.split(", "))


def test_every_header_of_the_contract_is_exposed() -> None:
    contract = yaml.safe_load((ROOT / "chalicelib/web/openapi.yaml").read_text("utf-8"))
    named = set(headers_in(contract))
    assert named
    assert named - READABLE_ANYWAY - OF_PAGES <= set(EXPOSED.split(", "))


def headers_in(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if "description" in part and isinstance(part.get("headers"), dict):
            yield from part["headers"]
        for value in part.values():
            yield from headers_in(value)
    elif isinstance(part, list):
        for value in part:
            yield from headers_in(value)


def test_pages_may_use_every_method_that_a_route_has() -> None:
    assert set(METHODS.split(", ")) == {method for methods in app.routes.values() for method in methods}
