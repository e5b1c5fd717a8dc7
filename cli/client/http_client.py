"""The API of a book: bounded retries, no redirects, and the shape of every answer is checked."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime
from itertools import islice
from typing import Any, Final
from urllib.parse import parse_qsl, quote, urlsplit

import click
import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from chalicelib.common import errors
from chalicelib.common.errors import Problem, Unavailable, VoltbookError
from chalicelib.common.timestamps import format_utc
from cli.client.login import Login
from cli.client.operation import Answer, Route
from cli.output.json import Json
from cli.terminal import say_left_out

PAGE: Final = 5_000
TIMEOUTS: Final = (5.0, 35.0)
"""Seconds to connect and to wait for the answer; API Gateway's limit is 29."""
_UPLOAD_SECONDS: Final = 600.0
_AGAIN: Final = (429, 502, 503, 504)
_BY_STATUS: Final[Mapping[int, type[VoltbookError]]] = {
    400: errors.InvalidRequest,
    401: errors.Unauthenticated,
    403: errors.NotAllowed,
    404: errors.NotFound,
    413: errors.TooLarge,
    429: Unavailable,
}
_FIRST_SERVER_ERROR: Final = 500
_SENT_ONCE: Final = ("/v2/users", "/v2/me/password")
Query = Mapping[str, str]

_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})


def base_of(url: str) -> str:
    """Return the address up to `/v1`; raises UsageError for one that would send the password unencrypted."""
    place = urlsplit(url)
    if place.scheme not in {"http", "https"} or not place.hostname or place.query or place.fragment or "@" in url:
        raise click.BadParameter(f"must be an address such as https://example.com, got {url!r}", param_hint="--api")
    if place.scheme == "http" and place.hostname not in _LOOPBACK:
        message = "must be https: http would send the password unencrypted"
        raise click.BadParameter(message, param_hint="--api")
    return url.rstrip("/").removesuffix("/v1")


