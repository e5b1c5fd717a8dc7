"""API Gateway on one machine: a thin WSGI adapter over Chalice's local gateway, for a real server.

Chalice's development server builds a gateway per request, has an error shape per layer and no limits. Its routing, its
events and its authorizers are used as they are. Policies are cached and long responses compressed as API Gateway does.
"""

from __future__ import annotations

import base64
import gzip
import logging
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextvars import ContextVar
from dataclasses import replace
from http import HTTPMethod, HTTPStatus
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote
from wsgiref.util import is_hop_by_hop

from chalice.app import Chalice
from chalice.local import LocalGateway, LocalGatewayException

from chalicelib.common.errors import NotAllowed, Unavailable
from chalicelib.settings import settings
from chalicelib.web.cross_origin import preflight_headers, shared_headers
from chalicelib.web.responses import RETRY_AFTER_SECONDS
from infra.local.policies import Denied, cache_policies, source
from infra.local.server import Response, Routes, access_log, error_response, gateway_of, keep_a_request_per_thread
from infra.local.uploads import Uploads, logged

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

HEALTH: Final = "/v1/health"
MAX_BODY: Final = 10 * 1024 * 1024  # API Gateway's payload limit, bytes
MIN_COMPRESSED_BYTES: Final = 1024  # `minimum_compression_size` of `.chalice/config.json`; a test compares the two
_GZIP_LEVEL = 5  # three quarters of the time of the default level, for one percent more bytes
_VISIBLE = "".join(map(chr, range(0x20, 0x7F)))
# `;` and `#` mean something to the URL parser underneath, and nothing to API Gateway.
_SAFE_IN_PATH = "".join(sorted(set(_VISIBLE) - set(' ;#?"<>\\^`{|}')))
_SAFE_IN_QUERY = _SAFE_IN_PATH + ";?"

_log = logging.getLogger(__name__)
after_response: ContextVar[list[Callable[[], object]] | None] = ContextVar("after_response", default=None)
"""What the thread of a request does when the response has been sent: no client waits for a log."""


def application(
    app: Chalice,
    failure: Callable[[], str | None] = lambda: None,
    serves: Callable[[str], bool] = lambda _host: True,
    uploads: Uploads | None = None,
) -> WSGIApplication:
    """Return the WSGI application that serves a Chalice app as API Gateway would, and S3's part of uploads.

    While `failure` returns a message, the health check answers 503 with it. A host that it does not serve is refused.
    """
    keep_a_request_per_thread(app)
    cache_policies(app)
    routes = Routes(app)
    gateway = gateway_of(app, routes)

    def serve(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        started = time.perf_counter()
        later: list[Callable[[], object]] = []
        after_response.set(later)
        path, query = _target(environ)
        url = f"{path}?{query}" if query else path
        response = (
            _misdirected(environ.get("HTTP_HOST", ""), serves)
            or _unhealthy(path, failure())
            or (uploads and uploads.received(path, environ))
            or _respond(gateway, _methods(app, routes, path), url, environ)
        )
        response = uploads.offered(path, response, environ) if uploads else response
        response = _shared(response, environ)
        response = compress(response, environ.get("HTTP_ACCEPT_ENCODING"))
        body = b"" if environ["REQUEST_METHOD"] == HTTPMethod.HEAD else response.body
        start_response(response.status_line, [*response.headers, ("Content-Length", str(len(response.body)))])
        later.append(lambda: _log_access(environ["REQUEST_METHOD"], path, response, started))
        return _sent(body, later)

    return serve


def _sent(body: bytes, later: list[Callable[[], object]]) -> Iterator[bytes]:
    """Yield the body. When it has been sent, do what was left for then."""
    try:
        yield body
    finally:
        after_response.set(None)
        for work in later:
            work()


def _log_access(method: str, path: str, response: Response, started: float) -> None:
    milliseconds, of_error = (time.perf_counter() - started) * 1000, f" {response.request_id or ''}".rstrip()
    access_log.info("%s %s %d %.1f ms%s", method, logged(path), response.status, milliseconds, of_error)


def compress(response: Response, accepted: str | None) -> Response:
    encoded = any(name.lower() == "content-encoding" for name, _ in response.headers)
    if encoded or len(response.body) < MIN_COMPRESSED_BYTES or not _accepts_gzip(accepted or ""):
        return response
    body = gzip.compress(response.body, _GZIP_LEVEL, mtime=0)
    return replace(response, headers=(*response.headers, ("Content-Encoding", "gzip")), body=body)


def _accepts_gzip(accepted: str) -> bool:
    """Parse Accept-Encoding as in RFC 9110, section 12.5.3: `gzip`, `gzip;q=0.5`; `q=0` excludes it."""
    for coding in accepted.lower().split(","):
        name, _, weight = coding.partition(";")
        if name.strip() in {"gzip", "x-gzip", "*"}:
            return weight.replace(" ", "") not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}
    return False


def _misdirected(host: str, serves: Callable[[str], bool]) -> Response | None:
    if serves(host):
        return None
    message = f"this stack does not answer under the name {host[:60]!r}; ALLOWED_HOSTS adds names"
    return error_response(HTTPStatus.FORBIDDEN, error=(NotAllowed.code, message))


