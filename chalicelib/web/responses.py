"""Requests and responses: strict parameters, one shape of errors, one table of status codes."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Final
from urllib.parse import quote, unquote

from chalice import Response
from chalice.app import CaseInsensitiveMapping

from chalicelib.common.delivery import parse_day
from chalicelib.common.errors import (
    AlreadyExists,
    ChangedMeanwhile,
    DamagedHistory,
    ImportUnderWay,
    InvalidRequest,
    NotAllowed,
    NotFound,
    Problem,
    TooLarge,
    Unauthenticated,
    Unavailable,
    VoltbookError,
)
from chalicelib.common.names import is_name
from chalicelib.web import request_log

STATUS: Final[Mapping[type[VoltbookError], int]] = {
    InvalidRequest: 400,
    Unauthenticated: 401,
    NotAllowed: 403,
    NotFound: 404,
    AlreadyExists: 409,
    ChangedMeanwhile: 409,
    ImportUnderWay: 409,
    DamagedHistory: 409,
    TooLarge: 413,
    VoltbookError: 500,
    Unavailable: 503,
}
PLATFORM: Final = {
    400: ("bad_request", "the request cannot be read"),
    401: ("unauthorized", "log in with a user name and password, or a key, that Voltbook knows"),
    403: ("forbidden", "this is not yours to see or do"),
    404: ("not_found", "there is no such address"),
    405: ("method_not_allowed", "this address does not take that method"),
    413: ("too_large", "the body is too large"),
    415: (
        "unsupported_media_type",
        "the body must be sent as application/json (header Content-Type)",
    ),
    429: ("too_many_requests", "these are more requests than the API takes at once; wait a moment and try again"),
    500: ("internal_error", "something went wrong on our side; nothing is lost, try again"),
    503: ("unavailable", "the store did not answer; nothing is lost, try again"),
}
"""Code and message of refusals that come before a view."""
HEADERS: Final = {
    "Content-Type": "application/json",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
}
RETRY_AFTER_SECONDS: Final = 1
FIRST_REFUSAL: Final = 400
MAX_PROBLEMS: Final = 100
"""Named of one query: an answer may not be many times the request, which needs no login on the open routes."""
MAX_BYTES: Final = 5_000_000
"""Lambda limits an answer to 6 MB, with its envelope."""

_SAFE_TYPE: Final = re.compile(r"[ \t]*application/(?:json|octet-stream)[ \t]*(?:[;,]|$)", re.ASCII | re.IGNORECASE)
_HOST: Final = r"([A-Za-z0-9_.-]+|\[[0-9a-fA-F:.]+\])(:[0-9]+)?"

Headers = Mapping[str, str | list[str]]
View = Callable[..., Response]
Reader = Callable[[str], Any]
"""Returns the value of a parameter's text; raises ValueError with what was expected."""


def json_response(value: object, headers: Headers | None = None, status: int = 200) -> Response:
    return rendered(json.dumps(value), headers, status)


def rendered(body: str, headers: Headers | None = None, status: int = 200) -> Response:
    return Response(body, {**HEADERS, **(headers or {})}, status)


def open_route(blueprint: Any, path: str) -> Callable[[View], View]:
    """Register a view that answers GET without a login."""

    def register(view: View) -> View:
        blueprint.route(path, methods=["GET"])(answering(blueprint, view))
        return view

    return register


def answering(blueprint: Any, view: View) -> View:
    """Turn what a view raises into its response; Chalice's middleware never sees it."""

    @functools.wraps(view)
    def answered(**parameters: str) -> Response:
        try:
            return view(**parameters)
        except VoltbookError as error:
            return _refusal(error, request_id(blueprint.current_request))
        except Exception as defect:  # noqa: BLE001 - the edge: the client gets the error shape, the log gets the cause
            request_log.note_defect(defect)
            return _platform_refusal(500, {}, request_id(blueprint.current_request))

    return answered


def uniform_errors(request: Any, get_response: Callable[[Any], Response]) -> Response:
    """Return Chalice's own errors (405, 415, 500) in the shape of ours; middleware."""
    response = get_response(request)
    body = response.body
    if response.status_code >= FIRST_REFUSAL and isinstance(body, dict) and "Code" in body:
        return _platform_refusal(response.status_code, response.headers, request_id(request))
    return response


