"""What the platform itself refuses, in the error shape of every other answer: one shape for one client."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from chalicelib.api.http import HEADERS, PLATFORM
from infra.gateway_responses import CHALLENGE


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer, ready to be written."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    @property
    def status_line(self) -> str:
        try:
            return f"{self.status} {HTTPStatus(self.status).phrase}"
        except ValueError:
            return f"{self.status} Unknown"


def refuse(status: int, headers: Mapping[str, str] | None = None, said: tuple[str, str] | None = None) -> Answer:
    """Gives the answer to a request that never reached the app; `said` is the code and message of its authorizer."""
    code, message = said or PLATFORM.get(status, PLATFORM[HTTPStatus.BAD_REQUEST])
    shape = {"status_code": status, "message": message, "code": code, "request_id": str(uuid.uuid4())}
    challenge = {"WWW-Authenticate": CHALLENGE} if status == HTTPStatus.UNAUTHORIZED else {}
    body = json.dumps(shape).encode()
    return Answer(status, tuple({**HEADERS, **challenge, **(headers or {})}.items()), body)
