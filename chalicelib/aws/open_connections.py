"""Requests over connections that the SDK's session has open, which take it half a millisecond each.

Every reach into the internals of botocore and urllib3 for this is here. `tests/test_patches.py` names the versions that
these were tested with, botocore 1.44.5 and urllib3 2.8.0, and fails when another one is pinned.
"""

from __future__ import annotations

import queue
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import urlsplit

from botocore.auth import _host_from_url  # type: ignore[attr-defined]  # its stubs leave it out
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.exceptions import ConnectionClosedError, ReadTimeoutError
from urllib3.util.connection import is_connection_dropped

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator

    from botocore.httpsession import URLLib3Session
    from urllib3 import HTTPConnectionPool
    from urllib3.connection import HTTPConnection

_END_OF_HEAD: Final = b"\r\n\r\n"
_CHUNK: Final = 65536
_FIRST_FINAL: Final = 200


@lru_cache(maxsize=4)
def place_of(url: str) -> tuple[str, str]:
    """Return host and path as a request names them."""
    return _host_from_url(url), urlsplit(url).path or "/"


class OpenConnections:
    """Sends over open connections of the SDK's own session, which opens them: with its TLS, proxies and limits."""

    def __init__(self, session: URLLib3Session, read_timeout: float) -> None:
        self._session: Any = session
        self._read_timeout = read_timeout
        self._pools: dict[str, HTTPConnectionPool] = {}

    def send(self, request: AWSPreparedRequest) -> AWSResponse:
        pool = self._pools.get(request.url)
        connection: Any = pool and _open_connection(pool)
        if pool is None or connection is None:
            response: AWSResponse = self._session.send(request)
            self._note_pool(request.url)
            return response
        keep = False
        try:
            connection.sock.settimeout(self._read_timeout)
            answer = _exchange(connection.sock, request)
            keep = answer.keep
        except TimeoutError as error:
            raise ReadTimeoutError(endpoint_url=request.url, error=error) from error
        except OSError as error:
            raise ConnectionClosedError(endpoint_url=request.url, error=error, request=request) from error
        finally:
            if not keep:
                connection.close()  # the pool opens it again
            pool._put_conn(connection)  # noqa: SLF001 - there is no public way
        headers: Any = answer.headers  # which the SDK makes its own of
        return AWSResponse(request.url, answer.status, headers, _Body(answer.body))

    def close(self) -> None:
        self._pools.clear()
        self._session.close()

    def _note_pool(self, url: str) -> None:
        session = self._session
        if url not in self._pools and not session._proxy_config.proxy_url_for(url):  # noqa: SLF001 - a proxy has its own form
            self._pools[url] = session._get_connection_manager(url).connection_from_url(url)  # noqa: SLF001 - the same


def _open_connection(pool: HTTPConnectionPool) -> HTTPConnection | None:
    """Take an open connection out of a pool; None if it has none."""
    try:
        connection: HTTPConnection | None = (
            pool.pool.get(block=False) if pool.pool else None
        )  # a closed pool has no queue
    except queue.Empty:
        return None
    if connection is not None and connection.sock is not None and not is_connection_dropped(connection):
        return connection
    pool._put_conn(connection)  # noqa: SLF001 - there is no public way
    return None


class _Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes
    keep: bool


class _Body:
    """What the SDK reads a body from."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self) -> Iterator[bytes]:
        yield self._body


def _exchange(connection: socket.socket, request: AWSPreparedRequest) -> _Answer:
    """Send a request and read its answer, which has a length. Raises OSError."""
    host, path = place_of(request.url)
    lines = [f"{request.method} {path} HTTP/1.1", f"Host: {host}", "Accept-Encoding: identity"]
    lines += [f"{name}: {value}" for name, value in request.headers.items()]
    body: Any = request.body
    connection.sendall("\r\n".join(lines).encode("latin-1") + _END_OF_HEAD + body)
    received = b""
    while (end := received.find(_END_OF_HEAD)) < 0:
        received += _receive(connection)
    first, *fields = received[:end].decode("latin-1").split("\r\n")
    answered = {name: value.strip() for name, _, value in (field.partition(":") for field in fields)}
    lower = {name.lower(): value for name, value in answered.items()}
    status, length = first[9:12], lower.get("content-length", "")
    if not (first.startswith("HTTP/1.1 ") and status.isdigit() and int(status) >= _FIRST_FINAL and length.isdigit()):
        raise ConnectionError("an answer without a length")
    parts, missing = [received[end + len(_END_OF_HEAD) :]], int(length)
    missing -= len(parts[0])
    while missing > 0:
        parts.append(_receive(connection))
        missing -= len(parts[-1])
    keep = missing == 0 and lower.get("connection", "").lower() != "close"
    return _Answer(int(status), answered, b"".join(parts)[: int(length)], keep)


def _receive(connection: socket.socket) -> bytes:
    data = connection.recv(_CHUNK)
    if not data:
        raise ConnectionError("the connection ended within an answer")
    return data
