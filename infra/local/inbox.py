"""The inbox: a folder whose files are put to S3 under their own names, once each is no longer written to."""

from __future__ import annotations

import hashlib
import logging
import os
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

LOOK_SECONDS = 0.5
_UNFINISHED = (".part", ".tmp")
_log = logging.getLogger(__name__)

Look = Mapping[str, tuple[int, int]]  # name -> size in bytes, time of the last change in ns


def look(inbox: Path) -> Look:
    """Gives the files that are there, but for hidden ones and those whose name says they are not finished."""
    seen = {}
    with os.scandir(inbox) as entries:
        for entry in entries:
            if entry.name.startswith(".") or entry.name.lower().endswith(_UNFINISHED):
                continue
            try:
                if entry.is_file():
                    found = entry.stat()
                    seen[entry.name] = (found.st_size, found.st_mtime_ns)
            except FileNotFoundError:  # taken away between the two questions
                continue
    return seen


def stable(before: Look, now: Look, done: Look) -> list[str]:
    """Gives the files that did not change between two looks and are not done as they are, by name."""
    return sorted(name for name, seen in now.items() if before.get(name) == seen != done.get(name))


def put(s3: S3Client, bucket: str, path: Path) -> bool:
    """Puts the file under its own name unless S3 holds this very content; tells whether it did."""
    with path.open("rb") as content:
        digest = hashlib.file_digest(content, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
        if _etag(s3, bucket, path.name) == digest:
            return False
        content.seek(0)
        s3.put_object(Bucket=bucket, Key=path.name, Body=content)
        return True


def run(s3: S3Client, bucket: str, inbox: Path, stop: threading.Event) -> None:
    """Looks into the inbox until stopped; a file that cannot be read or put is tried at every look."""
    before: Look = {}
    done: dict[str, tuple[int, int]] = {}
    while not stop.wait(LOOK_SECONDS):
        try:
            now = look(inbox)
        except OSError:  # the folder was taken away: it may come back
            now = {}
        for name in stable(before, now, done):
            if _try_to_put(s3, bucket, inbox / name):
                done[name] = now[name]
        before = now


def _try_to_put(s3: S3Client, bucket: str, path: Path) -> bool:
    try:
        put(s3, bucket, path)
    except FileNotFoundError:
        return False
    except (OSError, BotoCoreError, ClientError) as error:
        _log.warning("%s could not be taken from the inbox: %s", path.name, error)
        return False
    return True


def _etag(s3: S3Client, bucket: str, key: str) -> str | None:
    try:
        # The MD5 of the content, since it was put in one part.
        return s3.head_object(Bucket=bucket, Key=key)["ETag"].strip('"')
    except ClientError as error:
        if error.response["Error"]["Code"] in {"404", "NoSuchKey", "NotFound"}:
            return None
        raise
