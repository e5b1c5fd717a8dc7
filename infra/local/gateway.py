"""API Gateway on one machine: a thin WSGI adapter over Chalice's local gateway, for a real server.

Chalice's development server builds a gateway per request, has an error shape per layer and knows no limits;
the routing, the events and the authorizers underneath it are used as they are.
"""

from __future__ import annotations

import base64
import logging
import time
from collections.abc import Callable, Iterable, Mapping
from http import HTTPMethod, HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import quote
from wsgiref.util import is_hop_by_hop

from chalice.app import Chalice
from chalice.config import Config
from chalice.local import LocalChalice, LocalGateway, LocalGatewayException, RouteMatcher

from chalicelib.api.http import RETRY_AFTER_SECONDS
from chalicelib.domain.errors import Unavailable
from infra.local.authorizers import Denied, coming_from, remember_policies
from infra.local.compression import compressed
from infra.local.error_responses import Response, error_response
from infra.local.workers import sentence

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

HEALTH = "/v1/health"
MAX_BODY = 10 * 1024 * 1024  # API Gateway's payload limit, bytes
_VISIBLE = "".join(map(chr, range(0x20, 0x7F)))
# `;` and `#` mean something to the URL parser underneath, and nothing to API Gateway.
_KEPT_IN_PATH = "".join(sorted(set(_VISIBLE) - set(' ;#?"<>\\^`{|}')))
_KEPT_IN_QUERY = _KEPT_IN_PATH + ";?"

_log = logging.getLogger(__name__)
access_log = logging.getLogger("infra.local.access")


def application(app: Chalice, ended: Callable[[], list[str]] = list) -> WSGIApplication:
    """Gives the WSGI application that serves a Chalice app as API Gateway would.

    Where threads of the stack ended by themselves, `ended` names them and the health check is refused.
    """
    # Chalice keeps the current request in a plain attribute; this class of its own keeps one a thread.
    app.__class__ = LocalChalice
    remember_policies(app)
    gateway = LocalGateway(app, Config())
    matcher = RouteMatcher(list(app.routes))

    def serve(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        started = time.perf_counter()
        path, query = _target(environ)
        answer = _unwell(path, ended()) or _answer(gateway, _methods(app, matcher, path), (path, query), environ)
        answer = compressed(answer, environ.get("HTTP_ACCEPT_ENCODING"))
        body = b"" if environ["REQUEST_METHOD"] == HTTPMethod.HEAD else answer.body
        start_response(answer.status_line, [*answer.headers, ("Content-Length", str(len(answer.body)))])
        milliseconds = (time.perf_counter() - started) * 1000
        access_log.info("%s %s %d %.1f ms", environ["REQUEST_METHOD"], path, answer.status, milliseconds)
        return [body] if body else []

    return serve


def _unwell(path: str, ended: list[str]) -> Response | None:
    if path != HEALTH or not ended:
        return None
    again = {"Retry-After": str(RETRY_AFTER_SECONDS)}
    return error_response(HTTPStatus.SERVICE_UNAVAILABLE, again, error=(Unavailable.code, sentence(ended)))


def _answer(
    gateway: LocalGateway, methods: frozenset[str], target: tuple[str, str], environ: WSGIEnvironment
) -> Response:
    if not methods:
        return error_response(HTTPStatus.NOT_FOUND)
    method = _method(environ["REQUEST_METHOD"], methods)
    if method not in methods:
        return error_response(HTTPStatus.METHOD_NOT_ALLOWED, {"Allow": ", ".join(sorted(methods))})
    length = int(environ.get("CONTENT_LENGTH") or 0)
    if length > MAX_BODY:
        return error_response(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    body = environ["wsgi.input"].read(length) if length else None
    with coming_from(environ.get("REMOTE_ADDR", "")):
        return _handled(lambda: gateway.handle_request(method, _joined(target), _headers(environ), body))


def _handled(handle: Callable[[], Mapping[str, Any]]) -> Response:
    try:
        return _translated(handle())
    except Denied as denied:
        return error_response(HTTPStatus.FORBIDDEN, error=(denied.code, denied.message))
    except LocalGatewayException as refused:
        return error_response(refused.CODE)
    except Unavailable:  # of the authorizer: views turn theirs into this answer themselves
        return error_response(HTTPStatus.SERVICE_UNAVAILABLE, {"Retry-After": str(RETRY_AFTER_SECONDS)})
    except Exception:  # noqa: BLE001 - see below
        # The edge of the process: the client gets the one error shape, the log the traceback.
        _log.exception("a request failed")
        return error_response(HTTPStatus.INTERNAL_SERVER_ERROR)


def _target(environ: WSGIEnvironment) -> tuple[str, str]:
    """Gives path and query as API Gateway hands them on: percent-encoded still, and always ASCII."""
    raw = environ["REQUEST_URI"]
    if not raw.startswith("/"):  # the absolute form, which clients of proxies send
        raw = "/" + raw.partition("://")[2].partition("/")[2]
    path, asks, query = raw.partition("?")
    if not asks:  # some servers and test clients keep the query out of REQUEST_URI
        query = environ.get("QUERY_STRING", "")
    return quote(path, _KEPT_IN_PATH, "latin-1"), quote(query, _KEPT_IN_QUERY, "latin-1")


def _joined(target: tuple[str, str]) -> str:
    path, query = target
    return f"{path}?{query}" if query else path


def _methods(app: Chalice, matcher: RouteMatcher, path: str) -> frozenset[str]:
    """Gives what a path can be asked; nothing for a path that is not there."""
    if path.startswith("//"):  # the matcher would take the first part for a host name
        return frozenset()
    try:
        methods = frozenset(app.routes[matcher.match_route(path).route])
    except ValueError:
        return frozenset()
    return methods | {HTTPMethod.HEAD.value} if HTTPMethod.GET in methods else methods


def _method(asked: str, methods: frozenset[str]) -> str:
    """Gives the method whose view answers: HEAD is GET without the body."""
    return HTTPMethod.GET.value if asked == HTTPMethod.HEAD and HTTPMethod.GET in methods else asked


def _headers(environ: WSGIEnvironment) -> dict[str, str]:
    headers = {name[5:]: value for name, value in environ.items() if name.startswith("HTTP_")}
    headers |= {name: environ[name] for name in ("CONTENT_TYPE", "CONTENT_LENGTH") if environ.get(name)}
    headers.setdefault(
        "X_FORWARDED_PROTO", environ["wsgi.url_scheme"]
    )  # as API Gateway says it, or a proxy before this
    return {name.replace("_", "-").lower(): value for name, value in headers.items()}


def _translated(response: Mapping[str, Any]) -> Response:
    headers = [(name, value) for name, value in response["headers"].items()]
    for name, values in response["multiValueHeaders"].items():
        headers += [(name, value) for value in values]
    sendable = tuple((name, _sendable(str(value))) for name, value in headers if _is_ours(name))
    return Response(int(response["statusCode"]), sendable, _body(response))


def _is_ours(name: str) -> bool:
    """Tells whether a header is the app's to set: the connection and the length are the server's."""
    return not is_hop_by_hop(name) and name.lower() != "content-length"


def _sendable(value: str) -> str:
    """A header is visible ASCII on the wire; anything else would end in the middle of the answer."""
    return quote(value, _VISIBLE, errors="replace")


def _body(response: Mapping[str, Any]) -> bytes:
    body = response["body"]
    if response.get("isBase64Encoded"):
        return base64.b64decode(body)
    return body if isinstance(body, bytes) else str(body or "").encode(errors="replace")
