"""The engines answer to the key of this start alone: no web page, and no other account of the machine."""

from __future__ import annotations

import os
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
import psutil
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from infra.local import engines, guard
from infra.local.engines import Engine, find_ministack, new_key, start_dynoxide, start_ministack
from infra.resources import REGION
from tests.fixtures.engines import dynamodb_client

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

KEY = new_key()
SIGNED = (
    f"Authorization: AWS4-HMAC-SHA256 Credential={KEY}/20260615/eu-central-1/dynamodb/aws4_request, "
    "SignedHeaders=host, Signature=0"
)
LIST_TABLES = (
    "POST / HTTP/1.1",
    "Host: 127.0.0.1",
    "X-Amz-Target: DynamoDB_20120810.ListTables",
    "Content-Type: application/x-amz-json-1.0",
    "X-Amz-Date: 20260615T080000Z",
    "Content-Length: 2",
)


@pytest.fixture(scope="module")
def dynamodb(dynoxide: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    folder = tmp_path_factory.mktemp("guarded")
    engine = start_dynoxide(dynoxide, folder / "book.db", folder / "log", key=KEY)
    yield engine
    engine.stop()


@pytest.fixture(scope="module")
def aws(engines: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    folder = tmp_path_factory.mktemp("guarded")
    ministack = find_ministack()
    assert ministack is not None
    engine = start_ministack(ministack, folder / "aws", folder / "log", dynamodb=False, key=KEY)
    yield engine
    engine.stop()


@pytest.fixture(scope="module")
def s3(aws: Engine) -> S3Client:
    client = boto3.client(
        "s3",
        endpoint_url=aws.url,
        region_name=REGION,
        aws_access_key_id=KEY,
        aws_secret_access_key="local",
        config=Config(s3={"addressing_style": "path"}),
    )
    client.create_bucket(Bucket="files", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    return client


def asked(engine: Engine, *heads: tuple[str, ...], body: str = "{}") -> bytes:
    """Sends requests on one connection and returns all that comes back until it ends."""
    with socket.create_connection(("127.0.0.1", engine.port), timeout=10) as connection:
        for head in heads:
            connection.sendall("\r\n".join([*head, "", body]).encode())
        answer = b""
        while data := connection.recv(65536):
            answer += data
        return answer


def once(*lines: str) -> tuple[str, ...]:
    return (*LIST_TABLES, "Connection: close", *lines)


def test_request_with_the_key_is_answered(dynamodb: Engine) -> None:
    assert b"TableNames" in asked(dynamodb, once(SIGNED))


@pytest.mark.parametrize(
    "lines",
    [
        (),
        ("Authorization: Basic YWRtaW46YWRtaW4tZGVtbw==",),
        (SIGNED.replace(KEY, "local"),),
        (SIGNED.replace(KEY, KEY[:-1]),),
        (SIGNED.replace(KEY, KEY + "0"),),
        (SIGNED.replace(KEY, ""),),
        (SIGNED.replace("Authorization", "X-Authorization"),),
        (SIGNED, "Origin: https://evil.example"),
        ("oRiGiN: null", SIGNED),
        (SIGNED, "Origin : https://evil.example"),
    ],
    ids=["none", "basic", "other", "short", "long", "empty", "other header", "origin", "null origin", "blank"],
)
def test_request_of_others_is_refused(dynamodb: Engine, lines: tuple[str, ...]) -> None:
    answer = asked(dynamodb, once(*lines))

    assert answer.startswith(b"HTTP/1.1 403 ")
    assert b"TableNames" not in answer
    assert b"Access-Control" not in answer


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "PUT"])
def test_no_method_passes_without_the_key(dynamodb: Engine, aws: Engine, method: str) -> None:
    head = (f"{method} /_ministack/ready HTTP/1.1", "Host: 127.0.0.1", "Content-Length: 2")
    for engine in (dynamodb, aws):
        assert asked(engine, head).startswith(b"HTTP/1.1 403 ")


def test_each_request_of_a_connection_is_checked(dynamodb: Engine) -> None:
    answer = asked(dynamodb, (*LIST_TABLES, SIGNED), once())

    assert b"HTTP/1.1 403 " in answer
    assert answer.count(b"TableNames") <= 1


def test_body_that_looks_like_a_head_carries_no_key(dynamodb: Engine) -> None:
    inner = "\r\n".join(["", "", *once(SIGNED), "", "{}"])
    length = ("Content-Length: 2", f"Content-Length: {len(inner)}")
    head = tuple(line.replace(*length) for line in once())

    assert asked(dynamodb, head, body=inner).startswith(b"HTTP/1.1 403 ")


def test_header_without_an_end_is_cut_off(dynamodb: Engine) -> None:
    with socket.create_connection(("127.0.0.1", dynamodb.port), timeout=10) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nX-Long: " + b"x" * 200_000)
        with suppress(ConnectionResetError):
            assert connection.recv(65536) == b""


def test_the_key_of_an_earlier_start_is_refused_with_the_reason(dynamodb: Engine) -> None:
    with pytest.raises(ClientError, match="only requests signed with the AWS_ACCESS_KEY_ID of this start"):
        dynamodb_client(dynamodb.url).list_tables()


def test_objects_of_any_size_pass_whole_and_unchanged(s3: S3Client, tmp_path: Path) -> None:
    content = bytes(range(256)) * 40_000
    (tmp_path / "file").write_bytes(content)

    s3.put_object(Bucket="files", Key="bytes", Body=content)
    with (tmp_path / "file").open("rb") as file:
        s3.put_object(Bucket="files", Key="file", Body=file)
    s3.upload_file(str(tmp_path / "file"), "files", "parts")

    for name in ("bytes", "file", "parts"):
        assert s3.get_object(Bucket="files", Key=name)["Body"].read() == content


def test_chunked_body_passes_and_ends_its_connection(aws: Engine, s3: S3Client) -> None:
    signed = SIGNED.replace("dynamodb", "s3")
    head = ("PUT /files/chunked HTTP/1.1", "Host: 127.0.0.1", "Transfer-Encoding: chunked", signed)

    body, page = "3\r\nabc\r\n0\r\n\r\n", "DELETE /files/chunked HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"

    answer = asked(aws, head, body=body)
    asked(aws, head, body=body + page)

    assert answer.startswith(b"HTTP/1.1 200 ")
    assert answer.count(b"HTTP/1.1 ") == 1
    assert s3.get_object(Bucket="files", Key="chunked")["Body"].read() == b"abc"


@pytest.mark.allow_hosts(["127.0.0.0/8"])
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has network namespaces")
def test_engine_cannot_be_reached_past_its_guard(dynamodb: Engine, aws: Engine) -> None:
    for engine in (dynamodb, aws):
        assert engine.is_enclosed()
        [program] = psutil.Process(engine.child.pid).children()
        assert engine.behind is not None
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((engine.behind[0], engine.behind[1]), timeout=2)
        for namespace in ("net", "user") if os.geteuid() else ("net",):
            own, other = (Path(f"/proc/{pid}/ns/{namespace}").readlink() for pid in ("self", program.pid))
            assert own != other


@pytest.mark.allow_hosts(["127.0.0.0/8"])
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has namespaces")
def test_engine_without_a_namespace_is_known_to_be_reachable(
    dynoxide: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_guard = tmp_path / "guard.py"
    source = Path(guard.__file__).read_text()
    open_guard.write_text(source.replace('if sys.platform != "linux":', "if True:", 1))
    monkeypatch.setattr(guard, "__file__", str(open_guard))

    engine = start_dynoxide(dynoxide, tmp_path / "book.db", tmp_path / "log", key=KEY)
    try:
        assert not engine.is_enclosed()
        assert b"TableNames" in asked(engine, once(SIGNED))
        assert asked(engine, once()).startswith(b"HTTP/1.1 403 ")
        assert engine.behind is not None
        assert engine.behind[0] != "127.0.0.1"
    finally:
        engine.stop()


def test_the_key_is_in_no_command_line(dynamodb: Engine) -> None:
    parent = psutil.Process(dynamodb.child.pid)
    for process in (parent, *parent.children(recursive=True)):
        assert KEY not in " ".join(process.cmdline())


def test_each_start_has_another_key() -> None:
    keys = {engines.new_key() for _ in range(100)}

    assert len(keys) == 100
    assert all(len(key) >= 32 and key.isalnum() for key in keys)


@pytest.mark.parametrize("number", ["terminate", "kill"])
def test_engine_ends_with_its_guard_and_the_guard_with_its_engine(dynoxide: Path, tmp_path: Path, number: str) -> None:
    for ended in ("guard", "engine"):
        engine = start_dynoxide(dynoxide, tmp_path / f"{ended}.db", tmp_path / "log", key=KEY)
        parent = psutil.Process(engine.child.pid)
        [child] = parent.children()
        getattr(parent if ended == "guard" else child, number)()
        psutil.wait_procs([child], timeout=10)
        assert not child.is_running()
        engine.child.process.wait(10)
        engine.kill()


def test_connections_of_silence_do_not_block_others(dynamodb: Engine) -> None:
    silent = [socket.create_connection(("127.0.0.1", dynamodb.port)) for _ in range(50)]
    try:
        began = time.monotonic()
        assert b"TableNames" in asked(dynamodb, once(SIGNED))
        assert time.monotonic() - began < 5
    finally:
        for connection in silent:
            connection.close()
