"""A small Chalice app and a small HTTP client, to look at the gateway and the server with."""

from __future__ import annotations

import http.client
import json
import socket
from collections.abc import Mapping
from email.message import Message
from typing import Any

from chalice.app import AuthResponse, Chalice, Response

from chalicelib.common.errors import Unavailable

asked: list[str] = []


def tiny_app() -> Chalice:
    tiny = Chalice("tiny", configure_logs=False)
    app: Any = tiny  # whose current request is never None where it is asked for
    app.api.binary_types = ["application/octet-stream"]
    doorman = app.authorizer(ttl_seconds=60)(_doorman)
    for path in ("/private", "/deeper/private"):
        app.route(path, authorizer=doorman)(lambda: _caller(app.current_request))
    app.route("/echo", methods=["GET", "POST"], content_types=["application/json", "application/octet-stream"])(
        lambda: _echo(app.current_request)
    )

    @tiny.route("/things/{name}")
    def thing(name: str) -> dict[str, str]:
        return {"name": name}

    @tiny.route("/odd")
    def odd() -> Response:
        headers: Any = {"X-Odd": "späť ☂", "Connection": "close", "Set-Cookie": ["a=1", "b=2"]}
        return Response(b"\x00\xff", {**headers, "Content-Type": "application/octet-stream"}, 201)

    @tiny.route("/empty")
    def empty() -> Response:
        return Response("", {}, 204)

    return tiny


def _doorman(request: Any) -> AuthResponse:
    asked.append(request.token)
    if request.token == "Basic broken":
        raise RuntimeError("secret detail")
    if request.token == "Basic down":
        raise Unavailable("secret detail")
    if request.token not in {"Basic ada", "Basic guest"}:
        raise Exception("Unauthorized")  # noqa: TRY002 - API Gateway's contract
    routes: list[Any] = ["/private", "/deeper/*"] if request.token == "Basic ada" else []
    return AuthResponse(routes=routes, principal_id="ada", context={"caller": "ada"})


def _caller(request: Any) -> dict[str, str]:
    return {"caller": request.context["authorizer"]["caller"]}


def _echo(request: Any) -> dict[str, Any]:
    query = request.query_params
    return {
        "query": {name: query.getlist(name) for name in query} if query else None,
        "body": request.raw_body.decode("latin-1"),
        "base64": request.to_original_event().get("isBase64Encoded", False),
        "header": request.headers.get("X-Mine"),
        "scheme": request.headers.get("X-Forwarded-Proto"),
    }


class Got:
    """An answer as a client sees it."""

    def __init__(self, answer: Any) -> None:  # an HTTPResponse, or what has its status, its bytes and its headers
        self.status: int = answer.status
        self.body: bytes = answer.read()
        self.headers: Message = answer.headers

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def ask(
    port: int,
    path: str,
    method: str = "GET",
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
) -> Got:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request(method, path, body, headers or {})
        return Got(connection.getresponse())
    finally:
        connection.close()


def ask_raw(port: int, request: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", port), 10) as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        received = b""
        while part := connection.recv(65536):
            received += part
        return received
