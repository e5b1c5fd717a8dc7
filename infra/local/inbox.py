"""The inbox: a folder whose files are put to S3, each once it is no longer written to.

The key of a file is its name; that of one in a folder begins with the folder's.
"""

from __future__ import annotations

import errno
import hashlib
import json
import logging
import os
import re
import stat
import threading
from collections.abc import Callable, Collection, Mapping
from io import BufferedReader
from pathlib import Path
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.common.printable import shown

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

SCAN_SECONDS = 0.5
_PASSED_OVER = re.compile(r"\..*|.*\.(part|tmp)", re.IGNORECASE | re.DOTALL)
_RECORD = ".taken.json"  # hidden, so that it is no file of the inbox
_log = logging.getLogger(__name__)

Listing = Mapping[str, tuple[int, int]]  # name -> size in bytes, time of the last change in ns
Unknown = Callable[[Path, str], str | None]  # inbox and name of a file -> why no feed has it


class Skipped:
    """Entries that cannot be taken, each logged in one line for as long as the reason is the same."""

    def __init__(self) -> None:
        self._reasons: dict[str, str] = {}

    def note(self, name: str, reason: object) -> None:
        if self._reasons.get(name) != str(reason):
            self._reasons[name] = str(reason)
            _log.warning("%s could not be taken from the inbox: %s", shown(name), shown(str(reason)))

    def forget_all_but(self, names: Collection[str]) -> None:
        """Forget entries that are gone, so that they are logged again if they return."""
        self._reasons = {name: reason for name, reason in self._reasons.items() if name in names}


def scan(inbox: Path, skipped: Skipped) -> Listing:
    """Return the files of the inbox and its folders, without hidden ones and those whose name says they are unfinished.

    The name of a file in a folder is its path from the inbox, with `/`. An entry that cannot be examined (a loop of
    links, a name that is not UTF-8) is skipped, and so is a link to a folder.
    """
    files: dict[str, tuple[int, int]] = {}
    seen: set[str] = set()
    folders = [""]
    while folders:
        prefix = folders.pop()
        for entry in _entries(inbox, prefix, skipped):
            name = prefix + entry.name
            seen.add(name)
            try:
                name.encode()  # S3 takes UTF-8 keys only
                if entry.is_dir(follow_symlinks=False):
                    folders.append(f"{name}/")
                elif entry.is_file():
                    status = entry.stat()
                    files[name] = (status.st_size, status.st_mtime_ns)
            except FileNotFoundError:  # removed since it was listed
                continue
            except UnicodeEncodeError:
                skipped.note(name, "its name is not UTF-8")
            except (OSError, ValueError) as error:
                skipped.note(name, error)
    skipped.forget_all_but(seen)
    return files


def _entries(inbox: Path, prefix: str, skipped: Skipped) -> list[os.DirEntry[str]]:
    try:
        return [entry for entry in os.scandir(inbox / prefix) if not _PASSED_OVER.fullmatch(entry.name)]
    except FileNotFoundError:  # the folder was removed and may come back
        return []
    except OSError as error:
        skipped.note(prefix or str(inbox), error)
        return []


def stable(before: Listing, now: Listing, done: Listing) -> list[str]:
    """Return the names of the files that did not change between two scans and are not done as they are."""
    return sorted(name for name, file in now.items() if before.get(name) == file != done.get(name))


def put(s3: S3Client, bucket: str, inbox: Path, name: str) -> bool:
    """Put the file under its own name, unless S3 holds this content. Return whether it was put."""
    with _open_file(inbox / name) as content:
        digest = hashlib.file_digest(content, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
        if _etag(s3, bucket, name) == digest:
            return False
        content.seek(0)
        s3.put_object(Bucket=bucket, Key=name, Body=content)
        return True


def run(
    s3: S3Client,
    bucket: str,
    inbox: Path,
    say: Callable[[str], None],
    stop: threading.Event,
    unknown: Unknown = lambda _inbox, _name: None,
) -> None:
    """Scan the inbox until stopped. A file that cannot be read or put is tried again at every scan.

    Prints which file brought nothing new, except for those that were there at the start. A file for which `unknown` has
    a reason is not put, and the reason is logged once for each content.
    """
    before: Listing = {}
    skipped = Skipped()
    left: dict[str, tuple[int, int]] = {}
    at_start = scan(inbox, skipped)
    done = {name: file for name, file in _taken(inbox).items() if _is_in_bucket(s3, bucket, name)}
    while not stop.wait(SCAN_SECONDS):
        now = scan(inbox, skipped)
        for name in stable(before, now, {**done, **left}):
            if (reason := _unknown(unknown, inbox, name)) is not None:
                _log.warning("%s stays in the inbox: %s", shown(name), shown(reason))
                say(f"{shown(name)} stays in the inbox: {shown(reason)}")
                left[name] = now[name]
                continue
            was_put = _try_to_put(s3, bucket, inbox, name, skipped)
            if was_put is None:
                continue
            done[name] = now[name]
            _remember(inbox, done)
            if not was_put and at_start.get(name) != now[name]:
                say(f"{shown(name)}: nothing new, the bucket holds this very file")
        before = now


def _open_file(path: Path) -> BufferedReader:
    """Return the open file. Raises OSError if it is no regular file any more, without waiting for a pipe."""
    content = open(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb")  # noqa: PTH123, SIM115 - Path.open knows no flags
    if stat.S_ISREG(os.fstat(content.fileno()).st_mode):
        return content
    content.close()
    raise OSError(errno.EINVAL, "it is not a file any more", str(path))


def _taken(inbox: Path) -> dict[str, tuple[int, int]]:
    """Return the files that earlier runs took: they may be older than what the bucket was given another way."""
    try:
        return {name: (size, changed) for name, (size, changed) in json.loads((inbox / _RECORD).read_text()).items()}
    except (OSError, ValueError, AttributeError, TypeError):  # also JSON of another shape
        return {}


def _remember(inbox: Path, done: Listing) -> None:
    unfinished = inbox / f"{_RECORD}.part"
    try:
        unfinished.unlink(missing_ok=True)
        with unfinished.open("x") as record:  # follows no link that another writer of a shared inbox planted
            record.write(json.dumps(done))
        unfinished.replace(inbox / _RECORD)
    except OSError as error:
        _log.warning("what was taken from the inbox could not be recorded: %s", error)


def _is_in_bucket(s3: S3Client, bucket: str, name: str) -> bool:
    try:
        return _etag(s3, bucket, name) is not None
    except (BotoCoreError, ClientError, ValueError):
        return True


def _unknown(unknown: Unknown, inbox: Path, name: str) -> str | None:
    try:
        return unknown(inbox, name)
    except OSError:  # it is gone, or cannot be read: putting it says which
        return None


def _try_to_put(s3: S3Client, bucket: str, inbox: Path, name: str, skipped: Skipped) -> bool | None:
    """Return whether the file was put, or None if it could not be and has to be tried again."""
    try:
        return put(s3, bucket, inbox, name)
    except FileNotFoundError:
        return None
    except Exception as error:  # noqa: BLE001 - one failing file must not block the others
        skipped.note(name, error)
        return None


def names_in_bucket(s3: S3Client, bucket: str) -> set[str]:
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
    return {item["Key"] for page in pages for item in page.get("Contents", [])}


def _etag(s3: S3Client, bucket: str, key: str) -> str | None:
    try:
        # The MD5 of the content, since it was put in one part.
        return s3.head_object(Bucket=bucket, Key=key)["ETag"].strip('"')
    except ClientError as error:
        if error.response["Error"]["Code"] in {"404", "NoSuchKey", "NotFound"}:
            return None
        raise
