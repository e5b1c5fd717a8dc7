"""The inbox: a folder whose files are put to S3 under their own names, once each is no longer written to."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.domain.printable import shown

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

LOOK_SECONDS = 0.5
_UNFINISHED = (".part", ".tmp")
_MEMORY = ".taken.json"  # hidden, so that it is no file of the inbox
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


def run(s3: S3Client, bucket: str, inbox: Path, say: Callable[[str], None], stop: threading.Event) -> None:
    """Looks into the inbox until stopped; a file that cannot be read or put is tried at every look.

    Says which file brought nothing new, but for those that lay there before.
    """
    before: Look = {}
    lying = _look_or_nothing(inbox)
    done = {name: seen for name, seen in _taken(inbox).items() if _is_there(s3, bucket, name)}
    while not stop.wait(LOOK_SECONDS):
        now = _look_or_nothing(inbox)
        for name in stable(before, now, done):
            was_put = _try_to_put(s3, bucket, inbox / name)
            if was_put is None:
                continue
            done[name] = now[name]
            _remember(inbox, done)
            if not was_put and lying.get(name) != now[name]:
                say(f"{shown(name)}: nothing new, the bucket holds this very file")
        before = now


def _look_or_nothing(inbox: Path) -> Look:
    try:
        return look(inbox)
    except OSError:  # the folder was taken away: it may come back
        return {}


def _taken(inbox: Path) -> dict[str, tuple[int, int]]:
    """Gives what earlier runs took: a file that lies here since may be older than what S3 was given elsewhere."""
    try:
        return {name: (size, changed) for name, (size, changed) in json.loads((inbox / _MEMORY).read_text()).items()}
    except (OSError, ValueError):
        return {}


def _remember(inbox: Path, done: Look) -> None:
    unfinished = inbox / f"{_MEMORY}.part"
    try:
        unfinished.write_text(json.dumps(done))
        unfinished.replace(inbox / _MEMORY)
    except OSError as error:
        _log.warning("what was taken from the inbox could not be noted: %s", error)


def _is_there(s3: S3Client, bucket: str, name: str) -> bool:
    try:
        return _etag(s3, bucket, name) is not None
    except (BotoCoreError, ClientError):
        return True


def _try_to_put(s3: S3Client, bucket: str, path: Path) -> bool | None:
    """Tells whether the file was put; None where it could not be, and is to be tried again."""
    try:
        return put(s3, bucket, path)
    except FileNotFoundError:
        return None
    except (OSError, BotoCoreError, ClientError) as error:
        _log.warning("%s could not be taken from the inbox: %s", path.name, error)
        return None


def _etag(s3: S3Client, bucket: str, key: str) -> str | None:
    try:
        # The MD5 of the content, since it was put in one part.
        return s3.head_object(Bucket=bucket, Key=key)["ETag"].strip('"')
    except ClientError as error:
        if error.response["Error"]["Code"] in {"404", "NoSuchKey", "NotFound"}:
            return None
        raise
