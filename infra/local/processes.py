"""Child processes of the local stack: started apart from the terminal, polled until ready, stopped, and never left."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from infra.local import guard
from infra.local.settings import LOOPBACK, CannotServe, engine_environment

_DIE_WITH_PARENT = """
import ctypes, os, signal, sys
parent, *command = sys.argv[1:]
if sys.platform == "linux":
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # 1 is PR_SET_PDEATHSIG of <linux/prctl.h>
if os.getppid() != int(parent):
    sys.exit("the stack ended before this engine started")
os.execvp(command[0], command)
"""
"""Runs a program that ends when its parent process ends, so that even `kill -9` of the stack leaves no engine behind.

It replaces `preexec_fn`, which is unsafe in a process with threads. Linux sends the signal when the *thread* that
started the program ends, so engines are started from the main thread. It is SIGTERM because MiniStack then saves its
state. Elsewhere the next start ends stale engines.
"""
_RECORD = "engines.json"
_STALE_SECONDS = 10.0
# Linux counts from the boot, whose time moves a little when the clock is corrected.
_CREATION_TOLERANCE_SECONDS = 2.0
_POLL_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class Child:
    name: str
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def pid(self) -> int:
        return self.process.pid

    def alive(self) -> bool:
        return self.process.poll() is None


def free_port(host: str = LOOPBACK) -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def may_listen(pid: int, port: int) -> bool:
    """Return whether a process listens on the port; True where the system does not tell.

    A port that was free a moment ago may belong to another program by now.
    """
    try:
        connections = psutil.Process(pid).net_connections("tcp")
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        return True
    listening = (connection for connection in connections if connection.status == psutil.CONN_LISTEN)
    return any(connection.laddr.port == port for connection in listening)


@dataclass(frozen=True, slots=True)
class Guard:
    """What stands before an engine at `host` and `port`: it forwards what reaches the listener with the key."""

    listener: socket.socket
    host: str
    port: int
    key: str

    def before(self, command: Sequence[str]) -> list[str]:
        program = [sys.executable, "-I", "-S", guard.__file__]
        return [*program, str(self.listener.fileno()), self.host, str(self.port), *command]


def start(
    name: str,
    command: Sequence[str],
    log: Path,
    environment: Mapping[str, str] | None = None,
    guarded_by: Guard | None = None,
) -> Child:
    """Start the program in a session of its own, so that a Ctrl-C in the terminal reaches the stack alone."""
    log.parent.mkdir(parents=True, exist_ok=True)
    program = guarded_by.before(command) if guarded_by else command
    command_line = [sys.executable, "-I", "-S", "-c", _DIE_WITH_PARENT, str(os.getpid()), *program]
    with log.open("ab") as output:
        process = subprocess.Popen(
            command_line,
            stdin=subprocess.PIPE if guarded_by else subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=engine_environment(environment or {}),
            start_new_session=True,
            pass_fds=[guarded_by.listener.fileno()] if guarded_by else [],
        )
    if guarded_by and process.stdin:
        # Other accounts can read a command line.
        with contextlib.suppress(BrokenPipeError), process.stdin as key:
            key.write(guarded_by.key.encode())
    return Child(name, process, log)


def wait_until_ready(child: Child, ready: Callable[[], bool], seconds: float) -> None:
    """Poll until the child is ready. Raise CannotServe with the end of its log if it ends or does not answer."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not child.alive():
            raise CannotServe(f"{child.name} ended while starting{_log_tail(child)}")
        if ready():
            return
        time.sleep(_POLL_SECONDS)
    raise CannotServe(f"{child.name} did not answer within {seconds:g} s{_log_tail(child)}")


def check(child: Child) -> None:
    if not child.alive():
        raise CannotServe(f"{child.name} ended by itself{_log_tail(child)}")


def stop(child: Child, seconds: float = 10) -> None:
    """Terminate the child, wait, and kill what is left of its process group."""
    if child.alive():
        child.process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.process.wait(seconds)
    kill(child)


def kill(child: Child) -> None:
    """Kill the child and every process it started, also those whose parent is gone."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)
    child.process.wait()


def record_engines(data_dir: Path, pids: Iterable[int]) -> None:
    created = {str(pid): moment for pid in pids if (moment := creation_time(pid)) is not None}
    (data_dir / _RECORD).write_text(json.dumps(created), encoding="utf-8")


def forget_engines(data_dir: Path) -> None:
    (data_dir / _RECORD).unlink(missing_ok=True)


def end_stale_engines(data_dir: Path) -> None:
    """End the recorded engines of a stack that crashed, and wait: two engines must not share a file."""
    recorded: dict[int, float] = {}
    with contextlib.suppress(FileNotFoundError, ValueError):
        record = json.loads((data_dir / _RECORD).read_text(encoding="utf-8"))
        recorded = {int(pid): float(created) for pid, created in record.items()}
    for pid, created in recorded.items():
        _end_stale(pid, created)
    forget_engines(data_dir)


def creation_time(pid: int) -> float | None:
    """Return when a running process was created, in seconds since the epoch; None if it ended."""
    with contextlib.suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        if process.status() != psutil.STATUS_ZOMBIE:
            return process.create_time()
    return None


def _end_stale(pid: int, created: float) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        if not _is_same(pid, created):
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, number)
        deadline = time.monotonic() + _STALE_SECONDS
        while _is_same(pid, created) and time.monotonic() < deadline:
            time.sleep(_POLL_SECONDS)


def _is_same(pid: int, created: float) -> bool:
    found = creation_time(pid)
    return found is not None and abs(found - created) <= _CREATION_TOLERANCE_SECONDS


def _log_tail(child: Child, lines: int = 8) -> str:
    text = child.log.read_text(encoding="utf-8", errors="replace") if child.log.exists() else ""
    tail = [line for line in text.splitlines() if line.strip()][-lines:]
    return "".join(f"\n    {line}" for line in tail) + f"\n    (all of it: {child.log})"
