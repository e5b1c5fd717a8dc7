"""Calls over open connections: signed as the SDK signs, and retried by the SDK when a connection fails."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from typing import Any
from zlib import crc32

import pytest
from botocore import auth
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError, NoCredentialsError, ReadTimeoutError
from botocore.session import get_session

from chalicelib.aws import quick_calls
from chalicelib.aws.quick_calls import quicken

OK = b'HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n{"TableNames":["%s"]}'
KEY: dict[str, Any] = {"TableName": "trades", "Key": {"id": {"S": "a"}}}
NOW = datetime(2026, 6, 15, 8, 0, 1, tzinfo=UTC)


class Engine:
    """Answers the requests of all connections by what it was told, in turn; then with the number of the connection."""

    def __init__(self) -> None:
        self.answers: list[bytes | None] = []
        self.connections = 0
        self.requests: list[bytes] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(connection, self.connections), daemon=True).start()

    def _serve(self, connection: socket.socket, number: int) -> None:
        with connection, connection.makefile("rb") as received:
            while line := received.readline():
                head = line
                while (line := received.readline()) != b"\r\n":
                    head += line
                length = int(head.lower().partition(b"content-length:")[2].split()[0])
                self.requests.append(head + line + received.read(length))
                answer = self.answers.pop(0) if self.answers else ok(f"{number}")
                if answer is None:
                    return
                connection.sendall(answer)
                if b"Connection: close" in answer:
                    return


def ok(text: str) -> bytes:
    body = json.dumps({"TableNames": [text]}).encode()
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)


@pytest.fixture(autouse=True)
def _no_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("botocore.retries.standard.ExponentialBackoff.delay_amount", lambda *_: 0)


@pytest.fixture
def engine() -> Iterator[Engine]:
    with closing(Engine()) as started:
        yield started


@pytest.fixture
def ask(engine: Engine) -> Callable[[], str]:
    """Return what asks the engine through a quick client, which tries three times."""
    client = client_of(engine.url, "some-token")
    quicken(client)

    def asked() -> str:
        [name] = client.list_tables()["TableNames"]
        return str(name)

    return asked


def client_of(url: str, token: str | None) -> Any:
    session = get_session()
    session.set_credentials("some-key", "some password", token)
    config = Config(user_agent="a program", read_timeout=2, retries={"total_max_attempts": 3, "mode": "standard"})
    return session.create_client("dynamodb", "eu-central-1", endpoint_url=url, config=config)


def test_an_open_connection_is_used_again(engine: Engine, ask: Callable[[], str]) -> None:
    assert [ask(), ask(), ask()] == ["1", "1", "1"]


def test_a_request_over_an_open_connection_is_the_same(engine: Engine, ask: Callable[[], str]) -> None:
    ask()
    ask()
    first, second = (dict(_fields(request)) for request in engine.requests)
    changing = {"x-amz-date", "authorization", "amz-sdk-invocation-id"}
    assert {name: first[name] for name in first.keys() - changing} == {
        name: second[name] for name in second.keys() - changing
    }
    assert first.keys() == second.keys()


def _fields(request: bytes) -> Iterator[tuple[str, str]]:
    head, _, body = request.partition(b"\r\n\r\n")
    line, *fields = head.decode().split("\r\n")
    yield "", f"{line} {body.decode()}"
    for field in fields:
        name, _, value = field.partition(": ")
        yield name.lower(), value


@pytest.mark.parametrize(
    "answer",
    [
        None,
        b"HTTP/1.1 200 OK\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{}Connection: close",
        b"HTTP/1.1 100 Continue\r\n\r\n",
        b"an engine of another protocol\r\n\r\n",
        b"HTTP/1.1 500 No\r\nContent-Length: 2\r\n\r\n{}",
    ],
    ids=["ended", "cut head", "chunks", "cut body", "not final", "no HTTP", "500"],
)
def test_an_answer_that_is_none_is_asked_for_again(
    engine: Engine, ask: Callable[[], str], answer: bytes | None
) -> None:
    ask()
    engine.answers = [answer if answer is None or answer.endswith(b"}") else answer + b"Connection: close"]
    assert ask() in {"1", "2"}
    assert len(engine.requests) == 3
    assert ask() == ask()


@pytest.mark.parametrize(
    ("body", "checksum"),
    [(b'{"Item":{"price":{"N":"1"}}}', 1), (b"", None), (b'{"Item"', None), (b"<html>", None), (b"null", None)],
)
@pytest.mark.parametrize("connected", [True, False])
def test_a_damaged_answer_is_asked_for_again_and_never_read(
    engine: Engine, body: bytes, checksum: int | None, *, connected: bool
) -> None:
    client = client_of(engine.url, None)
    quicken(client)
    if connected:
        client.list_tables()
    sound = b'{"Item":{"price":{"N":"2"}}}'
    damaged = answer_of(200, body, checksum)
    engine.answers = [damaged, damaged, answer_of(200, sound, crc32(sound))]
    assert client.get_item(**KEY)["Item"] == {"price": {"N": "2"}}
    engine.answers = [damaged] * 4
    with pytest.raises(ConnectionClosedError):
        client.get_item(**KEY)
    assert len(engine.answers) == 1


ANSWERS: dict[str, tuple[str, dict[str, Any], int, dict[str, Any]]] = {
    "an item": (
        "get_item",
        KEY,
        200,
        {"Item": {"id": {"S": "ä"}, "gone": {"BOOL": True}, "of": {"L": [{"N": "-1.5"}]}}},
    ),
    "no item": ("get_item", KEY, 200, {}),
    "a page": (
        "query",
        {"TableName": "trades", "KeyConditionExpression": "id = :id"},
        200,
        {"Items": [{"id": {"S": "a"}}], "Count": 1, "ScannedCount": 2, "LastEvaluatedKey": {"id": {"S": "a"}}},
    ),
    "a batch": (
        "batch_get_item",
        {"RequestItems": {"trades": {"Keys": [{"id": {"S": "a"}}]}}},
        200,
        {"Responses": {"trades": [{"id": {"S": "a"}}]}, "UnprocessedKeys": {"trades": {"Keys": [{"id": {"S": "b"}}]}}},
    ),
    "a transaction": (
        "transact_write_items",
        {"TransactItems": [{"Delete": KEY}]},
        200,
        {"ConsumedCapacity": [{"TableName": "trades", "CapacityUnits": 4.0}]},
    ),
    "a table": ("describe_table", {"TableName": "trades"}, 200, {"Table": {"CreationDateTime": 1750000000.0}}),
    "a condition that failed": (
        "put_item",
        {"TableName": "trades", "Item": {"id": {"S": "a"}}},
        400,
        {"__type": "x#ConditionalCheckFailedException", "message": "no", "Item": {"id": {"S": "a"}}},
    ),
    "a transaction that was cancelled": (
        "transact_write_items",
        {"TransactItems": [{"Delete": KEY}]},
        400,
        {
            "__type": "x#TransactionCanceledException",
            "Message": "no",
            "CancellationReasons": [{"Code": "None"}, {"Code": "ConditionalCheckFailed", "Item": {"id": {"S": "a"}}}],
        },
    ),
    "a throttle": ("get_item", KEY, 400, {"__type": "x#ThrottlingException", "message": "later"}),
}


@pytest.mark.parametrize("answer", ANSWERS)
def test_an_answer_is_read_as_the_sdk_reads_it(engine: Engine, monkeypatch: pytest.MonkeyPatch, answer: str) -> None:
    operation, given, status, body = ANSWERS[answer]
    theirs, ours = (client_of(engine.url, None) for _ in range(2))
    quicken(ours)
    text = json.dumps(body).encode()
    read = []
    for client in (theirs, ours, ours):
        engine.answers = [answer_of(status, text, crc32(text))] * (3 if answer == "a throttle" else 1)
        try:
            said = getattr(client, operation)(**given)
            read.append(said if operation == "describe_table" else said | {"ResponseMetadata": None})
        except ClientError as error:
            read.append((type(error).__name__, str(error), error.response))
        assert engine.answers == []
    assert read[0] == read[1] == read[2]


def answer_of(status: int, body: bytes, checksum: int | None) -> bytes:
    """Return an answer as DynamoDB sends it, with a checksum if there is one."""
    fields = [b"Content-Type: application/x-amz-json-1.0", b"x-amzn-RequestId: A1", b"Content-Length: %d" % len(body)]
    fields += [] if checksum is None else [b"x-amz-crc32: %d" % checksum]
    return b"HTTP/1.1 %d Said\r\n%s\r\n\r\n%s" % (status, b"\r\n".join(fields), body)


def test_a_connection_that_the_engine_ended_is_opened_again(engine: Engine, ask: Callable[[], str]) -> None:
    engine.answers = [ok("1").replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n", 1)] * 2
    assert [ask(), ask(), ask()] == ["1", "1", "3"]
    assert len(engine.requests) == 3


def test_a_large_answer_is_read_whole(engine: Engine, ask: Callable[[], str]) -> None:
    ask()
    engine.answers = [ok("x" * 1_000_000)]
    assert ask() == "x" * 1_000_000


def test_a_refusal_is_the_sdks_error(engine: Engine, ask: Callable[[], str]) -> None:
    ask()
    body = b'{"__type":"x#ValidationException","message":"no"}'
    engine.answers = [b"HTTP/1.1 400 No\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)]
    with pytest.raises(ClientError, match="ValidationException"):
        ask()
    assert ask() == "1"


def test_an_engine_that_does_not_answer_is_given_up(engine: Engine, ask: Callable[[], str]) -> None:
    ask()
    engine.answers = [b"HTTP/1.1 "] * 3
    with pytest.raises(ReadTimeoutError):
        ask()
    assert len(engine.requests) == 4


@pytest.mark.parametrize("token", [None, "a token"])
def test_a_request_is_the_sdks(engine: Engine, monkeypatch: pytest.MonkeyPatch, token: str | None) -> None:
    class Clock(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return NOW

    monkeypatch.setattr(auth, "get_current_datetime", lambda: NOW)
    monkeypatch.setattr(quick_calls, "datetime", Clock)
    monkeypatch.setattr("botocore.endpoint.uuid.uuid4", lambda: "an id")
    theirs, ours = (client_of(engine.url, token) for _ in range(2))
    theirs.meta.events.register("before-call.dynamodb.*", _without_spaces)
    quicken(ours)
    for client in (theirs, ours, ours):
        engine.answers = [b"HTTP/1.1 500 No\r\nContent-Length: 2\r\n\r\n{}"]
        client.put_item(TableName="trades", Item={"id": {"S": "ä"}})
    theirs_first, theirs_again, *requests = (dict(_fields(request)) for request in engine.requests)
    assert theirs_first["amz-sdk-request"] != theirs_again["amz-sdk-request"]
    assert requests == [theirs_first, theirs_again] * 2


def _without_spaces(params: dict[str, Any], **_: object) -> None:
    params["body"] = json.dumps(json.loads(params["body"]), separators=(",", ":")).encode()


def test_without_credentials_nothing_is_sent(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    session = get_session()
    monkeypatch.setattr(session, "get_credentials", lambda: None)
    config = Config(retries={"total_max_attempts": 1})
    client: Any = session.create_client("dynamodb", "eu-central-1", endpoint_url=engine.url, config=config)
    quicken(client)
    with pytest.raises(NoCredentialsError):
        client.list_tables()
    assert engine.requests == []
