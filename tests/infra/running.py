"""`make up` as a process of its own, for the tests that look at it from outside."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import requests

from infra import ROOT
from infra.local import processes

PATIENCE = 600.0
"""Seconds: what takes longer hangs, also on a machine that does much else."""
ADMIN = ("admin", "admin-demo")


class Stack:
    """A running `make up` on a data folder, by default with the samples of fixed days."""

    def __init__(self, data_dir: Path, output: Path, *before: str, **environment: str) -> None:
        self.data_dir, self.output = data_dir, output
        own = {"DATA_DIR": str(data_dir), "PORT": "0", "SAMPLES": "committed"}
        self.environment = {**os.environ, **own, **environment}
        with output.open("wb") as written:
            self.process = subprocess.Popen(
                [sys.executable, "-m", *before, "infra.local"],
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=written,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        until(lambda: "is serving on" in self.said() or self.process.poll() is not None)
        assert self.process.poll() is None, self.said()
        self.url = json.loads((data_dir / "stack.json").read_text())["api"]
        self.engines = [int(pid) for pid in json.loads((data_dir / "engines.json").read_text())]

    def said(self) -> str:
        return self.output.read_text()

    def get(self, path: str, **query: str) -> Any:
        answer = requests.get(self.url + path, query, auth=ADMIN, timeout=10)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def end(self, how: signal.Signals) -> int:
        self.process.send_signal(how)
        code = self.process.wait(PATIENCE)
        if code:
            said = self.said(), (self.data_dir / "logs" / "voltbook.log").read_text()
            print(*said)  # noqa: T201 - pytest shows it beside the assertion that fails
        return code

    def crash(self) -> None:
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(PATIENCE)

    def left(self) -> list[int]:
        return [pid for pid in self.engines if processes.creation_time(pid) is not None]


class Home:
    """A data folder and the stack that serves it, started when it is first needed and again after it ended."""

    def __init__(self, folder: Path) -> None:
        self.stacks: list[Stack] = []
        self._folder = folder

    def stack(self) -> Stack:
        if not self.stacks or self.stacks[-1].process.poll() is not None:
            self.stacks.append(Stack(self._folder / "data", self._folder / f"output-{len(self.stacks)}"))
        return self.stacks[-1]

    def close(self) -> None:
        for stack in self.stacks:
            if stack.process.poll() is None:
                stack.crash()


def until(true: Callable[[], object], seconds: float = PATIENCE) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)
