"""The local gateway behaves as API Gateway does, over real HTTP and with an app of the test's own."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from email.message import Message
from io import BytesIO
from types import SimpleNamespace
from typing import Any
from wsgiref.util import setup_testing_defaults

import pytest
from chalice.app import Response

from chalicelib.access.change_counter import note_change
from infra.local import gateway, policies, server
from tests.infra.tiny import Got, ask, ask_raw, asked, tiny_app

ADA = {"Authorization": "Basic ada"}


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    listener = server.reserve(0)
    serving = server.serve(gateway.application(tiny_app()), listener)
    yield listener.getsockname()[1]
    serving.close()


def call(application: Any, address: str, **environ: Any) -> Got:
    """Call the application without a server in between."""
    setup_testing_defaults(environ)
    status: list[str] = []
    headers = Message()

    def start_response(line: str, pairs: list[tuple[str, str]]) -> None:
        status.append(line)
        for name, value in pairs:
            headers[name] = value

    body = b"".join(application({"REQUEST_URI": address, **environ}, start_response))
    return Got(SimpleNamespace(status=int(status[0][:3]), read=lambda: body, headers=headers))


def assert_refused(got: Got, status: int, code: str) -> None:
    assert got.status == status
    assert got.headers["Content-Type"] == "application/json"
    assert {**got.json, "message": "", "request_id": ""} == {
        "status_code": status,
        "code": code,
        "message": "",
        "request_id": "",
    }
    assert got.json["message"]
    assert got.json["request_id"]


@pytest.mark.parametrize("name", ["a%2Fb", "a%23b", "%C3%A4", "a%25b", "a%00b", "a;b=1", "%ED%A0%80", "a%20b", "~a+b"])
def test_a_path_parameter_arrives_percent_encoded(port: int, name: str) -> None:
    got = ask(port, f"/things/{name}")

    assert (got.status, got.json["name"].replace("%3B", ";")) == (200, name)


def test_an_absolute_target_is_its_path(port: int) -> None:
    answer = ask_raw(port, b"GET http://127.0.0.1/things/x HTTP/1.0\r\n\r\n")

    assert answer.startswith(b"HTTP/1.0 200")


def test_repeated_and_empty_query_values_all_arrive(port: int) -> None:
    got = ask(port, "/echo?a=1&a=2&b=&c=%C3%A4+%26")

    assert got.json["query"] == {"a": ["1", "2"], "b": [""], "c": ["ä &"]}


def test_no_query_is_none_as_at_api_gateway(port: int) -> None:
    assert ask(port, "/echo?").json["query"] is None


@pytest.mark.parametrize("address", ["/echo", "/echo?a=1&a=%C3%A4"])
def test_a_query_is_found_where_the_server_keeps_it_out_of_the_address(address: str) -> None:
    got = call(gateway.application(tiny_app()), address, QUERY_STRING="a=1&a=%C3%A4")

    assert got.json["query"] == {"a": ["1", "ä"]}


@pytest.mark.parametrize(("path", "name"), [("a\x1f", "a%1F"), ("a\x7f", "a%7F"), ("a\x20", "a%20"), ("a~", "a~")])
def test_a_path_arrives_in_visible_characters(path: str, name: str) -> None:
    assert call(gateway.application(tiny_app()), f"/things/{path}").json["name"] == name


def test_without_a_length_the_body_is_empty_whatever_follows() -> None:
    following = {"CONTENT_TYPE": "application/json", "wsgi.input": BytesIO(b"GET / HTTP/1.1")}

    assert call(gateway.application(tiny_app()), "/echo", REQUEST_METHOD="POST", **following).json["body"] == ""


def test_a_failure_is_shown_at_the_health_check_only() -> None:
    failing = gateway.application(tiny_app(), lambda: "the disk is full")
    health = call(failing, gateway.HEALTH)

    assert (health.status, health.json["code"], health.json["message"]) == (503, "unavailable", "the disk is full")
    assert health.headers["Retry-After"] == "1"
    assert call(failing, "/echo").status == 200
    assert call(gateway.application(tiny_app()), gateway.HEALTH).status == 404, "the app answers where nothing fails"


def test_a_host_that_is_not_served_is_refused_and_shown_in_part() -> None:
    one_host = gateway.application(tiny_app(), serves=lambda host: host == "127.0.0.1")
    refused = call(one_host, "/echo", HTTP_HOST="x" * 61)

    assert (refused.status, refused.json["code"]) == (403, "forbidden")
    assert f"the name '{'x' * 60}';" in refused.json["message"]
    assert call(one_host, "/echo").status == 200


@pytest.mark.parametrize(
    ("origins", "path", "vary", "allowed"),
    [
        ((), "/nothing", None, None),
        (("https://page.example",), "/nothing", "Origin", "https://page.example"),
        (("https://other.example",), "/nothing", "Origin", None),
        (("https://page.example",), "/shared", "Accept, Origin", None),
    ],
    ids=["no origins", "the gateway's own answer", "another origin", "an answer of the app, which is left alone"],
)
def test_allowed_origins_read_what_the_gateway_answers_itself(
    origins: tuple[str, ...], path: str, vary: str | None, allowed: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = tiny_app()
    app.route("/shared")(lambda: Response("", {"Vary": "Accept, Origin"}))
    monkeypatch.setattr(gateway, "settings", lambda: SimpleNamespace(allowed_origins=origins))
    headers = call(gateway.application(app), path, HTTP_ORIGIN="https://page.example").headers

    assert (headers["Vary"], headers["Access-Control-Allow-Origin"]) == (vary, allowed)


def test_the_log_has_the_milliseconds_of_a_request(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    seconds = iter((2.0, 2.25))
    monkeypatch.setattr(gateway, "time", SimpleNamespace(perf_counter=lambda: next(seconds)))
    caplog.set_level("INFO", "infra.local.access")
    call(gateway.application(tiny_app()), "/echo")

    assert caplog.messages == ["GET /echo 200 250.0 ms"]


@pytest.mark.parametrize("query", ["a=%FF", "a=%ED%A0%80", "a=%00", "%", "a=#b", "=;&&", "a=[", "a=%zz"])
def test_an_odd_query_is_no_server_error(port: int, query: str) -> None:
    assert ask(port, f"/echo?{query}").status == 200


def test_a_text_body_arrives_as_it_is(port: int) -> None:
    got = ask(port, "/echo", "POST", b'{"a": 1}', {"Content-Type": "application/json"})

    assert (got.json["body"], got.json["base64"]) == ('{"a": 1}', False)


def test_a_binary_body_travels_in_base64(port: int) -> None:
    got = ask(port, "/echo", "POST", b"\x00\xff", {"Content-Type": "application/octet-stream"})

    assert (got.json["body"], got.json["base64"]) == ("\x00\xff", True)


def test_a_chunked_body_arrives_whole(port: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("POST", "/echo", iter([b"ab", b"cd"]), {"Content-Type": "application/json"}, encode_chunked=True)
    got = Got(connection.getresponse())
    connection.close()

    assert got.json["body"] == "abcd"


def test_headers_arrive_in_any_case(port: int) -> None:
    assert ask(port, "/echo", headers={"x-MINE": "1"}).json["header"] == "1"


def test_the_scheme_is_named_as_by_api_gateway_and_by_a_tls_proxy(port: int) -> None:
    assert ask(port, "/echo").json["scheme"] == "http"
    assert ask(port, "/echo", headers={"X-Forwarded-Proto": "https"}).json["scheme"] == "https"


def test_head_is_get_without_the_body(port: int) -> None:
    got, get = ask(port, "/things/x", "HEAD"), ask(port, "/things/x")

    assert (got.status, got.body) == (200, b"")
    assert got.headers["Content-Length"] == str(len(get.body))


def test_a_refusal_of_head_has_no_body_either(port: int) -> None:
    got = ask(port, "/nothing", "HEAD")

    assert (got.status, got.body) == (404, b"")


def test_answers_keep_their_status_headers_and_bytes(port: int) -> None:
    got = ask(port, "/odd", headers={"Accept": "application/octet-stream"})

    assert (got.status, got.body) == (201, b"\x00\xff")
    assert got.headers["X-Odd"] == "sp%C3%A4%C5%A5 %E2%98%82"
    assert got.headers.get_all("Set-Cookie") == ["a=1", "b=2"]


def test_an_answer_may_be_empty(port: int) -> None:
    got = ask(port, "/empty")

    assert (got.status, got.body) == (204, b"")


@pytest.mark.parametrize("path", ["/nothing", "//echo", "/things/a/b", "/%", "*"])
@pytest.mark.parametrize("credentials", [{}, ADA, {"Authorization": "Basic \xe4"}])
def test_an_unknown_route_is_404_whoever_asks(port: int, path: str, credentials: dict[str, str]) -> None:
    assert_refused(ask(port, path, headers=credentials), 404, "not_found")


@pytest.mark.parametrize("method", ["DELETE", "OPTIONS", "PATCH", "TRACE"])
def test_a_wrong_method_is_405_and_says_which_are_right(port: int, method: str) -> None:
    got = ask(port, "/echo", method)

    assert_refused(got, 405, "method_not_allowed")
    assert got.headers["Allow"] == "GET, HEAD, POST"


@pytest.mark.parametrize("credentials", [{}, {"Authorization": "Basic eve"}, {"Authorization": "\xff"}])
def test_whoever_is_not_known_is_challenged(port: int, credentials: dict[str, str]) -> None:
    got = ask(port, "/private", headers=credentials)

    assert_refused(got, 401, "unauthorized")
    assert got.headers["WWW-Authenticate"] == 'Basic realm="voltbook", charset="UTF-8"'


def test_a_policy_without_the_route_is_403(port: int) -> None:
    assert_refused(ask(port, "/private", headers={"Authorization": "Basic guest"}), 403, "forbidden")


def test_an_error_tells_the_log_all_and_the_client_nothing(port: int, caplog: pytest.LogCaptureFixture) -> None:
    got = ask(port, "/private", headers={"Authorization": "Basic broken"})

    [logged] = [record for record in caplog.records if record.name == "infra.local.gateway"]
    assert "secret detail" in str(logged.exc_info)

    assert_refused(got, 500, "internal_error")
    assert b"secret" not in got.body


def test_a_store_that_fails_the_authorizer_is_503_with_when_to_try_again(port: int) -> None:
    got = ask(port, "/private", headers={"Authorization": "Basic down"})

    assert_refused(got, 503, "unavailable")
    assert got.headers["Retry-After"] == "1"
    assert b"secret" not in got.body


def test_the_policy_holds_for_every_route_and_is_asked_for_once(port: int) -> None:
    ask(port, "/private", headers=ADA)
    asked.clear()

    assert ask(port, "/private", headers=ADA).json == {"caller": "ada"}
    assert ask(port, "/deeper/private", headers=ADA).json == {"caller": "ada"}
    assert asked == []


@pytest.mark.parametrize(("ttl_seconds", "seconds"), [(60, 60.0), (None, 300.0)], ids=["its own", "API Gateway's"])
def test_a_policy_is_forgotten_after_its_time(ttl_seconds: int | None, seconds: float) -> None:
    now = [0.0]
    original: Any = tiny_app().routes["/private"]["GET"].authorizer
    original.config.ttl_seconds = ttl_seconds
    caching = policies.CachingAuthorizer(original, lambda: now[0])
    asked.clear()
    times = []
    for now[0] in (0.0, seconds - 0.1, seconds):
        caching({"authorizationToken": "Basic ada", "methodArn": ""}, {})
        times.append(len(asked))

    assert times == [1, 1, 2]


def test_a_cached_policy_is_found_without_keeping_the_header() -> None:
    original: Any = tiny_app().routes["/private"]["GET"].authorizer
    caching = policies.CachingAuthorizer(original, lambda: 0.0)
    asked.clear()
    for _ in range(2):
        caching({"authorizationToken": "Basic ada", "methodArn": ""}, {})

    assert asked == ["Basic ada"]
    assert "Basic ada" not in repr(vars(caching))


def test_a_policy_made_while_a_user_was_changed_is_not_cached() -> None:
    original: Any = tiny_app().routes["/private"]["GET"].authorizer
    caching: Any = policies.CachingAuthorizer(original, lambda: 0.0)

    def changed_meanwhile(event: dict[str, Any], context: object) -> Any:
        policy = original(event, context)
        note_change()
        return policy

    caching.original = changed_meanwhile
    asked.clear()
    for _ in range(2):
        caching({"authorizationToken": "Basic ada", "methodArn": ""}, {})

    assert asked == ["Basic ada", "Basic ada"]


def test_the_cache_has_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    original: Any = tiny_app().routes["/private"]["GET"].authorizer
    caching = policies.CachingAuthorizer(original, lambda: 0.0)
    monkeypatch.setattr(policies, "_CACHED_POLICIES", 1)
    for token in ("Basic ada", "Basic guest", "Basic ada"):
        caching({"authorizationToken": token, "methodArn": ""}, {})
        assert len(caching._policies) == 1

    caching._policies |= {b"b": caching._policy("Basic ada", ""), b"c": caching._policy("Basic ada", "")}
    caching({"authorizationToken": "Basic guest", "methodArn": ""}, {})
    assert len(caching._policies) == 1, "also where several threads added theirs at once"


def test_a_body_over_the_limit_is_413(port: int) -> None:
    assert gateway.MAX_BODY == 10 * 1024 * 1024, "API Gateway's own"
    too_large = b"x" * (gateway.MAX_BODY + 1)

    assert_refused(ask(port, "/echo", "POST", too_large, {"Content-Type": "application/json"}), 413, "too_large")


def test_a_body_at_the_limit_is_taken(port: int) -> None:
    got = ask(port, "/echo", "POST", b"x" * gateway.MAX_BODY, {"Content-Type": "application/octet-stream"})

    assert got.status == 200


def test_threads_see_their_own_request(port: int) -> None:
    def sees_itself(number: int) -> bool:
        return bool(ask(port, f"/echo?n={number}").json["query"] == {"n": [str(number)]})

    with ThreadPoolExecutor(16) as clients:
        assert all(clients.map(sees_itself, range(400)))
