"""Clients that mean no good, over real sockets: the server refuses them, stays small, and serves the others meanwhile.

`REQUESTS=10000` sends as many in a row, as `make torture` does.
"""

from __future__ import annotations

import gzip
import json
import os
import re
import socket
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from statistics import median

import pytest
import requests

from chalicelib.access import bootstrap as access_bootstrap
from chalicelib.access.identity import Role
from chalicelib.access.service import add_demo_user
from infra.local.engines import Engine
from tests.fixtures.api_client import basic
from tests.fixtures.engines import forget_connections, use_engine
from tests.fixtures.served_api import Served, served
from tests.fixtures.trades import fields
from tests.infra.running import ADMIN, PATIENCE

REQUESTS = int(os.environ.get("REQUESTS", "1000"))
MEGABYTE = 1_000_000
LOGIN = f"Authorization: {basic(*ADMIN)}\r\n".encode()
POST = b"POST /v1/trades HTTP/1.1\r\nHost: here\r\nContent-Type: application/json\r\n" + LOGIN
OLD_POST = POST.replace(b"HTTP/1.1", b"HTTP/1.0") + b"Connection: keep-alive\r\n"
SMUGGLED = b"GET /v1/me HTTP/1.1\r\nHost: here\r\nConnection: close\r\n" + LOGIN + b"\r\n"


