"""The HTTP server refuses what is no HTTP in our words, and closes without cutting anyone off."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from chalice.app import Chalice
from chalice.local import RouteMatcher

from infra.local import gateway, server
from infra.local.settings import CannotServe
from tests.infra.tiny import ask, ask_raw, tiny_app

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    listener = server.reserve(0)
    serving = server.serve(gateway.application(tiny_app()), listener)
    yield listener.getsockname()[1]
    serving.close()


def test_a_path_that_is_not_ascii_is_no_http(port: int) -> None:
    answer = ask_raw(port, "GET /things/ä HTTP/1.0\r\n\r\n".encode())

    assert answer.startswith(b"HTTP/1.0 400")


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"nonsense\r\n\r\n", 400),
        (b"GET /echo HTTP/1.1\r\nbad header\r\n\r\n", 400),
        (b"POST /echo HTTP/1.1\r\nContent-Length: x\r\n\r\n", 400),
        (b"POST /echo HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n", 501),
        (b"POST /echo HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n", 413),
        (b"GET /echo HTTP/1.1\r\nX: %s\r\n\r\n" % (b"a" * 262_144), 431),
    ],
)
def test_what_is_not_http_is_refused_in_the_same_shape_and_logged(
    port: int, request_: bytes, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", server.access_log.name)
    head, _, body = ask_raw(port, request_).partition(b"\r\n\r\n")

    assert f" {status} " in head.split(b"\r\n")[0].decode()
    answer = json.loads(body)
    assert answer["status_code"] == status
    assert f"a request that was not read {status} {answer['request_id']}" in caplog.messages


def test_the_refusal_of_a_head_that_is_too_large_names_the_limit(port: int) -> None:
    answer = ask_raw(port, b"GET /echo HTTP/1.1\r\nX: %s\r\n\r\n" % (b"a" * 262_144))

    assert b"the head of the request has more than 262144 bytes" in answer


def test_the_address_is_the_connection_s_and_no_header_s() -> None:
    seen: list[str] = []

    def application(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        seen.append(environ["REMOTE_ADDR"])
        start_response("200 OK", [])
        return [b""]

    listener = server.reserve(0)
    serving = server.serve(application, listener)
    claims = {"X-Forwarded-For": "203.0.113.1", "Forwarded": "for=203.0.113.1", "X-Real-IP": "203.0.113.1"}
    ask(listener.getsockname()[1], "/", headers=claims)
    serving.close()

    assert seen == ["127.0.0.1"]


def test_closing_may_be_slower_than_the_loop_that_does_it(monkeypatch: pytest.MonkeyPatch) -> None:
    serving = server.serve(gateway.application(tiny_app()), server.reserve(0))
    trigger = serving.waitress.trigger
    pull = trigger._physical_pull

    def pull_late() -> None:
        pull()
        while trigger.thunks:  # until the loop has done what it was given
            time.sleep(0)
        pull()

    monkeypatch.setattr(trigger, "_physical_pull", pull_late)
    serving.close()
    assert not serving.thread.is_alive()


def test_closing_lets_a_request_finish() -> None:
    app, begun, go_on = Chalice("slow", configure_logs=False), socket.socketpair(), socket.socketpair()

    @app.route("/slow")
    def slow() -> dict[str, str]:
        begun[1].send(b"!")
        go_on[1].recv(1)
        return {"finished": "yes"}

    listener = server.reserve(0)
    port = listener.getsockname()[1]
    serving = server.serve(gateway.application(app), listener)
    with ThreadPoolExecutor(2) as threads:
        answer = threads.submit(ask, port, "/slow")
        begun[0].recv(1)
        closed = threads.submit(serving.close)
        go_on[0].send(b"!")

        assert answer.result(10).json == {"finished": "yes"}
        closed.result(10)
    for end in (*begun, *go_on):
        end.close()
    with pytest.raises(ConnectionRefusedError):
        ask(port, "/slow")


@pytest.mark.parametrize(
    "start", [b"GET /echo HTT", b"POST /echo HTTP/1.1\r\nContent-Length: 100000\r\n\r\n"], ids=["head", "body"]
)
def test_a_request_not_whole_in_time_is_closed_though_bytes_still_come(
    start: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "RECEIVE_SECONDS", 1)
    monkeypatch.setattr(server, "CLEANUP_SECONDS", 1)
    listener = server.reserve(0)
    serving = server.serve(gateway.application(tiny_app()), listener)
    with socket.create_connection(listener.getsockname(), 60) as slow:
        slow.sendall(start)
        assert ask(listener.getsockname()[1], "/empty").status == 204

        def until_hung_up() -> None:
            while True:
                slow.sendall(b"x")
                time.sleep(0.05)

        with ThreadPoolExecutor(1) as threads:
            dripping = threads.submit(until_hung_up)
            with suppress(ConnectionError):
                assert slow.recv(1) == b""
            assert isinstance(dripping.exception(60), ConnectionError)
    serving.close()


def test_a_taken_port_is_said_to_be_taken(port: int) -> None:
    with pytest.raises(CannotServe, match=f"Port {port} is taken"):
        server.reserve(port)


ADDRESSES = [
    "/",
    "/echo",
    "/echo/",
    "/echo?",
    "/echo?a=1&a=2&b=",
    "/echo?a=%20b&c=d;e",
    "/things/x",
    "/things/x?y=1",
    "/things/%2F",
    "/things",
    "/things/{name}",
    "/echo/x",
    "/none?x",
]


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_route_is_found_as_chalice_finds_it(address: str) -> None:
    app = tiny_app()

    def found(routes: RouteMatcher) -> object:
        with suppress(ValueError):
            return routes.match_route(address)
        return None

    assert found(server.Routes(app)) == found(RouteMatcher(list(app.routes)))
