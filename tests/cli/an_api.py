"""An API on loopback that answers what it is told to."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = tuple[int, object, dict[str, str]]


class Api(ThreadingHTTPServer):
    """Gives its answers one after the other, the last one again and again, and notes what was asked."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers: list[Answer] = []
        self.asked: list[str] = []
        self.bodies: list[bytes] = []
        self.logins: list[str | None] = []
        self.types: list[str | None] = []
        self.conditions: list[str | None] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def will_answer(self, status: int, body: object, **headers: str) -> None:
        self.answers.append((status, body, headers))


class _Handler(BaseHTTPRequestHandler):
    server: Api

    def do_GET(self) -> None:
        api = self.server
        api.asked.append(f"{self.command} {self.path}")
        api.logins.append(self.headers["Authorization"])
        api.types.append(self.headers["Content-Type"])
        api.conditions.append(self.headers["If-None-Match"])
        api.bodies.append(self.rfile.read(int(self.headers.get("Content-Length", 0))))
        status, body, headers = api.answers.pop(0) if len(api.answers) > 1 else api.answers[0]
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        for name, value in {"Content-Length": str(len(raw)), "Connection": "close", **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(raw)

    do_POST = do_PUT = do_GET  # noqa: N815 - the standard library's names

    def log_message(self, *_: Any) -> None:
        """Keep the test's output clean."""
