"""Input made to break something: always a refusal in the one shape, never a 5xx, and the book as it was."""

from __future__ import annotations

import json
from collections.abc import Iterator
from wsgiref.types import WSGIApplication

import pytest

from app import app
from tests.fakes.trades import FakeBook
from tests.fixtures.api_client import Answer, Client, is_error
from tests.fixtures.hostile_bodies import FIELD_VALUES, GOOD, MORE, NOT_JSON, TOO_LARGE, having, naming
from tests.fixtures.trades import fields

JSON = "application/json"


@pytest.fixture(autouse=True)
def _the_book_stays_as_it_was(admin: Client) -> Iterator[None]:
    yield
    assert admin.get("/v1/trades").json == []


def is_plain(answer: Answer) -> bool:
    """Tell whether an answer can be read by a strict reader, holds no line breaks in headers and is not endless."""
    answer.body.decode("utf-8")
    "".join(texts(answer.json)).encode("utf-8")
    headers = "".join(answer.headers.values())
    return len(answer.body) < 60_000 and headers.isprintable() and headers.isascii()


def texts(value: object) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            yield from (text for pair in value.items() for item in pair for text in texts(item))
        case list():
            yield from (text for item in value for text in texts(item))


@pytest.mark.parametrize("body", TOO_LARGE.values(), ids=TOO_LARGE)
def test_a_body_that_is_too_large_is_refused_as_such(admin: Client, body: bytes) -> None:
    answer = admin.post_body(body)
    assert is_error(answer, 413)
    assert answer.code == "too_large"


@pytest.mark.parametrize("body", NOT_JSON.values(), ids=NOT_JSON)
def test_a_body_that_is_not_one_strict_json_object_is_refused_as_such(admin: Client, body: bytes) -> None:
    answer = admin.post_body(body)
    assert is_error(answer, 400)
    assert answer.code == "invalid_json"
    assert is_plain(answer)


@pytest.mark.parametrize(("name", "raw"), [(name, raw) for name, raws in FIELD_VALUES.items() for raw in raws])
def test_a_value_that_breaks_a_rule_is_refused_under_its_field(admin: Client, name: str, raw: str) -> None:
    answer = admin.post_body(having(name, raw))
    assert is_error(answer, 400)
    assert (answer.code, list(answer.problems)) == ("invalid_trade", [name])
    assert ", got " in answer.problems[name]
    assert len(answer.problems[name]) < 250
    assert is_plain(answer)


@pytest.mark.parametrize("body", MORE.values(), ids=MORE)
def test_a_trade_of_a_wrong_shape_is_refused(admin: Client, body: bytes) -> None:
    answer = admin.post_body(body)
    assert is_error(answer, 400)
    assert answer.code == "invalid_trade"
    assert is_plain(answer)


def test_a_field_named_by_a_lone_surrogate_is_named_in_plain_text(admin: Client) -> None:
    answer = admin.post_body(naming(r'"\ud800": 1'))
    assert is_error(answer, 400)
    assert is_plain(answer)


def test_a_body_full_of_unknown_fields_is_answered_in_full(admin: Client) -> None:
    answer = admin.post_body(b"{" + b",".join(b'"%x":0' % n for n in range(6000)) + b"}")
    assert is_error(answer, 400)
    assert len(answer.problems) == 6008
    assert len(answer.body) < 2_000_000


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "application/xml",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/octet-stream",
        "application/jsonx",
        "application/problem+json",
        "image/png",
        "json",
        "x" * 5000,
        "ä",
        ",",
        "text/plain; application/json",
        "text/plain;charset=application/json",
        "text/plain; x=*/*",
        "text/plain, application/json",
        "*/*",
        "; application/json",
        " ; application/json",
        "application/json x",
    ],
)
def test_a_body_of_another_type_is_refused_as_such(admin: Client, content_type: str) -> None:
    answer = admin.post_body(GOOD.encode(), **{"Content-Type": content_type})
    assert is_error(answer, 415)
    assert answer.code == "unsupported_media_type"


