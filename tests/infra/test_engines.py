"""Engines keep what they answered through a crash, and none outlives the stack that started it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest

from infra.local import engines, processes
from infra.local.aws import create_tables
from infra.local.settings import CannotServe
from tests.fixtures.engines import EngineFactory, dynamodb_client

START_AND_WAIT = """
import sys
from pathlib import Path
from infra.local import processes
child = processes.start("sleeper", ["sleep", "600"], Path(sys.argv[1]) / "log")
print(child.pid, flush=True)
sys.stdin.read()
"""


def wait_until(true: Callable[[], bool], seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while not true() and time.monotonic() < deadline:
        time.sleep(0.01)
    return true()


def start(*command: str, folder: Path) -> processes.Child:
    return processes.start("sleeper", command, folder / "log")


def test_what_was_answered_survives_a_kill(engine_factory: EngineFactory, tmp_path: Path) -> None:
    engine = engine_factory(tmp_path / "book.db")
    create_tables(dynamodb_client(engine.url), "crash")
    users = "voltbook-crash-users"
    for number in range(20):
        dynamodb_client(engine.url).put_item(TableName=users, Item={"name": {"S": str(number)}})

    engine.kill()
    again = engine_factory(tmp_path / "book.db", engine.port)

    assert dynamodb_client(again.url).scan(TableName=users)["Count"] == 20


def test_an_engine_that_ends_at_once_says_its_last_words(tmp_path: Path) -> None:
    child = start("sh", "-c", "echo the disk is full; exit 1", folder=tmp_path)

    with pytest.raises(CannotServe, match=r"sleeper ended while starting\n.*the disk is full"):
        processes.wait_until_ready(child, lambda: False, 10)


def test_an_engine_that_stays_silent_is_given_up(tmp_path: Path) -> None:
    child = start("sleep", "600", folder=tmp_path)

    with pytest.raises(CannotServe, match=r"did not answer within 0\.1 s"):
        processes.wait_until_ready(child, lambda: False, 0.1)
    processes.kill(child)


@contextmanager
def another_program(answer: bytes) -> Iterator[int]:
    """A program that gives this answer to whoever asks on its port."""
    over = threading.Event()

    def serve() -> None:
        while not over.is_set():
            asking, _ = listener.accept()
            with asking, suppress(ConnectionError):
                asking.recv(65536)
                asking.sendall(answer)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            over.set()
            with socket.create_connection(listener.getsockname()) as last:
                last.sendall(b"!")
            thread.join()


@pytest.mark.parametrize(
    "answer", [b"HTTP/1.0 200 OK\r\n\r\n", b"220 mail.example.com ESMTP\r\n"], ids=["HTTP", "mail"]
)
def test_another_program_on_the_port_is_not_taken_for_a_starting_engine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: bytes
) -> None:
    monkeypatch.setattr(engines, "READY_SECONDS", 0.3)
    slow = tmp_path / "slow"
    slow.write_text("#!/bin/sh\nexec sleep 600\n")
    slow.chmod(0o700)

    with another_program(answer) as port, pytest.raises(CannotServe, match="did not answer within"):
        engines.start_dynoxide(slow, tmp_path / "book.db", tmp_path / "log", port)


def test_an_engine_that_does_not_stop_is_killed_with_its_workers(tmp_path: Path) -> None:
    child = start("sh", "-c", "trap '' TERM; sleep 600 & echo $!; wait; wait", folder=tmp_path)
    log = tmp_path / "log"
    assert wait_until(lambda: log.read_text().endswith("\n"))

    processes.stop(child, seconds=0.1)

    assert child.process.returncode == -signal.SIGKILL
    assert wait_until(lambda: processes.creation_time(int(log.read_text())) is None)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the next start ends them")
def test_an_engine_does_not_outlive_a_killed_stack(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", START_AND_WAIT, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as stack:
        assert stack.stdout is not None
        pid = int(stack.stdout.readline())
        assert processes.creation_time(pid) is not None
        stack.kill()

    assert wait_until(lambda: processes.creation_time(pid) is None)


def test_the_next_start_ends_what_the_last_one_left(tmp_path: Path) -> None:
    child = start("sleep", "600", folder=tmp_path)
    processes.record_engines(tmp_path, [child.pid])

    processes.end_stale_engines(tmp_path)

    assert child.process.wait(10) == -signal.SIGTERM


def test_a_number_that_belongs_to_another_process_by_now_is_left_alone(tmp_path: Path) -> None:
    child = start("sleep", "600", folder=tmp_path)
    created = processes.creation_time(child.pid)
    assert created is not None
    (tmp_path / "engines.json").write_text(json.dumps({child.pid: created - 60}))

    processes.end_stale_engines(tmp_path)

    assert child.alive()
    processes.kill(child)


def test_stale_engine_is_found_although_the_clock_was_corrected_since(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    child = start("sleep", "600", folder=tmp_path)
    processes.record_engines(tmp_path, [child.pid])
    corrected = processes.creation_time
    monkeypatch.setattr(processes, "creation_time", lambda pid: (created := corrected(pid)) and created + 1)

    processes.end_stale_engines(tmp_path)

    assert child.process.wait(10) == -signal.SIGTERM


def test_record_of_another_version_is_ignored(tmp_path: Path) -> None:
    child = start("sleep", "600", folder=tmp_path)
    (tmp_path / "engines.json").write_text(json.dumps({child.pid: "Sat Nov 28 19:00:00 2026"}))

    processes.end_stale_engines(tmp_path)

    assert child.alive()
    assert not (tmp_path / "engines.json").exists()
    processes.kill(child)


def test_port_belongs_to_the_process_that_listens_on_it(tmp_path: Path) -> None:
    child = start("sleep", "600", folder=tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        assert processes.may_listen(os.getpid(), port)
        assert not processes.may_listen(child.pid, port)
    processes.kill(child)
    assert not processes.may_listen(child.pid, port)


def test_port_may_belong_to_a_process_that_the_system_does_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise psutil.AccessDenied

    monkeypatch.setattr(psutil.Process, "net_connections", refuse)
    assert processes.may_listen(os.getpid(), 1)


def test_without_a_record_there_is_nothing_to_end(tmp_path: Path) -> None:
    processes.end_stale_engines(tmp_path)
    (tmp_path / "engines.json").write_text("cut off by a cra")
    processes.end_stale_engines(tmp_path)

    assert not (tmp_path / "engines.json").exists()
