"""Starts an engine where nothing else reaches it, and forwards the requests that carry the start's access key.

A program of its own, with the standard library alone, so that it costs the API neither its interpreter lock nor time:

    python -I -S guard.py LISTENER HOST PORT COMMAND...

LISTENER is the file descriptor of a listening socket; HOST and PORT are where COMMAND listens. The key is on stdin.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import hmac
import os
import re
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from typing import Final, NoReturn

_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000
_SIOCSIFFLAGS, _IFF_UP = 0x8914, 1
_PR_SET_PDEATHSIG = 1
_HEAD_BYTES: Final = 65536
_FIRST_HEAD_SECONDS: Final = 10.0
_CHUNK: Final = 65536
_PAUSE_SECONDS: Final = 0.1

_END: Final = b"\r\n\r\n"
_ORIGIN: Final = re.compile(rb"\r\norigin[ \t]*:", re.IGNORECASE)
_SIGNED: Final = re.compile(rb"\r\nauthorization:[ \t]*AWS4-HMAC-SHA256[ \t]+Credential=([^/,\s]+)/", re.IGNORECASE)
_LENGTH: Final = re.compile(rb"\r\ncontent-length:[ \t]*(\d{1,15})[ \t]*\r\n", re.IGNORECASE)
_CHUNKED: Final = re.compile(rb"\r\ntransfer-encoding[ \t]*:", re.IGNORECASE)
_CONNECTION: Final = re.compile(rb"\r\nconnection[ \t]*:[^\r\n]*", re.IGNORECASE)

_MESSAGE: Final = (
    b'{"__type":"UnrecognizedClientException","message":"the local engines answer no web page, and only requests '
    b'signed with the AWS_ACCESS_KEY_ID of this start, which is in stack.json of the data folder"}'
)
REFUSAL: Final = (
    b"HTTP/1.1 403 Forbidden\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s"
    % (len(_MESSAGE), _MESSAGE)
)


@dataclass(frozen=True, slots=True)
class Request:
    """The head of a request that may pass, and the length of its body; None if only its chunks tell.

    Such a request is the last of its connection, so that nothing passes unchecked behind it.
    """

    head: bytes
    length: int | None


def admit(head: bytes, key: bytes) -> Request | None:
    """Return the request if it carries the key and no web page sent it."""
    signed = _SIGNED.search(head)
    if signed is None or not hmac.compare_digest(signed[1], key) or _ORIGIN.search(head):
        return None
    if _CHUNKED.search(head):
        return Request(_CONNECTION.sub(b"", head)[:-2] + b"Connection: close\r\n\r\n", None)
    length = _LENGTH.search(head)
    return Request(head, int(length[1]) if length else 0)


def serve(listener: socket.socket, engine: tuple[str, int], key: bytes) -> NoReturn:
    while True:
        try:
            client, _ = listener.accept()
        except OSError:  # the client left already, or there are too many
            time.sleep(_PAUSE_SECONDS)
            continue
        threading.Thread(target=_forward, args=(client, engine, key), daemon=True).start()


def _forward(client: socket.socket, address: tuple[str, int], key: bytes) -> None:
    """Forward requests until either side ends, or one is refused. Each one is checked."""
    with contextlib.suppress(OSError), contextlib.ExitStack() as stack:
        stack.enter_context(client)
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        client.settimeout(_FIRST_HEAD_SECONDS)
        request, received = _next_request(client, b"", key)
        if request is None:
            return
        client.settimeout(None)
        engine = stack.enter_context(socket.create_connection(address))
        engine.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        answers = threading.Thread(target=_return_answers, args=(engine, client), daemon=True)
        answers.start()
        stack.callback(answers.join)  # which still uses both connections
        stack.callback(_end, engine, socket.SHUT_WR)
        while request is not None:
            received = _send(request, received, client, engine)
            request, received = _next_request(client, received, key)


def _next_request(client: socket.socket, received: bytes, key: bytes) -> tuple[Request | None, bytes]:
    """Return the next request and what was received beyond its head; without one, or after a refusal, None."""
    head, received = _read_head(client, received)
    request = admit(head, key) if head else None
    if head and request is None:
        _refuse(client)
    return request, received


def _read_head(client: socket.socket, received: bytes) -> tuple[bytes, bytes]:
    """Return the next head and what was received beyond it; no head if the client ended or sends too much."""
    while (end := received.find(_END)) < 0:
        data = client.recv(_CHUNK)
        if not data or len(received) > _HEAD_BYTES:
            return b"", b""
        received += data
    end += len(_END)
    return received[:end], received[end:]


def _send(request: Request, received: bytes, client: socket.socket, engine: socket.socket) -> bytes:
    """Send a request with its whole body. Return what was received of the next one."""
    engine.sendall(request.head + received[: request.length])
    if request.length is None:
        _copy(client, engine)
        return b""
    left = request.length - len(received)
    while left > 0:
        data = client.recv(min(left, _CHUNK))
        if not data:
            raise ConnectionError
        engine.sendall(data)
        left -= len(data)
    return received[request.length :]


def _copy(source: socket.socket, target: socket.socket) -> None:
    while data := source.recv(_CHUNK):
        target.sendall(data)


def _return_answers(engine: socket.socket, client: socket.socket) -> None:
    """Copy until the engine ends the connection, which ends it for the client too."""
    with contextlib.suppress(OSError):
        _copy(engine, client)
    _end(client, socket.SHUT_RDWR)


def _refuse(client: socket.socket) -> None:
    """Send the refusal and wait until it was read: to close before the client ended would discard it."""
    client.settimeout(1.0)
    client.sendall(REFUSAL)
    client.shutdown(socket.SHUT_WR)
    for _ in range(16):
        if not client.recv(_CHUNK):
            return


def _end(connection: socket.socket, how: int) -> None:
    with contextlib.suppress(OSError):
        connection.shutdown(how)


def enclose() -> bool:
    """Move this process to a network of its own, where there is only loopback. Return whether the system allows it.

    Sockets that are open stay in the network where they were made, so the listener still serves everybody.
    """
    if sys.platform != "linux":
        return False
    libc = ctypes.CDLL(None)
    # Root may; others need a user namespace too. In it they own nothing, and still open and make files as themselves.
    if libc.unshare(_CLONE_NEWNET) and libc.unshare(_CLONE_NEWNET | _CLONE_NEWUSER):
        return False
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        fcntl.ioctl(control, _SIOCSIFFLAGS, struct.pack("16sh", b"lo", _IFF_UP))
    return True


def _can_enclose() -> bool:
    """Try it in a child: a process that is refused on the way would be left without any network."""
    child = os.fork()
    if child == 0:
        done = False
        with contextlib.suppress(OSError):
            done = enclose()
        os._exit(0 if done else 1)
    return os.waitpid(child, 0)[1] == 0


def _die_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def main() -> int:
    """Serve until the engine ends. Return its exit code."""
    descriptor, host, port, *command = sys.argv[1:]
    key = sys.stdin.buffer.read()
    listener = socket.socket(fileno=int(descriptor))
    if _can_enclose():  # the stack looks, and says if it cannot
        enclose()
    # No thread runs yet, so a function before exec is safe.
    engine = subprocess.Popen(command, stdin=subprocess.DEVNULL, preexec_fn=_die_with_parent)  # noqa: PLW1509
    signal.signal(signal.SIGTERM, lambda *_: engine.terminate())
    threading.Thread(target=serve, args=(listener, (host, int(port)), key), daemon=True).start()
    return engine.wait()


if __name__ == "__main__":
    sys.exit(main())