@pytest.mark.parametrize("path", ["/v1/trades", "/v1/prices"])
def test_a_body_without_a_type_is_refused_as_such(admin: Client, path: str) -> None:
    answer = admin.send("POST", path, having("id", '"untyped"'))
    assert is_error(answer, 415)
    assert "Content-Type" in answer.json["message"]
    assert admin.trade("untyped").status == 404


@pytest.fixture(scope="module")
def statuses_of_gets(admin: Client) -> dict[str, int]:
    paths = [path for path, methods in app.routes.items() if "GET" in methods]
    addresses = [path.replace("{file_day}", "2023-02-20").replace("{trade_id}", "none") for path in paths]
    return {address: admin.get(address).status for address in addresses}


@pytest.mark.parametrize("content_type", ["text/plain", "application/xml", "image/png", "json", "", "ä", "x" * 5000])
def test_a_get_is_answered_whatever_type_it_says_it_has(
    admin: Client, content_type: str, statuses_of_gets: dict[str, int]
) -> None:
    for address, status in statuses_of_gets.items():
        answer = admin.send("GET", address, headers={"Content-Type": content_type})
        assert answer.status == status != 415, address
    assert admin.send("HEAD", "/v1/trades", headers={"Content-Type": content_type}).status == 200


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br"])
def test_a_packed_body_is_refused_whatever_its_header_says(admin: Client, encoding: str) -> None:
    answer = admin.post_body(NOT_JSON["gzip"], **{"Content-Encoding": encoding})
    assert is_error(answer, 400)


@pytest.mark.parametrize(
    "headers",
    [
        {"Accept": "image/png"},
        {"Accept": "\xff"},
        {"X-HTTP-Method-Override": "DELETE"},
        {"X-Amzn-Trace-Id": "x" * 8000},
        {"X-Forwarded-For": "👍"},
        {"Cookie": "a=b; " * 1000},
        {"Range": "bytes=0-10"},
        {"If-None-Match": "*"},
        {"Expect": "200-ok"},
        {"Origin": "null"},
    ],
    ids=lambda headers: next(iter(headers)),
)
def test_a_header_nobody_asked_for_changes_nothing(admin: Client, headers: dict[str, str]) -> None:
    answer = admin.send("GET", "/v1/trades", b"", headers)
    assert (answer.status, answer.json) == (200, [])


