"""Thousands of days of the whole book under every fault: the promises hold after every step, and a seed replays."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import time
from typing import Any

import pytest
from coverage import Coverage

from chalicelib.feeds.feed import DAILY
from tests.simulation.faults import Fault
from tests.simulation.history import DAYS, History
from tests.simulation.runs import one_thread
from tests.simulation.seeds import live, simulate
from tests.simulation.world import World

DAYS_TRIED = 30_000
"""`make torture` goes through as many as it has time for."""
CALLS_A_DAY = 74
"""As many as a day made before it was made to be quick: it is not quick because it tries less."""


@pytest.fixture(autouse=True)
def _without_coverage() -> Iterator[None]:
    """Its runs take turns as greenlets; where coverage is to tell these apart, all tests take half as long again."""
    measuring = Coverage.current()
    if measuring is None:
        yield
        return
    measuring.stop()
    try:
        yield
    finally:
        measuring.start()


def simulated(*arguments: str, hash_seed: str = "0") -> dict[str, Any]:
    """What the command says, in a process that no coverage is measured of: it would take four times as long."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
    command = [sys.executable, "-m", "tests.simulation", *arguments]
    done = subprocess.run(
        command, env=kept | {"PYTHONHASHSEED": hash_seed}, capture_output=True, text=True, check=False
    )
    score: dict[str, Any] = json.loads(done.stdout)
    return score


def test_every_promise_holds_after_every_step_of_thousands_of_days() -> None:
    score = simulated("--days", str(DAYS_TRIED))
    assert score["failed"] == {}, "replay it: python -m tests.simulation --seed N"
    assert score["days"] >= DAYS_TRIED
    assert score["calls"] >= CALLS_A_DAY * score["days"]
    assert {fault for fault in Fault if fault not in score["faults"]} == set()
    tried = (
        "posts booked",
        "trades that must stand",
        "rows shown to readers",
        "files of other feeds",
        "files of prices",
        "files accepted as shown",
    )
    assert min(score["tried"][what] for what in tried) > 0


def test_what_a_reader_is_shown_of_others_is_counted() -> None:
    world = World(1)
    world.shown("trader_1", ["trader_1", "Trader_1"])
    world.shown(None, ["trader_1"])
    assert (world.tried["rows shown to readers"], world.tried["foreign rows seen"]) == (3, 1)


def test_without_faults_every_notice_is_heard_exactly_once() -> None:
    for seed in range(60):
        world = World(seed, faults=0)
        with one_thread():
            history = History(world)
            history.live()
        for one in (world, history.prices.market):
            assert set(one.heard.values()) <= {1}
            assert len(one.heard) == sum(len(outbox.notices) for outbox in one.outbox.feeds.values())


def test_seeds_make_the_same_histories_in_any_number_of_processes() -> None:
    days = ("--first", "7", "--days", str(120 * DAYS))
    told = [simulated(*days, "--jobs", jobs, hash_seed=jobs) | {"seconds": 0} for jobs in "13"]
    assert told[0] == told[1]


@pytest.fixture
def _deadline_at_nine() -> Iterator[None]:
    object.__setattr__(DAILY, "deadline", time(9))
    yield
    object.__setattr__(DAILY, "deadline", time(8))


@pytest.mark.usefixtures("_deadline_at_nine")
def test_a_broken_promise_is_told_with_its_seed() -> None:
    score = simulate(days=60_000)
    ((seed, words),) = score.failed.items()
    assert "nobody was told" in words
    with pytest.raises(AssertionError, match="nobody was told"):
        live(seed)


def test_the_first_seed_that_breaks_is_told_by_any_number_of_processes() -> None:
    late = (
        "from datetime import time; import tests.simulation.seeds as s; from chalicelib.feeds.feed import DAILY; "
        "object.__setattr__(DAILY, 'deadline', time(9)); "
    )
    tell = "print([list(s.simulate(days=60_000, jobs=jobs).failed) for jobs in (1, 2, 3)])"
    done = subprocess.run([sys.executable, "-c", late + tell], capture_output=True, text=True, check=True)
    assert done.stdout in {f"{[[seed]] * 3}\n" for seed in range(100)}
