"""A client of the API that sends exactly the bytes it is told to, through the gateway and nothing less."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote, unquote_to_bytes, urlencode
from wsgiref.types import WSGIApplication

HOST = "book.example:8000"
ERROR_FIELDS = {"status_code", "message", "code", "problems", "request_id"}


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        assert self.headers["content-type"].startswith("application/json"), self.headers
        return json.loads(self.body)

    @property
    def code(self) -> str:
        return str(self.json["code"])

    @property
    def problems(self) -> dict[str, str]:
        return {problem["field"]: problem["message"] for problem in self.json["problems"]}


@dataclass(frozen=True, slots=True)
class Client:
    """Speaks to the gateway as one login, or as nobody."""

    gateway: WSGIApplication
    login: str | None = None
    source: str = "127.0.0.1"

    def logged_in(self, name: str, password: str) -> Client:
        return replace(self, login=basic(name, password))

    def get(self, path: str, **query: object) -> Answer:
        return self.send("GET", f"{path}?{urlencode(query)}" if query else path)

    def trade(self, trade_id: str) -> Answer:
        return self.get(f"/v1/trades/{quote(trade_id, safe='')}")

    def post(self, fields: object, path: str = "/v1/trades") -> Answer:
        return self.post_body(json.dumps(fields).encode(), path)

    def post_body(self, body: bytes, path: str = "/v1/trades", **headers: str) -> Answer:
        return self.send("POST", path, body, {"Content-Type": "application/json"} | headers)

    def send(self, method: str, target: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Answer:
        given = {**({"Authorization": self.login} if self.login is not None else {}), **(headers or {})}
        return _answer(self.gateway, _environ(method, target, body, given) | {"REMOTE_ADDR": self.source})


def basic(name: str, password: str) -> str:
    """An Authorization header."""
    return "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode("ascii")


def is_error(answer: Answer, status: int) -> bool:
    """Tell whether this is a refusal of that status in the one shape all of them have."""
    shape = answer.json
    told = isinstance(shape["message"], str) and shape["message"] != ""
    return answer.status == status == shape["status_code"] and told and set(shape) <= ERROR_FIELDS


def _environ(method: str, target: str, body: bytes, headers: Mapping[str, str]) -> dict[str, Any]:
    path, _, query = target.partition("?")
    named = {name.upper().replace("-", "_"): value for name, value in headers.items()}
    return {
        "REQUEST_METHOD": method,
        "REQUEST_URI": target,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
        "QUERY_STRING": query,
        "HTTP_HOST": HOST,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        **{name if name == "CONTENT_TYPE" else f"HTTP_{name}": value for name, value in named.items()},
    }


def _answer(gateway: WSGIApplication, environ: dict[str, Any]) -> Answer:
    begun: list[tuple[str, list[tuple[str, str]]]] = []

    def start_response(status: str, headers: list[tuple[str, str]], _: object = None) -> Callable[[bytes], object]:
        begun.append((status, headers))
        return body.append

    body: list[bytes] = []

    body.extend(gateway(environ, start_response))
    ((status, headers),) = begun
    return Answer(int(status.split()[0]), {name.lower(): value for name, value in headers}, b"".join(body))
