"""The command: replay one seed, or go through many and print the scorecard."""

from __future__ import annotations

import argparse
import gc
import json
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from itertools import count

from tests.simulation.faults import Killed
from tests.simulation.history import DAYS, History
from tests.simulation.runs import one_thread
from tests.simulation.world import World

COLLECTED = 200
"""Histories between two collections of garbage."""


@dataclass(slots=True)
class Score:
    """What a number of histories went through."""

    days: int = 0
    calls: int = 0
    seconds: float = 0.0
    faults: Counter[str] = field(default_factory=Counter)
    failed: dict[int, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, object]:
        """Give it as the last results are kept."""
        return {
            "days": self.days,
            "calls": self.calls,
            "seconds": round(self.seconds, 1),
            "faults": dict(sorted(self.faults.items())),
            "failed": self.failed,
        }


def live(seed: int) -> World:
    """Live through the history of a seed; raises what broke."""
    world = World(seed)
    with one_thread():
        History(world).live()
    return world


def simulate(seeds: range | count[int], *, days: int | None = None, seconds: float | None = None) -> Score:
    """Live through the histories of these seeds until so many days or seconds are over, or one breaks."""
    score, began, end = Score(), time.process_time(), time.monotonic() + (seconds or 0)
    gc.disable()  # a tenth of the time, and a history is small
    for number, seed in enumerate(seeds, 1):
        if number % COLLECTED == 0:
            gc.collect()
        try:
            world = live(seed)
        except (Exception, Killed) as broken:  # noqa: BLE001 - whatever it is, its seed is what is asked for
            score.failed[seed] = f"{type(broken).__name__}: {broken}"
            break
        score.days += DAYS
        score.calls += world.calls
        score.faults.update(world.faults)
        score.seconds = time.process_time() - began
        if (days is not None and score.days >= days) or (seconds is not None and time.monotonic() >= end):
            break
    gc.enable()
    return score


def main() -> int:
    """Parse, simulate, print."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seed", type=int, help="replay this history and show where it breaks")
    parser.add_argument("--first", type=int, default=0, help="the seed to begin with")
    parser.add_argument("--days", type=int, help="stop after so many simulated days")
    parser.add_argument("--seconds", type=float, help="stop after so many seconds")
    asked = parser.parse_args()
    if asked.seed is not None:
        live(asked.seed)
        print(f"seed {asked.seed}: {DAYS} days, nothing broke")
        return 0
    score = simulate(count(asked.first), days=asked.days, seconds=asked.seconds)
    print(json.dumps(score.as_json(), indent=2))
    for seed in score.failed:
        print(f"replay it: python -m tests.simulation --seed {seed}", file=sys.stderr)
    return bool(score.failed)


if __name__ == "__main__":
    sys.exit(main())
