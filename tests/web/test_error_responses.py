"""Refusals: one shape whoever refuses, and nothing of the inside in it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import NoReturn

import pytest

from chalicelib.common.csv_records import UnreadableFile
from chalicelib.common.errors import Unavailable, VoltbookError
from chalicelib.web.responses import PLATFORM, STATUS, status_of
from infra.local.engines import Engine
from tests.fixtures.api import As, add_logins, new_gateway, password_of
from tests.fixtures.api_client import Answer, Client, is_error
from tests.fixtures.engines import EngineFactory, forget_connections, use_engine
from tests.fixtures.trades import fields

JSON = {"Content-Type": "application/json"}
SECRET = "arn:aws:dynamodb:eu-central-1:123456789012:table/voltbook-prod-trades"


class _Broken:
    """A store on which every call raises."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def __getattr__(self, name: str) -> object:
        def fail(*_: object, **__: object) -> NoReturn:
            raise self.error

        return fail


def break_the_book(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    for store in ("trades.bootstrap.book", "positions.bootstrap.positions", "feeds.bootstrap.receipts"):
        monkeypatch.setattr(f"chalicelib.{store}", lambda: _Broken(error))


READS_AND_WRITES = [
    ("POST", "/v1/trades", json.dumps(fields()).encode()),
    ("GET", "/v1/trades", b""),
    ("GET", "/v1/trades?limit=1", b""),
    ("GET", "/v1/trades?trader_id=t", b""),
    ("GET", "/v1/trades/t-1", b""),
    ("GET", "/v1/trades/t-1/history", b""),
    ("GET", "/v1/reports/pnl?start_day=2023-02-28", b""),
    ("GET", "/v1/files", b""),
    ("GET", "/v1/files/2023-02-20", b""),
]
DEFECTS = {VoltbookError, UnreadableFile}
"""Errors that nothing lets out: the root, and that of a file as a whole, which becomes a rejected receipt."""


def sample_of(status: int, admin: Client, as_user: As, nobody: Client) -> Answer:
    """An answer of that status."""
    return {
        400: lambda: admin.post_body(b"{}"),
        401: lambda: nobody.get("/v1/trades"),
        403: lambda: as_user("desk").post(fields()),
        404: lambda: admin.trade("nothing"),
        405: lambda: admin.send("DELETE", "/v1/trades"),
        413: lambda: admin.post_body(b" " * 100_000),
        415: lambda: admin.post_body(b"{}", **{"Content-Type": "text/plain"}),
    }[status]()


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 413, 415])
def test_every_refusal_has_the_one_shape(admin: Client, as_user: As, anonymous: Client, status: int) -> None:
    answer = sample_of(status, admin, as_user, anonymous)
    assert is_error(answer, status)
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"
    assert isinstance(answer.json["code"], str)
    assert len(answer.json["request_id"]) >= 8


def test_each_refusal_has_an_id_of_its_own(admin: Client) -> None:
    assert admin.trade("nothing").json["request_id"] != admin.trade("nothing").json["request_id"]


@pytest.mark.parametrize(("method", "target", "body"), READS_AND_WRITES)
def test_an_unexpected_error_is_a_500_without_internals(
    admin: Client, monkeypatch: pytest.MonkeyPatch, method: str, target: str, body: bytes
) -> None:
    break_the_book(RuntimeError(f"no such table {SECRET}"), monkeypatch)
    answer = admin.send(method, target, body, JSON)
    assert is_error(answer, 500)
    assert answer.code == "internal_error"
    assert answer.json["message"] == "something went wrong on our side; nothing is lost, try again"
    assert all(word not in answer.body.decode() for word in ("Traceback", "RuntimeError", SECRET, ".py"))


