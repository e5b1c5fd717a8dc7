"""Engines that outlived their stack: recorded with their birth, ended by the next start on the same data."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Iterable
from pathlib import Path

_RECORD = "engines.json"
_GRACE_SECONDS = 10.0
_POLL_SECONDS = 0.02


def remember(data_dir: Path, pids: Iterable[int]) -> None:
    """Records the engines that belong to this folder."""
    births = {str(pid): birth for pid in pids if (birth := born(pid)) is not None}
    (data_dir / _RECORD).write_text(json.dumps(births), encoding="utf-8")


def forget(data_dir: Path) -> None:
    (data_dir / _RECORD).unlink(missing_ok=True)


def end_orphans(data_dir: Path) -> None:
    """Ends what the last stack left behind, and waits until it is gone: two engines must not share a file."""
    record = data_dir / _RECORD
    births: dict[str, str] = {}
    with contextlib.suppress(FileNotFoundError, json.JSONDecodeError):
        births = json.loads(record.read_text(encoding="utf-8"))
    for pid, birth in births.items():
        _end(int(pid), birth)
    record.unlink(missing_ok=True)


def born(pid: int) -> str | None:
    """Tells when a living process began, as its system says it: a number is used again, a birth is not."""
    stat = Path(f"/proc/{pid}/stat")
    if stat.parent.parent.joinpath("self").exists():
        with contextlib.suppress(OSError):
            fields = stat.read_text().rpartition(")")[2].split()
            return None if fields[0] == "Z" else fields[19]
        return None
    ps = subprocess.run(["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return ps.stdout.strip() or None


def _end(pid: int, birth: str) -> None:
    for how in (signal.SIGTERM, signal.SIGKILL):
        if born(pid) != birth:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, how)
        deadline = time.monotonic() + _GRACE_SECONDS
        while born(pid) == birth and time.monotonic() < deadline:
            time.sleep(_POLL_SECONDS)
