"""Who holds a data folder: one stack at a time, known to the next one and to the `voltbook` command."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from infra.local.settings import make_folder

LOCK = "lock"
STACK = "stack.json"


class Held(Exception):
    """Another stack holds the data folder; the message says which."""


@contextlib.contextmanager
def hold(data_dir: Path) -> Iterator[IO[str]]:
    """Holds the folder for as long as the context, and no longer than the process; raises Held or WrongSetting."""
    make_folder("DATA_DIR", data_dir)
    with (data_dir / LOCK).open("a+", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Held(_who(data_dir, lock)) from None
        sign(lock, None)
        try:
            yield lock
        finally:
            lock.truncate(0)


def sign(lock: IO[str], url: str | None) -> None:
    """Writes into the lock who holds it, since when, and at which address, once that is known."""
    lock.truncate(0)
    json.dump({"pid": os.getpid(), "started_at": _now(), "url": url}, lock)
    lock.flush()


def publish(data_dir: Path, url: str, environment: Mapping[str, str]) -> None:
    """Writes stack.json, through which the `voltbook` command finds the book that is served."""
    path = data_dir / STACK
    draft = path.with_suffix(".new")
    content = {"pid": os.getpid(), "started_at": _now(), "api": url, "environment": dict(environment)}
    draft.unlink(missing_ok=True)
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:  # noqa: PTH123 - Path.open cannot set the mode at birth
        json.dump(content, file, indent=2)
    draft.replace(path)


def retract(data_dir: Path) -> None:
    """Removes stack.json: nothing is served from here any more."""
    (data_dir / STACK).unlink(missing_ok=True)


def _who(data_dir: Path, lock: IO[str]) -> str:
    lock.seek(0)
    held: dict[str, Any] = {}
    with contextlib.suppress(json.JSONDecodeError):  # it has only just taken the lock
        held = json.load(lock)
    where = f"at {held['url']}" if held.get("url") else "which is starting"
    return (
        f"The book in {data_dir} is already served by process {held.get('pid', '?')}, {where}, "
        f"since {held.get('started_at', 'just now')}."
    )


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
