"""Uploads to an address: on this machine the server of the API takes them in S3's place."""

from __future__ import annotations

import io
import json
from typing import Any
from wsgiref.util import setup_testing_defaults

import boto3
import pytest

from chalicelib.imports.sent_file import UPLOAD_TIME
from infra.local import gateway
from infra.local.aws import create_bucket
from infra.local.server import Response, access_log
from infra.local.uploads import OFFER, Uploads
from tests.infra.tiny import tiny_app

KEY = "nordpool/Own trades ü.csv"


class Clock:
    seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def uploads(moto_tables: str, clock: Clock) -> Uploads:
    s3 = boto3.client("s3")
    return Uploads(s3, create_bucket(s3, moto_tables), clock)


def environ(method: str = "PUT", body: bytes = b"") -> dict[str, Any]:
    made: dict[str, Any] = {}
    setup_testing_defaults(made)
    length = {"CONTENT_LENGTH": str(len(body)), "wsgi.input": io.BytesIO(body)}
    return {**made, **length, "REQUEST_METHOD": method, "HTTP_HOST": "127.0.0.1:8000"}


def offer(uploads: Uploads, **headers: str) -> dict[str, Any]:
    url = uploads.s3.generate_presigned_url("put_object", {"Bucket": uploads.bucket, "Key": KEY})
    url = f"http://127.0.0.1:4566/{uploads.bucket}/{url.partition('.com/')[2]}"
    answer = Response(200, (), json.dumps({"url": url, "method": "PUT"}).encode())
    offered: dict[str, Any] = json.loads(uploads.offered(OFFER, answer, environ("POST") | headers).body)
    return offered


def path_of(offered: dict[str, Any]) -> str:
    url = str(offered["url"])
    assert url.startswith("http://127.0.0.1:8000/uploads/")
    return url.removeprefix("http://127.0.0.1:8000")


def test_the_address_is_of_this_server_and_takes_the_file(uploads: Uploads) -> None:
    offered = offer(uploads)
    answer = uploads.received(path_of(offered), environ(body=b"a row\n"))

    assert (offered["method"], answer and answer.status) == ("PUT", 200)
    assert uploads.s3.get_object(Bucket=uploads.bucket, Key=KEY)["Body"].read() == b"a row\n"


@pytest.mark.parametrize(("length", "stored"), [("1", b"a"), ("", b"")])
def test_no_more_is_stored_than_was_announced(uploads: Uploads, length: str, stored: bytes) -> None:
    uploads.received(path_of(offer(uploads)), environ(body=b"a row\n") | {"CONTENT_LENGTH": length})

    assert uploads.s3.get_object(Bucket=uploads.bucket, Key=KEY)["Body"].read() == stored


def test_the_address_is_encrypted_behind_a_tls_proxy(uploads: Uploads) -> None:
    assert offer(uploads, HTTP_X_FORWARDED_PROTO="https")["url"].startswith("https://127.0.0.1:8000/uploads/")


def test_an_address_expires(uploads: Uploads, clock: Clock) -> None:
    path = path_of(offer(uploads))
    statuses = []
    for clock.seconds in (UPLOAD_TIME.total_seconds() - 0.1, UPLOAD_TIME.total_seconds(), 3600.0):
        answer = uploads.received(path, environ())
        statuses.append(answer and answer.status)

    assert statuses == [200, 403, 403]
    offer(uploads)
    assert len(uploads._keys) == 1


@pytest.mark.parametrize(("path", "method", "status"), [("/uploads/guessed", "PUT", 403), (None, "GET", 405)])
def test_nothing_else_is_taken(uploads: Uploads, path: str | None, method: str, status: int) -> None:
    answer = uploads.received(path or path_of(offer(uploads)), environ(method))

    assert answer is not None
    assert answer.status == status


def test_other_answers_and_paths_are_left_alone(uploads: Uploads) -> None:
    refused = Response(403, (), b"{}")

    assert uploads.offered(OFFER, refused, environ("POST")) is refused
    assert uploads.offered("/v1/trades", Response(200, (), b"[]"), environ("POST")).body == b"[]"
    assert uploads.received("/v1/trades", environ("POST")) is None


def test_the_log_has_no_address_that_takes_files(uploads: Uploads, caplog: pytest.LogCaptureFixture) -> None:
    path = path_of(offer(uploads))
    caplog.set_level("INFO", logger=access_log.name)
    serve = gateway.application(tiny_app(), uploads=uploads)
    list(serve(environ(body=b"a row\n") | {"REQUEST_URI": path}, lambda *_: lambda _: None))

    assert [line.partition(" 200 ")[0] for line in caplog.messages] == ["PUT /uploads/..."]