def test_a_defect_in_the_authorizer_is_a_500_and_no_401(anonymous: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chalicelib.access.bootstrap.directory", lambda: _Broken(RuntimeError(SECRET)))
    answer = anonymous.logged_in("someone", "something").get("/v1/trades")
    assert is_error(answer, 500)
    assert SECRET not in answer.body.decode()


@pytest.mark.parametrize(("method", "target", "body"), READS_AND_WRITES)
def test_a_store_that_does_not_answer_is_a_503_that_asks_to_try_again(
    admin: Client, monkeypatch: pytest.MonkeyPatch, method: str, target: str, body: bytes
) -> None:
    break_the_book(Unavailable("the store did not answer; nothing is lost, try again"), monkeypatch)
    answer = admin.send(method, target, body, JSON)
    assert is_error(answer, 503)
    assert (answer.code, answer.headers["retry-after"]) == ("unavailable", "1")


def test_a_store_that_does_not_answer_during_the_login_is_a_503_too(
    anonymous: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chalicelib.access.bootstrap.directory", lambda: _Broken(Unavailable("gone")))
    answer = anonymous.logged_in("someone", "something").get("/v1/trades")
    assert is_error(answer, 503)
    assert (answer.code, answer.headers["retry-after"]) == ("unavailable", "1")
    assert answer.json["message"] == "the store did not answer; nothing is lost, try again"


@pytest.fixture
def engine(engine_factory: EngineFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """An engine of this test's own, with the logins."""
    own = engine_factory()
    use_engine(own.url, "dying", monkeypatch)
    add_logins()
    yield own
    forget_connections()


def test_an_engine_that_died_is_a_503(engine: Engine) -> None:
    client = Client(new_gateway()).logged_in("admin", password_of("admin"))
    assert client.post(fields()).status == 200
    engine.kill()
    newcomer = Client(new_gateway()).logged_in("desk", password_of("desk"))
    answers = [
        client.post(fields()),
        client.trade("trade-1"),
        client.get("/v1/trades", trader_id="trader_1"),
        client.get("/v1/files"),
        newcomer.get("/v1/trades"),
    ]
    assert [(answer.status, answer.headers.get("retry-after")) for answer in answers] == [(503, "1")] * 5


def test_health_asks_no_store(anonymous: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    break_the_book(Unavailable("gone"), monkeypatch)
    assert anonymous.get("/v1/health").json["status"] == "ok"


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE", "BREW", "get"])
@pytest.mark.parametrize(
    "path",
    [
        "/v1/trades",
        "/v1/trades/t-1",
        "/v1/trades/t-1/history",
        "/v1/reports/pnl",
        "/v1/files",
        "/v1/files/2023-02-20",
        "/v1/health",
        "/v1/openapi.json",
    ],
)
def test_a_method_not_allowed_is_a_405_that_names_the_allowed_ones(admin: Client, method: str, path: str) -> None:
    answer = admin.send(method, path, b"{}", JSON)
    assert is_error(answer, 405)
    assert "GET" in answer.headers["allow"]


@pytest.mark.parametrize(
    "path",
    [
        "/v1",
        "/v1/",
        "/v2/trade",
        "/v1/Trades",
        "/v1/trade",
        "/v1/trades/a/b",
        "/v1/trades/a/history/b",
        "/v1/reports",
        "/v1/reports/pnl/x",
        "/v1/file",
        "/v1/files/2023-02-20/versions",
        "/v1//trades",
        "//v1/trades",
        "/v1/../v1/trades",
        "/v1/%2e%2e/trades",
        "/v1%2Ftrades",
        "/v1/trades%00",
        "/v1/health.json",
        "/%ff",
        "/" + "a" * 5000,
        "/.env",
    ],
)
@pytest.mark.parametrize("name", [None, "admin"])
def test_an_address_that_does_not_exist_is_a_404_with_or_without_a_login(
    anonymous: Client, admin: Client, path: str, name: str | None
) -> None:
    answer = (admin if name else anonymous).send("GET", path)
    assert is_error(answer, 404)
    assert answer.code == "not_found"


def test_head_is_get_without_the_body(anonymous: Client, admin: Client) -> None:
    answer = anonymous.send("HEAD", "/v1/health")
    assert (answer.status, answer.body) == (200, b"")
    assert admin.send("HEAD", "/v1/trades/nothing").status == 404


def every_error(kind: type[VoltbookError] = VoltbookError) -> list[type[VoltbookError]]:
    """The book's errors; what the command adds for itself is none of the API's."""
    ours = [sub for sub in kind.__subclasses__() if sub.__module__.startswith("chalicelib.")]
    return [kind, *(deeper for sub in ours for deeper in every_error(sub))]


@pytest.mark.parametrize("kind", every_error())
def test_every_error_has_one_status_and_a_code_of_its_own(kind: type[VoltbookError]) -> None:
    status = status_of(kind.__new__(kind))
    assert 400 <= status <= 503
    assert (status == 500) is (kind in DEFECTS)
    assert [other for other in every_error() if other.code == kind.code] == [kind]


def test_the_platform_s_codes_and_ours_are_the_same_for_the_same_status() -> None:
    ours = {kind.code: STATUS[kind] for kind in STATUS}
    assert {code: status for status, (code, _) in PLATFORM.items() if code in ours}.items() <= ours.items()