def _unhealthy(path: str, failure: str | None) -> Response | None:
    if path != HEALTH or not failure:
        return None
    retry = {"Retry-After": str(RETRY_AFTER_SECONDS)}
    return error_response(HTTPStatus.SERVICE_UNAVAILABLE, retry, error=(Unavailable.code, failure))


def _respond(gateway: LocalGateway, methods: frozenset[str], url: str, environ: WSGIEnvironment) -> Response:
    if not methods:
        return error_response(HTTPStatus.NOT_FOUND)
    method = environ["REQUEST_METHOD"]
    preflight = preflight_headers(method, environ.get("HTTP_ORIGIN"), settings().allowed_origins)
    if preflight is not None:
        return Response(HTTPStatus.NO_CONTENT, tuple(preflight.items()), b"")
    if method == HTTPMethod.HEAD and HTTPMethod.GET in methods:
        method = HTTPMethod.GET.value
    if method not in methods:
        return error_response(HTTPStatus.METHOD_NOT_ALLOWED, {"Allow": ", ".join(sorted(methods))})
    length = int(environ.get("CONTENT_LENGTH") or 0)
    if length > MAX_BODY:
        return error_response(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    body = environ["wsgi.input"].read(length) if length else None
    source.set(environ.get("REMOTE_ADDR", ""))
    return _handle(lambda: gateway.handle_request(method, url, _headers(environ), body))


def _shared(response: Response, environ: WSGIEnvironment) -> Response:
    """Let pages of the allowed origins read what the gateway answers itself; the app's responses have the headers."""
    headers, origins = dict(response.headers), settings().allowed_origins
    if not origins or "Origin" in headers.get("Vary", "").split(", "):
        return response
    shared = shared_headers(headers, environ.get("HTTP_ORIGIN"), origins)
    return replace(response, headers=(*response.headers, *shared.items()))


def _handle(request: Callable[[], Mapping[str, Any]]) -> Response:
    try:
        return _translate(request())
    except Denied as denied:
        return error_response(HTTPStatus.FORBIDDEN, denied.headers, denied.error)
    except LocalGatewayException as refused:
        return error_response(refused.CODE)
    except Unavailable:  # of the authorizer: views turn theirs into this response themselves
        return error_response(HTTPStatus.SERVICE_UNAVAILABLE, {"Retry-After": str(RETRY_AFTER_SECONDS)})
    except Exception:  # noqa: BLE001 - the edge of the process: the client gets the one error shape, the log the traceback
        _log.exception("a request failed")
        return error_response(HTTPStatus.INTERNAL_SERVER_ERROR)


def _target(environ: WSGIEnvironment) -> tuple[str, str]:
    """Return path and query as API Gateway passes them on: percent-encoded, and always ASCII."""
    raw = environ["REQUEST_URI"]
    if not raw.startswith("/"):  # the absolute form, which clients of proxies send
        raw = "/" + raw.partition("://")[2].partition("/")[2]
    path, question_mark, query = raw.partition("?")
    if not question_mark:  # some servers and test clients keep the query out of REQUEST_URI
        query = environ.get("QUERY_STRING", "")
    return quote(path, _SAFE_IN_PATH, "latin-1"), quote(query, _SAFE_IN_QUERY, "latin-1")


def _methods(app: Chalice, routes: Routes, path: str) -> frozenset[str]:
    """Return the methods of a path; none for an unknown path."""
    if path.startswith("//"):  # the matcher would take the first part for a host name
        return frozenset()
    try:
        methods = frozenset(app.routes[routes.match_route(path).route])
    except ValueError:
        return frozenset()
    return methods | {HTTPMethod.HEAD.value} if HTTPMethod.GET in methods else methods


def _headers(environ: WSGIEnvironment) -> dict[str, str]:
    headers = {name[5:]: value for name, value in environ.items() if name.startswith("HTTP_")}
    headers |= {name: environ[name] for name in ("CONTENT_TYPE", "CONTENT_LENGTH") if environ.get(name)}
    # As API Gateway sets it, unless a TLS proxy in front of this server has.
    headers.setdefault("X_FORWARDED_PROTO", environ["wsgi.url_scheme"])
    return {name.replace("_", "-").lower(): value for name, value in headers.items()}


def _translate(response: Mapping[str, Any]) -> Response:
    headers = [(name, value) for name, value in response["headers"].items()]
    for name, values in response["multiValueHeaders"].items():
        headers += [(name, value) for value in values]
    # The headers of the connection, and the length, are the server's to set.
    own = [(name, value) for name, value in headers if not is_hop_by_hop(name) and name.lower() != "content-length"]
    sendable = tuple((name, _to_ascii(str(value))) for name, value in own)
    return Response(int(response["statusCode"]), sendable, _body(response))


def _to_ascii(value: str) -> str:
    return quote(value, _VISIBLE, errors="replace")  # other characters in a header would break the response


def _body(response: Mapping[str, Any]) -> bytes:
    body = response["body"]
    if response.get("isBase64Encoded"):
        return base64.b64decode(body)
    return body if isinstance(body, bytes) else str(body or "").encode(errors="replace")
