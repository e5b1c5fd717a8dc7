"""Thousands of days of the whole book under every fault: the promises hold after every step, and a seed replays."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import time
from itertools import count

import pytest

from tests.simulation.__main__ import live, simulate
from tests.simulation.faults import Fault
from tests.simulation.history import DAYS, History
from tests.simulation.runs import one_thread
from tests.simulation.world import World

SHARE = 3_600
"""Days of each part; `make torture` goes through a million. Two parts, so that two workers can share them."""


@pytest.mark.parametrize("part", range(2))
def test_every_promise_holds_after_every_step_of_thousands_of_days(part: int) -> None:
    score = simulate(count(part * 1_000_000), days=SHARE)
    assert score.failed == {}, "replay it: python -m tests.simulation --seed N"
    assert score.days >= SHARE
    assert {fault for fault in Fault if score.faults[fault] == 0} == set()


def test_without_faults_every_notice_is_heard_exactly_once() -> None:
    for seed in range(60):
        world = World(seed, faults=0)
        with one_thread():
            History(world).live()
        assert set(world.heard.values()) <= {1}
        assert len(world.heard) == len(world.outbox.notices)


def test_a_seed_tells_the_same_history_in_every_process() -> None:
    def told(hash_seed: str) -> object:
        command = [sys.executable, "-m", "tests.simulation", "--first", "7", "--days", str(20 * DAYS)]
        done = subprocess.run(
            command, env=os.environ | {"PYTHONHASHSEED": hash_seed}, capture_output=True, text=True, check=True
        )
        return json.loads(done.stdout) | {"seconds": None}

    assert told("1") == told("2")


def test_a_broken_promise_is_told_with_its_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chalicelib.domain.watch.DEADLINE", time(9))
    score = simulate(count(), days=60_000)
    ((seed, words),) = score.failed.items()
    assert "nobody was told" in words
    with pytest.raises(AssertionError, match="nobody was told"):
        live(seed)
