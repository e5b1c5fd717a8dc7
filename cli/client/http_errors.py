"""What an API answers when it refuses, as the domain's errors, so that exit codes come from one table."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from chalicelib.domain.errors import (
    InvalidRequest,
    NotAllowed,
    NotFound,
    Problem,
    TooLarge,
    Unauthenticated,
    Unavailable,
    VoltbookError,
)

_BY_STATUS: Final[Mapping[int, type[VoltbookError]]] = {
    400: InvalidRequest,
    401: Unauthenticated,
    403: NotAllowed,
    404: NotFound,
    413: TooLarge,
    429: Unavailable,
}
_FIRST_SERVER_ERROR: Final = 500


def refused(status: int, body: bytes, api: str) -> VoltbookError:
    """Give the error a refusal speaks of, with the API's own words and problems where it has any."""
    said = _shape(body)
    message = str(said.get("message") or f"{api} answered with status {status}")
    kind = Unavailable if status >= _FIRST_SERVER_ERROR else _BY_STATUS.get(status, VoltbookError)
    request = said.get("request_id")
    if kind is Unavailable and request:
        message = f"{message} (request {request})"
    return kind(message, _problems(said.get("problems")))


def _shape(body: bytes) -> Mapping[str, Any]:
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _problems(given: object) -> tuple[Problem, ...]:
    if not isinstance(given, list):
        return ()
    return tuple(Problem(str(one.get("field")), str(one.get("message"))) for one in given if isinstance(one, dict))
