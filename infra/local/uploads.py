"""Uploads to addresses that S3 would have signed: the API's answer names this server, which puts the file.

S3's own address would have the access key of the engines in it, which open the whole book.
"""

from __future__ import annotations

import json
import secrets
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from http import HTTPMethod, HTTPStatus
from typing import IO, TYPE_CHECKING, Final
from urllib.parse import unquote, urlsplit

from infra.local.server import Response, error_response

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment
    from mypy_boto3_s3.client import S3Client

PATH: Final = "/uploads/"
OFFER: Final = "/v2/imports/upload"
VALID_SECONDS: Final = 15 * 60.0
_IN_MEMORY: Final = 8 * 1024 * 1024
_PART: Final = 256 * 1024


@dataclass(frozen=True, slots=True)
class Uploads:
    """The addresses that were given out, each for one key of the bucket."""

    s3: S3Client
    bucket: str
    now: Callable[[], float] = time.monotonic
    _keys: dict[str, tuple[str, float]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def offered(self, path: str, response: Response, environ: WSGIEnvironment) -> Response:
        """Return the answer with an address of this server, if it offers an upload."""
        if path != OFFER or response.status != HTTPStatus.OK:
            return response
        offer = json.loads(response.body)
        key = unquote(urlsplit(offer["url"]).path).removeprefix(f"/{self.bucket}/")
        token = secrets.token_urlsafe(32)
        with self._lock:
            valid = {token: entry for token, entry in self._keys.items() if entry[1] > self.now()}
            self._keys.clear()
            self._keys.update(valid | {token: (key, self.now() + VALID_SECONDS)})
        # A TLS proxy in front of this server says so: an address of http would send the file unencrypted.
        scheme = "https" if environ.get("HTTP_X_FORWARDED_PROTO") == "https" else environ["wsgi.url_scheme"]
        url = f"{scheme}://{environ['HTTP_HOST']}{PATH}{token}"
        return replace(response, body=json.dumps(offer | {"url": url}).encode())

    def received(self, path: str, environ: WSGIEnvironment) -> Response | None:
        """Put the file that was sent to an address; None for every other path."""
        if not path.startswith(PATH):
            return None
        with self._lock:
            key, expires = self._keys.get(path.removeprefix(PATH), ("", 0.0))
        if not key or expires <= self.now():
            return error_response(HTTPStatus.FORBIDDEN)
        if environ["REQUEST_METHOD"] != HTTPMethod.PUT:
            return error_response(HTTPStatus.METHOD_NOT_ALLOWED, {"Allow": HTTPMethod.PUT.value})
        with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as content:
            _copy(environ["wsgi.input"], content, int(environ.get("CONTENT_LENGTH") or 0))
            content.seek(0)
            self.s3.put_object(Bucket=self.bucket, Key=key, Body=content)
        return Response(HTTPStatus.OK, (), b"")


def logged(path: str) -> str:
    """Return a path as the log may have it: who reads the log must not put files."""
    return f"{PATH}..." if path.startswith(PATH) else path


def _copy(source: IO[bytes], target: IO[bytes], length: int) -> None:
    while length > 0 and (part := source.read(min(length, _PART))):
        target.write(part)
        length -= len(part)
