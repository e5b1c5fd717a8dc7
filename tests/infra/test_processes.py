"""Child processes of the stack: what is said of one that ended, and how those of a crashed stack are ended."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import Mock, call

import pytest

from infra.local import processes
from infra.local.processes import Child
from infra.local.settings import CannotServe


def test_an_engine_that_ended_is_named_with_the_end_of_its_log(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("".join(f"line {number}\n\n" for number in range(1, 11)))
    processes.check(Child("sleeper", Mock(poll=lambda: None), log))
    with pytest.raises(CannotServe) as raised:
        processes.check(Child("sleeper", Mock(poll=lambda: 1), log))
    tail = "".join(f"\n    line {number}" for number in range(3, 11))
    assert str(raised.value) == f"sleeper ended by itself{tail}\n    (all of it: {log})"


def test_the_folder_of_a_log_is_made_with_those_above_it(tmp_path: Path) -> None:
    child = processes.start("sleeper", ["true"], tmp_path / "data" / "logs" / "log")
    assert child.process.wait(10) == 0


def test_a_free_port_is_one_that_the_system_chooses() -> None:
    assert processes.free_port() >= 1024


def test_an_engine_has_ten_seconds_to_save_its_state(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    calls = Mock()
    calls.process.poll.return_value = None
    calls.process.pid = 7
    monkeypatch.setattr(os, "killpg", calls.killpg)
    processes.stop(Child("sleeper", calls.process, tmp_path / "log"))
    asked = [one for one in calls.mock_calls if one != call.process.poll()]
    assert asked[:3] == [call.process.terminate(), call.process.wait(10), call.killpg(7, signal.SIGKILL)]


class Stale:
    """A process of an earlier start, created at 100 s, that ends so many seconds after a signal; and the clock."""

    def __init__(self, folder: Path, seconds_after: dict[int, float], monkeypatch: pytest.MonkeyPatch) -> None:
        self.seconds_after, self.now, self.ends_at = seconds_after, 0.0, 60.0
        self.signals: list[tuple[int, float]] = []
        (folder / "engines.json").write_text(json.dumps({"7": 100.0}))
        clock: Any = SimpleNamespace(monotonic=lambda: self.now, sleep=self.sleep)
        monkeypatch.setattr(processes, "time", clock)
        monkeypatch.setattr(processes, "_POLL_SECONDS", 0.5)
        monkeypatch.setattr(processes, "creation_time", lambda _pid: 100.0 if self.now < self.ends_at else None)
        monkeypatch.setattr(os, "killpg", lambda _pid, number: self.get(number))

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        assert self.now <= 60.0, "waited for ever"

    def get(self, number: int) -> None:
        self.signals.append((number, self.now))
        self.ends_at = min(self.ends_at, self.now + self.seconds_after.get(number, 60.0))


def test_a_stale_engine_is_waited_for_until_it_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stale = Stale(tmp_path, {signal.SIGTERM: 3.0}, monkeypatch)
    processes.end_stale_engines(tmp_path)
    assert (stale.signals, stale.now) == ([(signal.SIGTERM, 0.0)], 3.0)


@pytest.mark.parametrize(("pause", "killed_at"), [(0.5, 10.0), (3.0, 12.0)])
def test_a_stale_engine_that_does_not_end_in_ten_seconds_is_killed(
    pause: float, killed_at: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stale = Stale(tmp_path, {signal.SIGKILL: 0.5}, monkeypatch)
    monkeypatch.setattr(processes, "_POLL_SECONDS", pause)
    processes.end_stale_engines(tmp_path)
    assert stale.signals == [(signal.SIGTERM, 0.0), (signal.SIGKILL, killed_at)]


def test_an_engine_is_asked_until_its_time_is_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock, asked = Stale(tmp_path, {}, monkeypatch), list[float]()

    def ready() -> bool:
        asked.append(clock.now)
        return False

    silent = Child("sleeper", Mock(poll=lambda: None), tmp_path / "log")
    with pytest.raises(CannotServe, match="did not answer within 1 s"):
        processes.wait_until_ready(silent, ready, 1.0)
    assert asked == [0.0, 0.5]


@pytest.mark.parametrize(("created", "signals"), [(102.0, 1), (98.0, 1), (102.5, 0), (97.5, 0)])
def test_a_process_of_another_time_is_another(
    created: float, signals: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stale = Stale(tmp_path, {signal.SIGTERM: 0.0}, monkeypatch)
    monkeypatch.setattr(processes, "creation_time", lambda _pid: created if stale.now < stale.ends_at else None)
    processes.end_stale_engines(tmp_path)
    assert len(stale.signals) == signals