def require_json(request: Any, get_response: Callable[[Any], Response]) -> Response:
    """Refuse a body that is no JSON and no file, and ignore the Content-Type of a GET; middleware.

    Chalice would check that of a GET too. It takes `text/plain; application/json` and `text/plain; x=*/*` for JSON. A
    page of another origin may send these unasked, and the browser adds a login that was typed into its own prompt. A
    route takes one of both types.
    """
    if request.method == "GET":
        headers = {name: value for name, value in request.headers.items() if name != "content-type"}
        request.headers = CaseInsensitiveMapping(headers)
    elif request.method in {"POST", "PUT"} and not _SAFE_TYPE.match(request.headers.get("content-type", "")):
        return _platform_refusal(415, {}, request_id(request))
    return get_response(request)


def request_id(request: Any) -> str | None:
    identifier = request.context.get("requestId") or getattr(request.lambda_context, "aws_request_id", None)
    return None if identifier is None else str(identifier)


def address_of(request: Any) -> str:
    """Return the requested URL without its query, for a link in this answer only: the client chooses the host.

    Empty without a host, as in a relative link.
    """
    host = request.headers.get("host", "")
    if not re.fullmatch(_HOST, host):
        return ""
    scheme = "http" if request.headers.get("x-forwarded-proto") == "http" else "https"
    return f"{scheme}://{host}{quote(request.context['path'])}"


def status_of(error: VoltbookError) -> int:
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


def query(request: Any, **readers: Reader) -> dict[str, Any]:
    """Return the query parameters in the order of their readers, None for a missing one; raises InvalidRequest."""
    parameters = request.query_params
    given = {name: parameters.getlist(name) for name in parameters} if parameters else {}
    unknown = f"is no parameter here; there are {', '.join(readers) or 'none'}"
    problems = [Problem(name[:60], unknown) for name in given if name not in readers]
    repeated = [name for name, texts in given.items() if name in readers and len(texts) > 1]
    _refuse(problems + [Problem(name, "must be given once") for name in repeated])
    values: dict[str, Any] = dict.fromkeys(readers)
    for name in values:
        try:
            values[name] = readers[name](given[name][0]) if name in given else None
        except ValueError as error:
            problems.append(Problem(name, str(error)))
    _refuse(problems)
    return values


def _refuse(problems: list[Problem]) -> None:
    if problems:
        count = "a problem" if len(problems) == 1 else f"{len(problems)} problems"
        cut = f", the first {MAX_PROBLEMS} are named" if len(problems) > MAX_PROBLEMS else ""
        raise InvalidRequest(f"the query has {count}{cut}", tuple(problems[:MAX_PROBLEMS]))


def as_day(text: str) -> date:
    """Read a day of a query or a path; raises ValueError."""
    try:
        return parse_day(text)
    except ValueError as error:
        raise ValueError(f"{error}, got {text[:60]!r}") from error


def as_name(text: str) -> str:
    """Read an id of a query; raises ValueError."""
    if not is_name(text):
        raise ValueError("must be 1 to 128 printable characters")
    return text


def path_parameter(text: str) -> str:
    """Read an id from the percent-encoded path; raises NotFound if it cannot be one."""
    try:
        name = unquote(text, errors="strict")
    except UnicodeDecodeError:
        name = ""
    if not is_name(name):
        raise NotFound("there is no trade of that id")
    return name


def path_day(name: str, text: str) -> date:
    try:
        return as_day(unquote(text))
    except ValueError as error:
        raise InvalidRequest("the address has a problem", (Problem(name, str(error)),)) from error


def _refusal(error: VoltbookError, request: str | None) -> Response:
    status = status_of(error)
    request_log.note(code=error.code)
    headers: Headers = {"Retry-After": str(RETRY_AFTER_SECONDS)} if status == STATUS[Unavailable] else {}
    return json_response(_error_body(status, error.code, error.message, error.problems, request), headers, status)


def _platform_refusal(status: int, headers: Headers, request: str | None) -> Response:
    code, message = PLATFORM.get(status, PLATFORM[500])
    request_log.note(code=code)
    return json_response(_error_body(status, code, message, (), request), headers, status)


def _error_body(
    status: int, code: str, message: str, problems: tuple[Problem, ...], request: str | None
) -> dict[str, object]:
    body: dict[str, object] = {"status_code": status, "message": message, "code": code}
    if problems:
        body["problems"] = [{"field": problem.field, "message": problem.message} for problem in problems]
    if request is not None:
        body["request_id"] = request
    return body