@pytest.mark.parametrize(
    "target",
    [
        "/v1/trades?",
        "/v1/trades?&&&",
        "/v1/trades?#",
        "/v1/trades/" + "%F0%9F%91%8D" * 129,
        "/v1/trades/" + "x" * 60_000,
        "/v1/trades/%",
        "/v1/trades/%zz",
        "/v1/trades/%25%32%46",
        "/v1/trades/;",
        "/v1/trades/..%2f..%2fetc%2fpasswd",
        "/v1/trades/<script>alert(1)</script>",
        "/v1/trades/${jndi:ldap://x}",
        "/v1/trades/{{7*7}}",
        "/v1/trades/current",
        "/v1/trades/v000001",
        "/v1/trades/a\x7fb",
        "/v1/trades/ä",
        "/v1/trades/\xff\xfe",
        "/v1/trades?" + "a=1&" * 5000,
        "/v1/trades?trader_id=" + "x" * 60_000,
        "/v1/trades?trader_id=%",
        "/v1/trades?trader_id=%zz",
        "/v1/trades?trader_id[]=a",
        "/v1/trades?trader_id=a;limit=1",
        "/v1/trades?limit=1&cursor=%00",
        "/v1/trades?=",
        "/v1/trades?%",
        "/v1/trades?\xff=\xff",
        "/v1/trades?delivery_day=2023-02-28%0d%0aSet-Cookie:%20a=b",
        "/v1/trades/%/history",
        "/v1/trades/history/history",
        "/v1/trades/..%2f..%2fetc%2fpasswd/history",
        "/v1/files/%",
        "/v1/files/%ff",
        "/v1/files/\xff",
        "/v1/files/2023-02-20%00",
        "/v1/files/2023-02-20%0d%0aSet-Cookie:%20a=b",
        "/v1/files/epex_trades_20230220.csv",
        "/v1/files/..%2f..%2fetc%2fpasswd",
        "/v1/files/%ED%A0%80",
        "/v1/files/" + "9" * 60_000,
        "/v1/files?start_day=2000-01-01&end_day=2099-12-31",
        "/v1/files?start_day=2000-01-01",
        "/v1/reports/pnl?start_day=2000-01-01&end_day=2099-12-31",
        "/v1/reports/pnl?start_day=2099-12-31&end_day=2000-01-01",
        "/v1/reports/pnl?trader_id=%F0%9F%91%8D",
        "http://elsewhere.example/v1/trades",
    ],
    ids=lambda target: ascii(target[:60]),
)
def test_an_odd_address_or_query_is_answered_or_refused_but_never_fails(admin: Client, target: str) -> None:
    answer = admin.send("GET", target)
    assert answer.status in {200, 400, 404}
    assert is_plain(answer)
    assert answer.status == 200 or is_error(answer, answer.status)


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("path", ["/v1/health", "/v1/openapi.json", "/v1/trades", "/v1/reports/pnl", "/v1/files"])
def test_a_body_that_nobody_asked_for_never_fails(admin: Client, method: str, path: str) -> None:
    for body in NOT_JSON.values():
        assert admin.send(method, path, body, {"Content-Type": JSON}).status in {200, 400, 405}


ACCEPTED_TYPES = [JSON, "application/json; charset=utf-8", "application/json;charset=UTF-8", "Application/JSON"]


class TestAccepted:
    """What looks odd and is good: refusing it would be a defect as well."""

    @pytest.fixture(autouse=True)
    def book(self, gateway: WSGIApplication, monkeypatch: pytest.MonkeyPatch) -> FakeBook:
        book = FakeBook()
        monkeypatch.setattr("chalicelib.trades.bootstrap.book", lambda: book)
        return book

    @pytest.mark.parametrize("content_type", ACCEPTED_TYPES)
    def test_json_is_named_in_any_way_there_is(self, admin: Client, content_type: str) -> None:
        assert admin.post_body(GOOD.encode(), **{"Content-Type": content_type}).status == 200

    @pytest.mark.parametrize(
        "body",
        [
            b"\r\n\t " + GOOD.encode() + b" \n",
            json.dumps(json.loads(GOOD), indent=4).encode(),
            GOOD.encode().ljust(64 * 1024),
            GOOD.replace("hostile", r"\u0068ostile").encode(),
            GOOD.replace("price", r"pr\u0069ce").encode(),
            GOOD.replace("hostile", r"\ud83d\udc4d").encode(),
            having("price", "-0"),
            having("price", "-999999999999999"),
            having("execution_time", '"2023-02-20T10:00:00-00:00"'),
            having("execution_time", '"1999-12-31T23:59:59-00:01"'),
            having("execution_time", '"2023-02-20t10:00:00z"'),
            having("execution_time", '"2023-02-20T10:00:00.1234567Z"'),
            json.dumps(fields(delivery_day="2024-02-29")).encode(),
            json.dumps(fields(delivery_day="2000-01-01", delivery_hour=0)).encode(),
            json.dumps(fields(delivery_day="2099-12-31", delivery_hour=23)).encode(),
            json.dumps(fields(delivery_day="2025-10-26", delivery_hour=2)).encode(),
            json.dumps(fields(delivery_day="2025-03-30", delivery_hour=3)).encode(),
        ],
        ids=lambda body: ascii(body[:40]),
    )
    def test_what_only_looks_odd_is_booked(self, admin: Client, body: bytes) -> None:
        assert admin.post_body(body).status == 200
