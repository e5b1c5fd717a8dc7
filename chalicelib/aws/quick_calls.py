"""Calls of DynamoDB with less of the SDK's general machinery: the same requests, signatures, retries and errors.

Every reach into the internals of botocore and urllib3 for this is here. `tests/test_patches.py` names the versions that
these were tested with, and fails when another one is pinned.
"""

from __future__ import annotations

import queue
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from hmac import digest
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import urlsplit

from botocore.auth import (  # type: ignore[attr-defined]  # its stubs leave out the private one
    AUTH_TYPE_MAPS,
    SigV4Auth,
    _host_from_url,
)
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ConnectionClosedError, NoCredentialsError, ReadTimeoutError
from urllib3.util.connection import is_connection_dropped

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator

    from botocore.awsrequest import AWSPreparedRequest, AWSRequest
    from botocore.client import BaseClient
    from botocore.httpsession import URLLib3Session
    from urllib3 import HTTPConnectionPool
    from urllib3.connection import HTTPConnection

_SIGNER: Final = "voltbook-v4"
_STAMP: Final = "%Y%m%dT%H%M%SZ"
_END_OF_HEAD: Final = b"\r\n\r\n"
_CHUNK: Final = 65536
_FIRST_FINAL: Final = 200


def quicken(client: BaseClient) -> None:
    """Make the calls of this client quick."""
    of: Any = client
    # botocore 1.44.5 applies the rules of endpoints to each call. Without a resolver it uses the client's own endpoint,
    # which the same rules chose.
    of._ruleset_resolver = None  # noqa: SLF001 - there is no public way
    # botocore 1.44.5 prepares a request a second time to sign it, and derives a key that is the same all day.
    AUTH_TYPE_MAPS[_SIGNER] = _Signer
    of.meta.events.register("choose-signer.dynamodb.*", _choose_signer, unique_id=_SIGNER)
    # botocore 1.44.5 and urllib3 2.8.0 take half a millisecond to pass a request to a connection that is open.
    endpoint = of._endpoint  # noqa: SLF001 - the same
    endpoint.http_session = _OpenConnections(endpoint.http_session, of.meta.config.read_timeout)


def _choose_signer(signature_version: object, **_: object) -> str | None:
    return _SIGNER if signature_version == "v4" else None


class _Signer(SigV4Auth):
    def add_auth(self, request: AWSRequest) -> None:
        """Sign the host, the type and all headers of AWS, as the SDK does."""
        if self.credentials is None:
            raise NoCredentialsError
        of: Any = request
        headers = of.headers
        stamp = datetime.now(UTC).strftime(_STAMP)
        for name, value in (("X-Amz-Date", stamp), ("X-Amz-Security-Token", self.credentials.token)):
            del headers[name]  # of an attempt before; no error if there is none
            if value:
                headers[name] = value
        del headers["Authorization"]
        signed = {"host": _host_from_url(of.url)}
        for name, value in headers.items():
            if (lower := name.lower()).startswith("x-amz-") or lower == "content-type":
                signed[lower] = value
        names = sorted(signed)
        lines = "".join(f"{name}:{signed[name]}\n" for name in names)
        canonical = "\n".join(
            (of.method, urlsplit(of.url).path or "/", "", lines, ";".join(names), sha256(of.data).hexdigest())
        )
        signer: Any = self
        scope = f"{stamp[:8]}/{signer._region_name}/{signer._service_name}/aws4_request"  # noqa: SLF001 - the class's own
        text = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{sha256(canonical.encode()).hexdigest()}"
        key = _signing_key(self.credentials.secret_key, scope)
        headers["Authorization"] = (
            f"AWS4-HMAC-SHA256 Credential={self.credentials.access_key}/{scope}, SignedHeaders={';'.join(names)}, "
            f"Signature={digest(key, text.encode(), 'sha256').hex()}"
        )


@lru_cache(maxsize=4)
def _signing_key(secret: str, scope: str) -> bytes:
    key = f"AWS4{secret}".encode()
    for part in scope.split("/"):
        key = digest(key, part.encode(), "sha256")
    return key


class _OpenConnections:
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
    path, headers = urlsplit(request.url).path or "/", request.headers
    lines = [f"{request.method} {path} HTTP/1.1", f"Host: {_host_from_url(request.url)}", "Accept-Encoding: identity"]
    lines += [f"{name}: {_text(value)}" for name, value in headers.items()]
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


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value