@pytest.fixture(scope="module")
def api(durable_engine: Engine, without_coverage: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with pytest.MonkeyPatch.context() as patch:
        use_engine(durable_engine.url, "sockets", patch)
        add_demo_user("admin", Role.ADMIN, None, access_bootstrap.directory(), access_bootstrap.passwords())
        with served(tmp_path_factory.mktemp("sockets") / "api.log") as api:
            assert api.get("/v1/trades") == []
            yield api
        forget_connections()


def connect(api: Served) -> socket.socket:
    return socket.create_connection(("127.0.0.1", api.port), 30)


def heard(connection: socket.socket) -> bytes:
    """All that comes until the server hangs up, which it may do in the midst of what it is sent."""
    received = b""
    try:
        while part := connection.recv(65536):
            received += part
    except ConnectionError:
        pass
    return received


def statuses(answer: bytes) -> list[int]:
    return [int(status) for status in re.findall(rb"HTTP/1\.[01] (\d{3}) ", answer)]  # no line ends before the second


def seconds_to_answer(api: Served) -> float:
    began = time.monotonic()
    assert requests.get(f"{api.url}/v1/trades?trader_id=nobody", auth=ADMIN, timeout=PATIENCE).json() == []
    return time.monotonic() - began


@pytest.fixture(scope="module")
def alone(api: Served) -> float:
    """Return how long an answer takes while nobody does harm: longer on a machine that does much else."""
    return median(seconds_to_answer(api) for _ in range(10))


def test_hundreds_of_slow_clients_keep_nobody_waiting(api: Served, alone: float) -> None:
    with ExitStack() as stack:
        slow = [stack.enter_context(connect(api)) for _ in range(300)]
        for number, connection in enumerate(slow):
            connection.sendall(POST + b"Content-Length: 1000\r\n\r\n{" if number % 2 else b"GET /v1/me HT")
        took = []
        for _ in range(10):
            for connection in slow:
                connection.sendall(b" ")
            took.append(seconds_to_answer(api))
    assert median(took) < max(1, 10 * alone)


@pytest.mark.parametrize("length", [60 * MEGABYTE, 100 * MEGABYTE])
def test_a_body_of_many_megabytes_is_refused_and_not_held_in_memory(api: Served, alone: float, length: int) -> None:
    before = api.memory()
    with connect(api) as connection:
        connection.sendall(POST + b"Connection: close\r\nContent-Length: %d\r\n\r\n" % length)
        most = sent_in_parts(api, connection, [b"x" * MEGABYTE] * (length // MEGABYTE))
        answer = heard(connection)
    assert statuses(answer) in ([413], [])
    assert most - before < 20 * MEGABYTE
    assert seconds_to_answer(api) < max(10, 10 * alone)


def test_a_body_in_endless_chunks_is_refused_and_not_held_in_memory(api: Served, alone: float) -> None:
    before = api.memory()
    chunk = b"%x\r\n" % MEGABYTE + b"x" * MEGABYTE + b"\r\n"
    with connect(api) as connection:
        connection.sendall(POST + b"Transfer-Encoding: chunked\r\n\r\n")
        most = sent_in_parts(api, connection, [chunk] * 100)
        answer = heard(connection)
    assert statuses(answer) in ([413], [])
    assert most - before < 20 * MEGABYTE
    assert seconds_to_answer(api) < max(10, 10 * alone)


def sent_in_parts(api: Served, connection: socket.socket, parts: list[bytes]) -> int:
    """Send until all is sent or the server hangs up; gives the most memory it held meanwhile."""
    most = 0
    for part in parts:
        try:
            connection.sendall(part)
        except ConnectionError:
            break
        most = max(most, api.memory())
    return most


@pytest.mark.parametrize(
    ("body", "header"),
    [
        (b"[" * 100_000 + b"]" * 100_000, b""),
        (b'{"id":' * 100_000, b""),
        (gzip.compress(b"[" * 50 * MEGABYTE), b"Content-Encoding: gzip\r\n"),
    ],
    ids=["nested lists", "nested objects", "a bomb of gzip"],
)
def test_a_body_that_grows_when_it_is_read_is_refused_and_takes_no_memory(
    api: Served, body: bytes, header: bytes
) -> None:
    before = api.memory()
    with connect(api) as connection:
        connection.sendall(POST + header + b"Connection: close\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        answer = heard(connection)
    assert statuses(answer) in ([400], [413])
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["message"]
    assert api.memory() - before < 20 * MEGABYTE


@pytest.mark.parametrize(
    "request_",
    [
        POST + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + SMUGGLED,
        POST + b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n" + SMUGGLED,
        OLD_POST + b"Transfer-Encoding: chunked\r\n\r\n" + SMUGGLED,
        OLD_POST + b"Transfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n{}" + SMUGGLED,
        POST + b"Transfer-Encoding: xchunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n" + SMUGGLED,
        POST + b"Content-Length: 2\r\nContent-Length: %d\r\n\r\n{}" % (2 + len(SMUGGLED)) + SMUGGLED,
        POST + b"Content-Length: +2\r\n\r\n{}" + SMUGGLED,
        POST + b"Content-Length : 2\r\n\r\n{}" + SMUGGLED,
        POST + b"Transfer-Encoding:\r\n chunked\r\nContent-Length: 2\r\n\r\n{}" + SMUGGLED,
        POST.replace(b"\r\n", b"\n") + b"Content-Length: 2\n\n{}" + SMUGGLED,
        POST + b"X-Mine: 1\nContent-Length: 2\r\n\r\n{}" + SMUGGLED,
        POST + b"X-Mine: \0\r\nContent-Length: 2\r\n\r\n{}" + SMUGGLED,
    ],
    ids=[
        "length and chunks",
        "chunks and length",
        "chunks in HTTP/1.0",
        "chunks and length in HTTP/1.0",
        "unknown coding",
        "two lengths",
        "signed",
        "space",
        "folded",
        "bare LF",
        "one bare LF",
        "NUL",
    ],
)
def test_a_request_whose_end_can_be_read_in_two_ways_ends_the_connection(api: Served, request_: bytes) -> None:
    with connect(api) as connection:
        connection.sendall(request_)
        answer = heard(connection)
    assert len(statuses(answer)) <= 1, "what was hidden in it was answered"
    assert not [status for status in statuses(answer) if status not in {400, 501}]


@pytest.mark.parametrize(
    "request_",
    [
        POST + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n",
        b"GET http://[x HTTP/1.1\r\nHost: here\r\n\r\n",
        b"GET http://a]/ HTTP/1.1\r\nHost: here\r\n\r\n",
    ],
    ids=["long length", "open bracket", "closing bracket"],
)
def test_a_head_that_cannot_be_parsed_is_answered(api: Served, request_: bytes) -> None:
    with connect(api) as connection:
        connection.sendall(request_)
        answer = heard(connection)
    assert statuses(answer) == [400]
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["code"] == "bad_request"


def test_thousands_of_requests_in_a_row_leave_the_server_as_it_was(api: Served) -> None:
    good = fields(id="in-a-row", delivery_day="2024-05-09")
    with requests.Session() as session:

        def send(number: int) -> int:
            one = number % 10
            if one == 0:
                trade = good | {"id": f"row-{number}"}
                return session.post(f"{api.url}/v1/trades", json=trade, auth=ADMIN).status_code
            if one < 3:
                return session.post(f"{api.url}/v1/trades", data=b"[" * number, auth=ADMIN).status_code
            if one < 5:
                return session.get(f"{api.url}/v1/nothing-{number}").status_code
            if one < 7:
                return session.get(f"{api.url}/v1/trades/unknown-{number}", auth=ADMIN).status_code
            return session.get(f"{api.url}/v1/health?n={number}").status_code

        for number in range(200):
            send(number)
        before, threads = api.memory(), api.threads()
        answered = Counter(send(200 + number) for number in range(REQUESTS))
    assert answered.total() == REQUESTS
    assert not [status for status in answered if status >= 500]
    assert answered[200] >= REQUESTS // 10
    assert api.memory() - before < 20 * MEGABYTE
    assert api.threads() == threads
