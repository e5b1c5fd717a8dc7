"""Kills real processes at each call to AWS and reruns them, then at pairs of calls, for as long as there is time.

python -m tests.durability [--seconds N] [--seed N]: prints what was tried as JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from random import Random

import pytest

from chalicelib.aws.client import connection
from chalicelib.imports.context import LEASE
from chalicelib.trades import bootstrap as trades_bootstrap
from infra.local.engines import find_dynoxide, start_dynoxide
from tests.durability.kills import Life, ProcessLife, living
from tests.durability.places import Outcome, Place
from tests.durability.scenes import SCENES, WINDOW, Scene
from tests.fixtures.engines import use_engine

Death = tuple[int, bool]
"""At which call, and whether after it took effect."""
TIMES = (False, True)


@dataclass
class Sweep:
    """Goes through the scenes on one engine; `broken` has the words of what did not end well."""

    rng: Random
    places: Iterator[int] = field(default_factory=count)
    calls: int = 0
    kill_points: int = 0
    pairs: int = 0
    broken: list[str] = field(default_factory=list)

    def go(self, seconds: float) -> None:
        """Kill at the calls of the scenes in a random order, then at random pairs of calls, while there is time."""
        end = time.monotonic() + seconds
        undisturbed = {name: self._undisturbed(scene) for name, scene in SCENES.items()}
        self.calls = sum(calls for calls, _ in undisturbed.values())
        singles = [(name, (call, after)) for name in SCENES for call in range(undisturbed[name][0]) for after in TIMES]
        self.rng.shuffle(singles)
        died = set[str]()
        for name, death in singles:
            if time.monotonic() >= end:
                return
            # The first look closes days that others left open; later ones have fewer calls.
            if self._try(name, [death], undisturbed[name][1]):
                self.kill_points += 1
                died.add(name)
        self.broken += [f"{name}: nobody died" for name in SCENES if name not in died]
        while time.monotonic() < end:
            name = self.rng.choice(list(SCENES))
            calls, expected = undisturbed[name]
            deaths = [(self.rng.randrange(calls), self.rng.random() < 0.5) for _ in range(2)]
            self.pairs += self._try(name, deaths, expected)

    def _undisturbed(self, scene: Scene) -> tuple[int, Outcome]:
        place, life = self._prepared(scene), Life()
        with living(life):
            scene.act(place, life)
        return life.calls, place.outcome()

    def _prepared(self, scene: Scene) -> Place:
        place = Place(next(self.places))
        scene.prepare(place)
        return place

    def _try(self, name: str, deaths: list[Death], expected: Outcome) -> bool:
        """Run, die, rerun; gives whether each death happened: a rerun may have fewer calls."""
        scene = SCENES[name]
        place = self._prepared(scene)
        died = 0
        for call, after in deaths:
            died += _dies(scene, place, ProcessLife(call, after=after))
            place.clock.time += LEASE
        scene.act(place, Life())
        where = f"{name}: killed at {deaths}"
        try:
            scene.assert_ended_well(place, expected, where, died)
        except AssertionError as error:
            self.broken.append(f"{where}: {str(error)[:500]}")
        return died == len(deaths)


def _dies(scene: Scene, place: Place, life: ProcessLife) -> bool:
    """Act in a process of its own until it is killed; gives False where it came to its end before."""
    heard, said = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(heard)
        _live(scene, place, life, said)
    os.close(said)
    with open(heard, encoding="utf-8") as lines:  # noqa: PTH123 - a pipe
        place.notices.sent += [tuple(json.loads(line)) for line in lines]
    _, status = os.waitpid(child, 0)
    ended = os.waitstatus_to_exitcode(status)
    if ended not in {0, -signal.SIGKILL}:
        message = f"a run ended with {ended}"
        raise RuntimeError(message)
    return ended != 0


def _live(scene: Scene, place: Place, life: ProcessLife, said: int) -> None:
    """The child: its mails go through the pipe at once, for it may have no other chance."""
    try:
        connection().client.close()  # what is open is the parent's
        place.notices.sent = Posting(said)
        with living(life):
            scene.act(place, life)
    except BaseException:  # noqa: BLE001 - whatever it is, this process must not go on as its parent
        traceback.print_exc()
        os._exit(3)
    os._exit(0)


class Posting(list[tuple[str, str]]):
    """What was sent, written into a pipe as it is sent."""

    def __init__(self, pipe: int) -> None:
        super().__init__()
        self._pipe = pipe

    def append(self, mail: tuple[str, str]) -> None:
        os.write(self._pipe, f"{json.dumps(mail)}\n".encode())


@contextmanager
def engine_of_its_own() -> Iterator[None]:
    """Point this process at a durable engine whose file lies on the disk."""
    binary = find_dynoxide()
    if binary is None:
        message = "the durable engine is not installed: npm ci"
        raise SystemExit(message)
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        engine = start_dynoxide(binary, Path(folder) / "book.db", Path(folder) / "dynoxide.log")
        try:
            use_engine(engine.url, "sweep", patch)
            patch.setattr("chalicelib.imports.import_run.WINDOW", WINDOW)
            yield
        finally:
            engine.stop()


def main() -> int:
    """Sweep, print."""
    parser = argparse.ArgumentParser(prog="python -m tests.durability", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", type=float, default=60, help="stop after so many")
    parser.add_argument("--seed", type=int, default=1, help="of the random pairs")
    asked = parser.parse_args()
    sweep = Sweep(Random(asked.seed))
    with engine_of_its_own():
        trades_bootstrap.book()
        sweep.go(asked.seconds)
    counts = {"calls": sweep.calls, "kill points": sweep.kill_points, "pairs": sweep.pairs}
    print(json.dumps(counts | {"broken": sweep.broken}))
    return bool(sweep.broken)


if __name__ == "__main__":
    sys.exit(main())
