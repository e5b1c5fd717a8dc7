"""Child processes of the local stack: started apart from the terminal, asked until ready, stopped."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from infra.local.settings import LOOPBACK, engine_environment

_DIE_WITH_PARENT = Path(__file__).with_name("die_with_parent.py")
_POLL_SECONDS = 0.02


class EngineError(Exception):
    """An engine is missing, did not start or ended by itself; the message is for the operator."""


@dataclass(frozen=True, slots=True)
class Child:
    """A running program: its name in the users' words, its process and where it writes its log."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def pid(self) -> int:
        return self.process.pid

    def alive(self) -> bool:
        return self.process.poll() is None


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def start(name: str, command: Sequence[str], log: Path, environment: Mapping[str, str] | None = None) -> Child:
    """Starts the program in a session of its own: a Ctrl-C in the terminal reaches the stack alone."""
    log.parent.mkdir(parents=True, exist_ok=True)
    command_line = [sys.executable, "-I", "-S", str(_DIE_WITH_PARENT), str(os.getpid()), *command]
    with log.open("ab") as output:
        process = subprocess.Popen(
            command_line,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=engine_environment(environment or {}),
            start_new_session=True,
        )
    return Child(name, process, log)


def wait_until_ready(child: Child, ready: Callable[[], bool], seconds: float) -> None:
    """Asks until the child answers; EngineError with its last words when it ends or stays silent."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not child.alive():
            raise EngineError(f"{child.name} ended while starting{_last_words(child)}")
        if ready():
            return
        time.sleep(_POLL_SECONDS)
    raise EngineError(f"{child.name} did not answer within {seconds:g} s{_last_words(child)}")


def ended(child: Child) -> EngineError:
    return EngineError(f"{child.name} ended by itself{_last_words(child)}")


def stop(child: Child, seconds: float = 10) -> None:
    """Asks the child to end, waits, and then ends whatever is left of its process group."""
    if child.alive():
        child.process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.process.wait(seconds)
    kill(child)


def kill(child: Child) -> None:
    """Ends the child and every process it started, at once, as a crash would."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)
    child.process.wait()


def _last_words(child: Child, lines: int = 8) -> str:
    text = child.log.read_text(encoding="utf-8", errors="replace") if child.log.exists() else ""
    tail = [line for line in text.splitlines() if line.strip()][-lines:]
    return "".join(f"\n    {line}" for line in tail) + f"\n    (all of it: {child.log})"
