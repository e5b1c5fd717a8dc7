"""The API over real sockets in a process of its own: what a test does to it or to its engine ends only there."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

from infra.paths import ROOT
from tests.infra.running import ADMIN, PATIENCE

KIB = 1024
RETURNED = {"MALLOC_MMAP_THRESHOLD_": "1000000"}
"""Makes glibc give large pieces back to the system at once. Left alone, each thread that has checked a password keeps
the 19 MB that took for the next time, and what the server keeps for good could not be told from that."""


class Served:
    """A server of the book that the environment names; it ends when its standard input does."""

    def __init__(self, process: subprocess.Popen[str], log: Path) -> None:
        assert process.stdout is not None
        self.process, self.log = process, log
        self.port = int(process.stdout.readline() or 0)
        assert self.port, log.read_text()
        self.url = f"http://127.0.0.1:{self.port}"

    def get(self, path: str, **query: str) -> Any:
        answer = requests.get(self.url + path, query, auth=ADMIN, timeout=10)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def memory(self) -> int:
        """The bytes of memory it holds."""
        [line] = [line for line in self._status() if line.startswith("VmRSS:")]
        return int(line.split()[1]) * KIB

    def threads(self) -> int:
        [line] = [line for line in self._status() if line.startswith("Threads:")]
        return int(line.split()[1])

    def _status(self) -> list[str]:
        return Path(f"/proc/{self.process.pid}/status").read_text().splitlines()


@contextmanager
def served(log: Path, *modules: str) -> Iterator[Served]:
    """Serve the book that the environment names, and write what the server says into the log.

    `modules` name this one and what runs it in some other way.
    """
    with (
        log.open("w") as said,
        subprocess.Popen(
            [sys.executable, "-m", *(modules or ["tests.serving"])],
            cwd=ROOT,
            env=os.environ | RETURNED,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=said,
            text=True,
        ) as process,
    ):
        try:
            yield Served(process, log)
            assert process.stdin is not None
            process.stdin.close()
            assert process.wait(PATIENCE) == 0, log.read_text()
        finally:
            process.kill()


def main() -> None:
    """Serve on any free port, say which, and end when nobody listens any more."""
    from app import app
    from infra.local import server
    from infra.local.gateway import application

    listener = server.reserve(0)
    serving = server.serve(application(app), listener)
    print(listener.getsockname()[1], flush=True)  # noqa: T201 - whom it started reads it
    sys.stdin.read()
    serving.close()


if __name__ == "__main__":
    main()
