"""Faults between us and DynamoDB, made with botocore's own hooks: the request is real, what comes back is not."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from zlib import crc32

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.exceptions import ReadTimeoutError

from chalicelib.aws.client import connection

Fault = Callable[[AWSPreparedRequest], AWSResponse | None]


def refusal(code: str, status: int = 400, **more: Any) -> Fault:
    """DynamoDB says no and does nothing."""
    body = {"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": "injected", **more}
    return lambda request: answer(request, status, json.dumps(body).encode())


def xml_refusal(code: str, status: int = 400) -> Fault:
    """A service that speaks XML, as SNS does, says no and does nothing."""
    said = f"<Code>{code}</Code><Message>injected</Message>"
    body = f"<ErrorResponse><Error>{said}</Error><RequestId>1</RequestId></ErrorResponse>"
    return lambda request: answer(request, status, body.encode())


def cancelled(*reasons: str) -> Fault:
    """A transaction is cancelled for these reasons, one an action, and does nothing."""
    return refusal("TransactionCanceledException", CancellationReasons=[{"Code": reason} for reason in reasons])


def lost_reply(request: AWSPreparedRequest) -> AWSResponse:
    """DynamoDB does the work and its answer never arrives."""
    perform(request)
    raise ReadTimeoutError(endpoint_url=request.url)


def damaged_reply(request: AWSPreparedRequest) -> AWSResponse:
    """DynamoDB does the work and its answer arrives with other bytes than it had."""
    status, body = perform(request)
    damaged = answer(request, status, body)
    damaged.headers["x-amz-crc32"] = str(crc32(body) ^ 1)
    return damaged


def lost_request(request: AWSPreparedRequest) -> AWSResponse:
    """Nothing reaches DynamoDB."""
    raise ReadTimeoutError(endpoint_url=request.url)


def perform(request: AWSPreparedRequest) -> tuple[int, bytes]:
    """Send the request for real, and give status and body."""
    headers: Any = {name: _text(value) for name, value in request.headers.items()}
    body: Any = request.body
    sent = urllib.request.Request(request.url, body, headers, method=request.method)  # noqa: S310 - loopback
    try:
        with urllib.request.urlopen(sent) as answer:  # noqa: S310 - the engine of this test, on loopback
            return answer.status, answer.read()
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, refused.read()


def changed(operation: Callable[[dict[str, Any]], dict[str, Any]]) -> Fault:
    """DynamoDB does the work and says something else about it."""

    def fault(request: AWSPreparedRequest) -> AWSResponse:
        status, body = perform(request)
        return answer(request, status, json.dumps(operation(json.loads(body))).encode())

    return fault


@contextmanager
def injected(operation: str, *faults: Fault | None) -> Iterator[list[str]]:
    """Let the next calls of an operation meet these faults in turn (None: none); later ones are undisturbed.

    Gives a list that grows by the name of the operation with every call.
    """
    events: Any = connection().client.meta.events
    waiting = list(faults)
    calls: list[str] = []

    def before_send(request: AWSPreparedRequest, **_: Any) -> AWSResponse | None:
        calls.append(operation)
        fault = waiting.pop(0) if waiting else None
        return fault(request) if fault else None

    name = f"before-send.dynamodb.{operation}"
    events.register_first(name, before_send)
    try:
        yield calls
    finally:
        events.unregister(name, before_send)


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value


class _Raw:
    """What botocore reads a body from."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self, **_: Any) -> Iterator[bytes]:
        yield self._body


def answer(request: AWSPreparedRequest, status: int, body: bytes) -> AWSResponse:
    """What botocore would have got, had anybody been asked."""
    headers: Any = {"Content-Type": "application/x-amz-json-1.0", "Content-Length": str(len(body))}
    return AWSResponse(request.url, status, headers, _Raw(body))
