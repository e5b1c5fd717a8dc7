"""`make up` from end to end, as a process of its own: it serves, says who holds the data, stops and survives."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from infra.local import orphans
from infra.local.engines import ROOT, find_ministack
from infra.local.first_start import SAMPLES

PATIENCE = 90.0
ADMIN = ("admin", "admin-demo")
TRADE = {
    "id": "UP-1",
    "price": 5000,
    "quantity": 10,
    "direction": "buy",
    "delivery_day": "2026-07-01",
    "delivery_hour": 13,
    "trader_id": "trader_1",
    "execution_time": "2026-07-01T08:00:00Z",
}


class Stack:
    """A running `make up` on a data folder."""

    def __init__(self, data_dir: Path, output: Path) -> None:
        self.data_dir, self.output = data_dir, output
        environment = {**os.environ, "DATA_DIR": str(data_dir), "PORT": "0"}
        with output.open("wb") as written:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "infra.local.up"],
                cwd=ROOT,
                env=environment,
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
        return self.process.wait(PATIENCE)

    def crash(self) -> None:
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(PATIENCE)

    def left(self) -> list[int]:
        return [pid for pid in self.engines if orphans.born(pid) is not None]


def drop(stack: Stack, name: str) -> None:
    """Drops a file of one trade into the inbox."""
    header, row = (SAMPLES / "epex_trades_20260615.csv").read_text().splitlines()[:2]
    (stack.data_dir / "inbox" / name).write_text(f"{header}\n{row.replace('EPX-', f'{name}-')}\n")


def until(true: Callable[[], object], seconds: float = PATIENCE) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


@pytest.fixture
def start(dynoxide: Path, tmp_path: Path) -> Iterator[Callable[[], Stack]]:
    if find_ministack() is None:
        reason = "MiniStack is not installed: make engines"
        pytest.fail(reason) if os.environ.get("CI") == "true" else pytest.skip(reason)
    stacks: list[Stack] = []

    def start_on_the_same_data() -> Stack:
        stacks.append(Stack(tmp_path / "data", tmp_path / f"output-{len(stacks)}"))
        return stacks[-1]

    yield start_on_the_same_data
    for stack in stacks:
        if stack.process.poll() is None:
            stack.crash()


def test_it_serves_and_stops_and_leaves_nothing_but_the_data(start: Callable[[], Stack]) -> None:
    stack = start()
    assert requests.get(f"{stack.url}/v1/health", timeout=10).status_code == 200
    assert requests.get(f"{stack.url}/v1/trades", timeout=10).status_code == 401
    assert stack.get("/v1/trades", trader_id="trader_1")
    assert "PnL [EUR]" in stack.said()
    assert "trader_1/trader_1-demo" in stack.said()

    second = subprocess.run(
        [sys.executable, "-m", "infra.local.up"],
        cwd=ROOT,
        env={**os.environ, "DATA_DIR": str(stack.data_dir), "PORT": "0"},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert second.returncode == 1
    assert f"already served by process {stack.process.pid}, at {stack.url}" in second.stdout

    assert stack.end(signal.SIGTERM) == 0
    assert stack.left() == []
    assert sorted(path.name for path in stack.data_dir.iterdir()) == [
        "aws",
        "book.db",
        "first-start-done",
        "handled.jsonl",
        "inbox",
        "lock",
        "logs",
    ]
    assert list((stack.data_dir / "aws" / "tmp").iterdir()) == []


def test_a_file_in_the_inbox_is_imported_and_only_once(start: Callable[[], Stack]) -> None:
    stack = start()
    name = "epex_trades_20260101.csv"
    drop(stack, name)
    until(lambda: f"{name}: " in stack.said())
    assert stack.end(signal.SIGINT) == 0

    again = start()
    later = "epex_trades_20260102.csv"
    drop(again, later)
    until(lambda: f"{later}: " in again.said())

    assert f"{name}: " not in again.said()
    assert again.end(signal.SIGHUP) == 0


def test_every_answered_trade_survives_a_crash(start: Callable[[], Stack]) -> None:
    stack = start()
    before = len(stack.get("/v1/trades"))
    for number in range(20):
        posted = {**TRADE, "id": f"UP-{number}"}
        answer = requests.post(f"{stack.url}/v1/trades", json=posted, auth=ADMIN, timeout=10)
        assert answer.status_code == 200, answer.text

    stack.crash()
    again = start()

    assert stack.left() == []
    assert len(again.get("/v1/trades")) == before + 20
    assert again.end(signal.SIGTERM) == 0


def test_nothing_listens_beyond_this_machine(start: Callable[[], Stack]) -> None:
    if not Path("/proc/net/tcp").exists():
        pytest.skip("only Linux tells who listens in a file")
    stack = start()
    addresses = listening([stack.process.pid, *stack.engines])

    assert len(addresses) == 3
    assert {address.split(":")[0] for address in addresses} == {"0100007F"}


def listening(pids: list[int]) -> list[str]:
    """The addresses at which these processes listen, as the kernel writes them."""
    links = []
    for fd in (fd for pid in pids for fd in Path(f"/proc/{pid}/fd").iterdir()):
        with contextlib.suppress(FileNotFoundError):  # closed between the two questions
            links.append(fd.readlink().name)
    tables = [Path(f"/proc/net/{table}").read_text().splitlines()[1:] for table in ("tcp", "tcp6")]
    sockets = [line.split() for table in tables for line in table]
    return [fields[1] for fields in sockets if fields[3] == "0A" and f"socket:[{fields[9]}]" in links]


def test_without_the_durable_engine_the_data_survives_a_stop(
    start: Callable[[], Stack], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VOLTBOOK_DYNOXIDE", "/nonexistent")
    stack = start()
    assert "The durable database is not installed" in stack.said()
    assert requests.post(f"{stack.url}/v1/trades", json=TRADE, auth=ADMIN, timeout=10).status_code == 200
    assert stack.end(signal.SIGTERM) == 0

    again = start()
    assert again.get(f"/v1/trades/{TRADE['id']}") == TRADE
    assert again.end(signal.SIGTERM) == 0


def test_an_engine_that_ends_by_itself_ends_the_stack(start: Callable[[], Stack]) -> None:
    stack = start()
    os.kill(stack.engines[-1], signal.SIGKILL)

    assert stack.process.wait(PATIENCE) == 1
    assert "dynoxide ended by itself" in stack.said()
    assert stack.left() == []
