"""Daily files in S3; a version is fetched once into a seekable temporary file."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC
from tempfile import SpooledTemporaryFile
from typing import TYPE_CHECKING, Any, BinaryIO, Final, cast

from botocore.exceptions import ClientError

from chalicelib.aws.errors import translated_errors
from chalicelib.common.errors import NotFound
from chalicelib.feeds import store
from chalicelib.feeds.store import ListedFile, StoredFile

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_PART: Final = 1024 * 1024
_IN_MEMORY: Final = 8 * _PART
_ABSENT: Final = frozenset({"NoSuchKey", "NoSuchVersion", "404"})


class DailyFiles:
    """A bucket; `FileStore` documents the calls."""

    def __init__(self, client: S3Client, bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def newest_version(self, key: str) -> str | None:
        try:
            with translated_errors():
                head = self._client.head_object(Bucket=self._bucket, Key=key)
        except ClientError as error:
            if error.response["Error"]["Code"] in _ABSENT:
                return None
            raise
        return _version(cast("Mapping[str, Any]", head))

    @contextmanager
    def fetch(self, key: str, version: str | None) -> Iterator[StoredFile]:
        which: dict[str, Any] = {} if version is None else {"VersionId": version}
        try:
            with translated_errors():
                answer = self._client.get_object(Bucket=self._bucket, Key=key, **which)
        except ClientError as error:
            if error.response["Error"]["Code"] not in _ABSENT:
                raise
            message = f"there is no file {key}"
            raise NotFound(message) from error
        size = answer["ContentLength"]
        with SpooledTemporaryFile(max_size=_IN_MEMORY) as content:
            digest = hashlib.sha256()
            with translated_errors():
                for part in answer["Body"].iter_chunks(_PART):
                    digest.update(part)
                    if size <= store.MAX_FILE_BYTES:
                        content.write(part)
            content.seek(0)
            version_read = _version(cast("Mapping[str, Any]", answer))
            stored_at = answer["LastModified"].astimezone(UTC)
            yield StoredFile(key, version_read, digest.hexdigest(), size, cast("BinaryIO", content), stored_at)

    def put(self, key: str, content: BinaryIO) -> str:
        with translated_errors():
            answer = self._client.put_object(Bucket=self._bucket, Key=key, Body=content)
        return _version(cast("Mapping[str, Any]", answer))

    def listed(self, prefix: str = "") -> Iterator[ListedFile]:
        with translated_errors():
            pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=prefix)
            for page in pages:
                for item in page.get("Contents", ()):
                    yield ListedFile(item["Key"], item["LastModified"].astimezone(UTC))


def _version(answer: Mapping[str, Any]) -> str:
    # A bucket without versioning has ETags only; they change with the content as well.
    return str(answer.get("VersionId") or answer["ETag"].strip('"'))
