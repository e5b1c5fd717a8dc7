"""The HTTP server in front of the gateway: waitress, with limits on requests and an orderly close."""

from __future__ import annotations

import errno
import socket
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from waitress.server import create_server

from infra.local.patches import SocketMap, close_all, is_busy, replace_channels, stop_accepting
from infra.local.settings import LOOPBACK

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

THREADS = 16
DRAIN_SECONDS = 10.0
# Far over the gateway's own limit: a body between the two is read and answered 413, a larger one is cut off.
_MAX_BODY = 64 * 1024 * 1024
_CONNECTIONS = 900
"""At once; below the 1024 files that a process may usually open. Further connections wait."""
RECEIVE_SECONDS = 60
"""For a whole request, and for the pause between two, so that a slow client cannot hold a connection for ever."""
CLEANUP_SECONDS = 5
_POLL_SECONDS = 0.02


class PortTaken(Exception):
    """Another program listens on the port; the message is for the operator."""


@dataclass(frozen=True, slots=True)
class Server:
    waitress: Any  # its stubs know neither its channels nor its trigger
    sockets: SocketMap
    thread: threading.Thread

    def close(self) -> None:
        """Stop accepting, let running requests finish for DRAIN_SECONDS at most, and close all connections."""
        stop_accepting(self.waitress)
        deadline = time.monotonic() + DRAIN_SECONDS
        while is_busy(self.waitress) and time.monotonic() < deadline:
            time.sleep(_POLL_SECONDS)
        close_all(self.waitress, self.sockets)
        self.thread.join(DRAIN_SECONDS)


def reserve(port: int, address: str = LOOPBACK) -> socket.socket:
    """Bind the port before anything is started for it. Raises PortTaken. Port 0 is any free one."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((address, port))
        listener.listen()
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise PortTaken(f"Port {port} is taken by another program; PORT=0 finds a free one.") from error
        raise PortTaken(f"Port {port} cannot be used: {error.strerror}.") from error
    return listener


def serve(application: WSGIApplication, listener: socket.socket) -> Server:
    connected: SocketMap = {}
    waitress: Any = create_server(
        application,
        map=connected,
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
    replace_channels(waitress)
    thread = threading.Thread(target=waitress.run, name="http", daemon=True)
    thread.start()
    return Server(waitress, connected, thread)
