"""Going through many seeds, in parts that several processes share; what is found is the same whoever shares them."""

from __future__ import annotations

import gc
import time
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, field
from itertools import count
from typing import Final

from tests.simulation.faults import Killed
from tests.simulation.history import DAYS, History
from tests.simulation.runs import one_thread
from tests.simulation.world import World

PART: Final = 50
"""Histories that one process lives through at a time, and between two collections of garbage."""
AHEAD: Final = 2
"""Parts handed out for each process, so that none waits for another."""


@dataclass(slots=True)
class Score:
    """What a number of histories went through; `seconds` are of CPU, of all processes."""

    days: int = 0
    calls: int = 0
    seconds: float = 0.0
    faults: Counter[str] = field(default_factory=Counter)
    tried: Counter[str] = field(default_factory=Counter)
    failed: dict[int, str] = field(default_factory=dict)

    def add(self, other: Score) -> None:
        """Sum up."""
        self.days += other.days
        self.calls += other.calls
        self.seconds += other.seconds
        self.faults.update(other.faults)
        self.tried.update(other.tried)
        self.failed.update(other.failed)

    def as_json(self) -> dict[str, object]:
        """Give it as the last results are kept."""
        return {
            "days": self.days,
            "calls": self.calls,
            "seconds": round(self.seconds, 1),
            "tried": dict(self.tried),
            "faults": dict(sorted(self.faults.items())),
            "failed": self.failed,
        }


def live(seed: int) -> World:
    """Live through the history of a seed; raises what broke."""
    world = World(seed)
    with one_thread():
        History(world).live()
    return world


def simulate(first: int = 0, *, days: int | None = None, seconds: float | None = None, jobs: int = 1) -> Score:
    """Live through the histories of the seeds from `first` on, until so many days or seconds are over, or one breaks.

    The seeds are the same whatever `jobs`, and so is the first that breaks: parts count in their order.
    """
    score, end = Score(), time.monotonic() + (seconds or 0)
    for part in _scores(_parts(first, days), jobs):
        score.add(part)
        if score.failed or (seconds is not None and time.monotonic() >= end):
            break
    return score


def _parts(first: int, days: int | None) -> Iterator[range]:
    last = None if days is None else first - -days // DAYS
    for begin in count(first, PART):
        if last is not None and begin >= last:
            return
        yield range(begin, begin + PART if last is None else min(begin + PART, last))


def _scores(parts: Iterable[range], jobs: int) -> Iterator[Score]:
    """Give what was found in each part, in their order."""
    if jobs == 1:
        yield from map(_live_through, parts)
        return
    pool = ProcessPoolExecutor(jobs)
    under_way = deque[Future[Score]]()
    try:
        for part in parts:
            under_way.append(pool.submit(_live_through, part))
            if len(under_way) > AHEAD * jobs:
                yield under_way.popleft().result()
        while under_way:
            yield under_way.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


def _live_through(seeds: range) -> Score:
    score, began = Score(), time.process_time()
    gc.freeze()  # what is there stays
    gc.disable()  # a tenth of the time, and a history is small
    with one_thread():
        for seed in seeds:
            world = World(seed)
            try:
                History(world).live()
            except (Exception, Killed) as broken:  # noqa: BLE001 - whatever it is, its seed is what is asked for
                score.failed[seed] = f"{type(broken).__name__}: {broken}"
                break
            finally:
                score.tried.update(world.tried)
            score.days += DAYS
            score.calls += world.calls
            score.faults.update(world.faults)
    gc.collect()
    gc.enable()
    gc.unfreeze()
    score.seconds = time.process_time() - began
    return score
