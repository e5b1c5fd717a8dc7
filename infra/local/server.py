"""The HTTP server in front of the gateway: waitress, with limits on requests, an orderly close and the API's errors.

Every reach into the internals of waitress and of Chalice's local gateway is here. `tests/test_patches.py` names the
versions that these were tested with (waitress 3.0.2, Chalice 1.34.0), and fails when another one is pinned.
"""

from __future__ import annotations

import errno
import http.client
import json
import logging
import socket
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from chalice.app import Chalice
from chalice.config import Config
from chalice.local import LambdaEventConverter, LocalChalice, LocalGateway, MatchResult, RouteMatcher
from waitress import wasyncore
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser, ParsingError
from waitress.server import create_server
from waitress.task import ErrorTask

from chalicelib.web.responses import PLATFORM
from infra.gateway_responses import error_headers
from infra.local.settings import LOOPBACK, CannotServe

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

access_log = logging.getLogger("infra.local.access")
THREADS = 16
DRAIN_SECONDS = 10.0
# Far over the gateway's own limit: a body between the two is read and answered 413, a larger one is cut off.
_MAX_BODY = 64 * 1024 * 1024
_CONNECTIONS = 900  # at once; below the 1024 files that a process may usually open; further connections wait
RECEIVE_SECONDS = 60
"""For a whole request, and for the pause between two, so that a slow client cannot hold a connection for ever."""
CLEANUP_SECONDS = 5
_POLL_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class Response:
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    request_id: str | None = None
    """Of an answer that the app did not give, and so did not log."""

    @property
    def status_line(self) -> str:
        return f"{self.status} {http.client.responses.get(self.status, 'Unknown')}"


def error_response(
    status: int, headers: Mapping[str, str] | None = None, error: tuple[str, str] | None = None
) -> Response:
    """Return the response, in the API's one error shape, to a request that never reached the app.

    `error` is the code and the message, where they are not those of the status.
    """
    code, message = error or PLATFORM.get(status, PLATFORM[HTTPStatus.BAD_REQUEST])
    request_id = str(uuid.uuid4())
    shape = {"status_code": status, "message": message, "code": code, "request_id": request_id}
    sent = error_headers(status) | dict(headers or {})
    return Response(status, tuple(sent.items()), json.dumps(shape).encode(), request_id)


def keep_a_request_per_thread(app: Chalice) -> None:
    """Make an app keep its current request per thread, as `chalice local` does.

    `Chalice` keeps it in an attribute. `LocalChalice` of the undocumented `chalice.local` does not, and sets up no
    state of its own, so that an existing app can become one.
    """
    app.__class__ = LocalChalice


class Routes(RouteMatcher):
    """The routes of an app. A path without variables is its own route; Chalice parses it and compares it with each."""

    def __init__(self, app: Chalice) -> None:
        super().__init__(list(app.routes))
        self._without_variables = {route for route in app.routes if "{" not in route}

    def match_route(self, url: str) -> MatchResult:
        path, _, query = url.partition("?")
        if path in self._without_variables:
            return MatchResult(path, {}, parse_qs(query, keep_blank_values=True))
        return super().match_route(url)


def gateway_of(app: Chalice, routes: Routes) -> LocalGateway:
    gateway = LocalGateway(app, Config())
    gateway.event_converter = LambdaEventConverter(routes, app.api.binary_types)
    return gateway


class _ErrorTask(ErrorTask):
    """Answers what waitress refuses: invalid HTTP, too large a head, too large a body. Its own texts are plain."""

    request: Any  # a parsed request, and not an error as the stubs have it
    response_headers: list[tuple[str, str]]

    def execute(self) -> None:
        code, most = int(self.request.error.code), self.channel.adj.max_request_header_size
        too_large = code == HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
        error = (PLATFORM[HTTPStatus.BAD_REQUEST][0], f"the head of the request has more than {most} bytes")
        response = error_response(code, error=error if too_large else None)
        access_log.info("a request that was not read %d %s", response.status, response.request_id)
        self.status = response.status_line
        self.response_headers = list(response.headers)
        self.set_close_on_finish()
        self.content_length = len(response.body)
        self.write(response.body)


