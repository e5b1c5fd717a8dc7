"""Error answers of an API, translated into the domain's errors, so that exit codes come from one table."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from chalicelib.common.errors import (
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


def error_of(status: int, body: bytes, api: str) -> VoltbookError:
    """Return the error of an answer, with the API's message and problems if it has any."""
    shape = _parsed(body)
    message = str(shape.get("message") or f"{api} answered with status {status}")
    kind = Unavailable if status >= _FIRST_SERVER_ERROR else _BY_STATUS.get(status, VoltbookError)
    request = shape.get("request_id")
    if kind is Unavailable and request:
        message = f"{message} (request {request})"
    return kind(message, _problems(shape.get("problems")))


def _parsed(body: bytes) -> Mapping[str, Any]:
    try:
        shape = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return shape if isinstance(shape, dict) else {}


def _problems(given: object) -> tuple[Problem, ...]:
    if not isinstance(given, list):
        return ()
    return tuple(Problem(str(one.get("field")), str(one.get("message"))) for one in given if isinstance(one, dict))
