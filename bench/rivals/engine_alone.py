"""What the engine alone takes for our own requests: recorded in this process, sent again over a bare connection."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from typing import Any, NamedTuple
from urllib.parse import urlsplit
from uuid import uuid4

from bench.starting import event
from chalicelib.aws.client import connection
from chalicelib.trades import bootstrap as trades_bootstrap


class Call(NamedTuple):
    """A call of DynamoDB, as it goes over the wire."""

    operation: str
    body: str


@contextmanager
def bare_connection(url: str, key: str) -> Iterator[Callable[[Iterable[Call]], list[Any]]]:
    """Yield what sends calls one after the other and returns their answers. The engine checks no signature."""
    bare = HTTPConnection(urlsplit(url).netloc)
    headers = {
        "Content-Type": "application/x-amz-json-1.0",
        "X-Amz-Date": "20260615T080000Z",
        "Authorization": f"AWS4-HMAC-SHA256 Credential={key}/, SignedHeaders=host, Signature=none",
    }

    def send(calls: Iterable[Call]) -> list[Any]:
        answers = []
        for operation, body in calls:
            bare.request("POST", "/", body, {**headers, "X-Amz-Target": f"DynamoDB_20120810.{operation}"})
            answer = bare.getresponse()
            text = answer.read()
            if answer.status != 200:  # noqa: PLR2004 - HTTP's own word for done
                raise ValueError(text)
            answers.append(json.loads(text))
        return answers

    yield send
    bare.close()


def calls_of(method: str, path: str, query: dict[str, str] | None = None, body: object = None) -> list[Call]:
    """Let the handler answer in this process, and return the calls that it made."""
    from app import app  # noqa: PLC0415 - a book is chosen first

    asked = {name: [value] for name, value in query.items()} if query else None
    context = {
        "resourcePath": path,
        "httpMethod": method,
        "authorizer": {"caller": json.dumps(["bench", "admin", None, "a seal"])},
    }
    text = None if body is None else json.dumps(body)
    made = {**event({}), "multiValueQueryStringParameters": asked, "body": text, "requestContext": context}
    kept: list[Call] = []

    def keep(request: Any, **_: Any) -> None:
        body, operation = json.loads(request.body), request.headers["X-Amz-Target"].rpartition(".")[2]
        if "ClientRequestToken" in body:  # or a call that is sent again would be a repetition
            body["ClientRequestToken"] = str(uuid4())
        if operation != "UpdateItem":  # the change token's, which happens by the clock
            kept.append(Call(operation, json.dumps(body)))

    trades_bootstrap.book()
    events: Any = connection().client.meta.events
    events.register_first("before-send.dynamodb.*", keep)
    try:
        answer = app(made, None)
    finally:
        events.unregister("before-send.dynamodb.*", keep)
    if answer["statusCode"] != 200:  # noqa: PLR2004 - HTTP's own word for done
        raise ValueError(answer["body"])
    return kept