class _Parser(HTTPRequestParser):
    def parse_header(self, header_plus: bytes) -> None:
        """Refuse what waitress would read in one of two ways, or would end the connection for without an answer."""
        try:
            super().parse_header(header_plus)
        except ValueError as error:  # a URI that `urlsplit` refuses, or a length with too many digits for `int`
            raise ParsingError("the head cannot be read") from error
        # Waitress takes the header away once it goes by it, which it does in HTTP/1.1 only (RFC 9112, 6.1 and 6.3).
        if "TRANSFER_ENCODING" in self.headers or (self.chunked and "CONTENT_LENGTH" in self.headers):
            raise ParsingError("a length and chunks, or chunks in HTTP/1.0")


class _Channel(HTTPChannel):
    parser_class = _Parser
    error_task_class = _ErrorTask

    def handle_read(self) -> None:
        """Read what there is. Only the first byte of a request counts as activity for `channel_timeout`.

        Waitress counts from the last byte, so that a slow client could hold a connection for ever.
        """
        started = None if self.request is None else self.last_activity
        super().handle_read()
        if started is not None and self.request is not None:
            self.last_activity = started


@dataclass(frozen=True, slots=True)
class Server:
    waitress: Any  # its stubs know neither its channels nor its trigger
    sockets: dict[int, Any]
    thread: threading.Thread

    def close(self) -> None:
        """Stop accepting, let running requests finish for DRAIN_SECONDS at most, and close all connections."""
        # Its own `close` also closes the trigger, without which running requests cannot finish.
        self._in_loop(lambda: wasyncore.dispatcher.close(self.waitress))
        deadline = time.monotonic() + DRAIN_SECONDS
        while self._is_busy() and time.monotonic() < deadline:
            time.sleep(_POLL_SECONDS)
        self.waitress.task_dispatcher.shutdown()
        self._in_loop(self._end_loop)
        self.thread.join(DRAIN_SECONDS)
        self.waitress.trigger.close()  # not in the loop, which may work before this thread has pulled the trigger

    def _end_loop(self) -> None:
        """Close all but the trigger: the loop ends when nothing is left in it."""
        self.waitress.trigger.del_channel()
        wasyncore.close_all(self.sockets)

    def _is_busy(self) -> bool:
        channels = list(self.waitress.active_channels.values())
        return any(channel.requests or channel.total_outbufs_len for channel in channels)  # running, or not all sent

    def _in_loop(self, work: Callable[[], object]) -> None:
        self.waitress.trigger.pull_trigger(work)  # sockets may be closed by the thread of the loop only


def reserve(port: int, address: str = LOOPBACK) -> socket.socket:
    """Bind the port before anything is started for it. Raises CannotServe. Port 0 is any free one."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((address, port))
        listener.listen()
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise CannotServe(f"Port {port} is taken by another program; PORT=0 finds a free one.") from error
        raise CannotServe(f"Port {port} cannot be used: {error.strerror}.") from error
    return listener


def serve(application: WSGIApplication, listener: socket.socket) -> Server:
    sockets: dict[int, Any] = {}
    waitress: Any = create_server(
        application,
        map=sockets,
        sockets=[listener],
        threads=THREADS,
        ident=None,
        max_request_body_size=_MAX_BODY,
        connection_limit=_CONNECTIONS,
        channel_timeout=RECEIVE_SECONDS,
        cleanup_interval=CLEANUP_SECONDS,
        clear_untrusted_proxy_headers=False,  # the scheme that a TLS proxy names is in the links; nothing else is read
        asyncore_use_poll=True,  # select knows no file beyond the 1024th
    )
    waitress.channel_class = _Channel
    thread = threading.Thread(target=waitress.run, name="http", daemon=True)
    thread.start()
    return Server(waitress, sockets, thread)
