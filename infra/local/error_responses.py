"""The responses that the platform itself sends in place of the app, in the API's one error shape."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from chalicelib.web.responses import HEADERS, PLATFORM
from infra.gateway_responses import CHALLENGE


@dataclass(frozen=True, slots=True)
class Response:
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    @property
    def status_line(self) -> str:
        try:
            return f"{self.status} {HTTPStatus(self.status).phrase}"
        except ValueError:
            return f"{self.status} Unknown"


def error_response(
    status: int, headers: Mapping[str, str] | None = None, error: tuple[str, str] | None = None
) -> Response:
    """Return the response to a request that never reached the app.

    `error` is the code and the message, where they are not those of the status.
    """
    code, message = error or PLATFORM.get(status, PLATFORM[HTTPStatus.BAD_REQUEST])
    shape = {"status_code": status, "message": message, "code": code, "request_id": str(uuid.uuid4())}
    challenge = {"WWW-Authenticate": CHALLENGE} if status == HTTPStatus.UNAUTHORIZED else {}
    body = json.dumps(shape).encode()
    return Response(status, tuple({**HEADERS, **challenge, **(headers or {})}.items()), body)