@contextmanager
def connected(login: Login, backoff_seconds: float = 0.3) -> Iterator[requests.Session]:
    """Open a session that logs in with every request.

    A POST of a trade and a PUT are retried too, because they change nothing twice; a change of a login is not.
    """

    def authorize(request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = login.authorization()
        return request

    retry = Retry(
        total=3,
        backoff_factor=backoff_seconds,
        status_forcelist=_AGAIN,
        allowed_methods=frozenset({"GET", "POST", "PUT"}),
        raise_on_status=False,
    )
    with requests.Session() as session:
        session.auth = authorize
        session.mount("http://", HTTPAdapter(max_retries=retry))
        session.mount("https://", HTTPAdapter(max_retries=retry))
        for path in _SENT_ONCE:
            session.mount(f"{login.api}{path}", HTTPAdapter())
        yield session


class HttpApi:
    def __init__(self, login: Login, session: requests.Session) -> None:
        self._base = login.api
        self._login = login
        self._session = session
        self._tagged: dict[str, tuple[str, Json]] = {}

    def ask(self, route: Route, arguments: Mapping[str, object]) -> Any:  # noqa: ANN401 - the operation has the type
        in_path = {name: _segment(value) for name, value in arguments.items() if f"{{{name}}}" in route.path}
        others = {name: value for name, value in arguments.items() if name not in in_path}
        path = route.path.format(**in_path)
        if route.body is not None:
            return self._object(self._send(route.method, path, body=route.body(*others.values())))
        query = {name: _text(value) for name, value in others.items() if value is not None}
        if route.answer is Answer.OBJECT:
            return self._newest(path, query)
        if route.answer is Answer.LIST:
            return self._list(self._send("GET", path, query))
        limit = None if "limit" not in query else int(query["limit"])
        return islice(self._pages(path, {**query, "limit": str(min(limit or PAGE, PAGE))}), limit)

    def send_file(self, path: str, query: Query, content: bytes) -> Json:
        """Send the bytes of a file; the answer may also say that what it asks for has only begun (202)."""
        return self._object(self._send("POST", path, query, content=content))

    def send_object(self, path: str, query: Query, body: object) -> Json:
        return self._object(self._send("POST", path, query, body=body))

    def get_object(self, path: str, query: Query) -> dict[str, Any]:
        return dict(self._object(self._send("GET", path, query)))

    def upload(self, url: str, content: bytes) -> None:
        """Put a file to an address that needs no login, and must not see one. The address must be https."""
        place = urlsplit(url)
        if place.scheme != "https" and place.hostname not in _LOOPBACK:
            message = f"offers an address of {place.scheme}, which would send the file unencrypted"
            raise VoltbookError(f"{self._base} {message}")
        try:
            with requests.Session() as without_login:
                without_login.max_redirects = 0
                without_login.auth = _nobody  # else requests sends what ~/.netrc has for the host
                answer = without_login.put(url, data=content, timeout=(TIMEOUTS[0], _UPLOAD_SECONDS))
        except requests.RequestException as error:
            raise Unavailable(f"{urlsplit(url).netloc} cannot be reached: {_cause(error)}") from error
        if answer.status_code != requests.codes.ok:
            raise Unavailable(f"{urlsplit(url).netloc} did not take the file: status {answer.status_code}")

    def _newest(self, path: str, query: Query) -> Json:
        """Return an object; one with an ETag is asked for conditionally the next time."""
        name = f"{path} {query}"
        tag, before = self._tagged.get(name, (None, {}))
        answer = self._send("GET", path, query, tag=tag)
        if answer.status_code == requests.codes.not_modified:
            return before | {"as_of": format_utc(datetime.now(UTC))}
        found = self._object(answer)
        if "ETag" in answer.headers:
            self._tagged[name] = (answer.headers["ETag"], found)
        return found

    def _pages(self, path: str, query: Query) -> Iterator[Json]:
        page: str | None = None
        while True:
            answer = self._send("GET", path, {**query, **({"cursor": page} if page else {})})
            yield from self._list(answer)
            if "Voltbook-Not-Shown" in answer.headers:
                say_left_out()
            page = _next_cursor(answer)
            if page is None:
                return

    def _send(
        self,
        method: str,
        path: str,
        query: Query | None = None,
        body: object = None,
        tag: str | None = None,
        content: bytes | None = None,
    ) -> requests.Response:
        headers = {"If-None-Match": tag} if tag else {}
        headers |= {"Content-Type": "application/octet-stream"} if content is not None else {}
        url = self._base + path
        try:
            answer = self._session.request(
                method,
                url,
                params=query,
                json=body,
                data=content,
                headers=headers,
                timeout=TIMEOUTS,
                allow_redirects=False,
            )
        except requests.RequestException as error:
            raise Unavailable(f"{self._base} cannot be reached: {_cause(error)}") from error
        unchanged = bool(tag) and answer.status_code == requests.codes.not_modified
        if answer.status_code not in {requests.codes.ok, requests.codes.accepted} and not unchanged:
            raise self._refusal(error_of(answer.status_code, answer.content, self._base))
        return answer

    def _refusal(self, error: VoltbookError) -> VoltbookError:
        why = self._login.refusal() if isinstance(error, errors.Unauthenticated) else None
        return error if why is None else errors.Unauthenticated(why)

    def _object(self, answer: requests.Response) -> Json:
        value = _json(answer.content)
        if not isinstance(value, dict):
            raise self._unexpected("an object")
        return value

    def _list(self, answer: requests.Response) -> list[Json]:
        value = _json(answer.content)
        if not isinstance(value, list) or not all(isinstance(element, dict) for element in value):
            raise self._unexpected("a list")
        return value

    def _unexpected(self, expected: str) -> VoltbookError:
        return VoltbookError(f"{self._base} did not answer with {expected} in JSON: is it a Voltbook?")


def _nobody(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _json(body: bytes) -> object:
    """Return what the body holds; None if it is not JSON."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _text(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def _segment(value: object) -> str:
    text = _text(value)
    if text in {"", ".", ".."}:
        raise VoltbookError(f"a URL cannot contain the name {text!r}: use --book")
    return quote(text, safe="")


def _next_cursor(answer: requests.Response) -> str | None:
    # Only the cursor of the link is used: the login must not be sent to another address.
    link = answer.links.get("next", {}).get("url")
    return dict(parse_qsl(urlsplit(link).query)).get("cursor") if link else None


def _cause(error: requests.RequestException) -> str:
    reason = getattr(error.args[0], "reason", None) if error.args else None
    return str(reason or error).rpartition(": ")[2] or type(error).__name__


def error_of(status: int, body: bytes, api: str) -> VoltbookError:
    found = _json(body)
    shape: Mapping[str, Any] = found if isinstance(found, dict) else {}
    message = str(shape.get("message") or f"{api} answered with status {status}")
    kind = Unavailable if status >= _FIRST_SERVER_ERROR else _BY_STATUS.get(status, VoltbookError)
    if kind is Unavailable and (request := shape.get("request_id")):
        message = f"{message} (request {request})"
    given = shape.get("problems")
    problems = [problem for problem in given if isinstance(problem, dict)] if isinstance(given, list) else []
    return kind(message, tuple(Problem(str(problem.get("field")), str(problem.get("message"))) for problem in problems))
