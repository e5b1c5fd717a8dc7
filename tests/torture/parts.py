"""The parts of the torture, each of which takes about so many seconds and returns what it counted and what broke."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from random import SystemRandom
from typing import Any, Final

Counts = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Result:
    """What a part counted, and the words of everything that broke."""

    counts: Counts
    broken: list[str] = field(default_factory=list)


Part = Callable[[float], Result]


@dataclass(frozen=True, slots=True)
class Done:
    """What a process printed, and how it ended."""

    code: int
    printed: str
    problems: str

    def why(self, what: str) -> Result:
        """Return the result of a process that ended without one, with the last that it printed."""
        last = (self.problems.strip() or self.printed.strip() or "it printed nothing")[-1000:]
        return Result({}, [f"{what} (exit code {self.code}): {last}"])


def simulation(seconds: float) -> Result:
    """Simulate with all cores, from a seed that nobody chose."""
    first = SystemRandom().randrange(10**9)
    done = _python("tests.simulation", "--first", str(first), "--seconds", str(seconds))
    if not done.printed:
        return done.why(f"the simulation from seed {first} printed no score")
    score = json.loads(done.printed)
    broken = [f"python -m tests.simulation --seed {seed}: {words}" for seed, words in score["failed"].items()]
    return Result({name: score[name] for name in ("days", "calls", "tried", "faults")} | {"seeds from": first}, broken)


def seeded_bugs(seconds: float) -> Result:
    """Seed bugs, in an order that nobody chose, for as long as there is time."""
    from tests.seeded_bugs.__main__ import seed
    from tests.seeded_bugs.defects import DEFECTS

    noticed = seed(SystemRandom().sample(DEFECTS, len(DEFECTS)), seconds)
    survivors = [f"nobody noticed: {name}" for name, how in noticed.items() if how is None]
    caught = len(noticed) - len(survivors)
    return Result(
        {
            "bugs": len(DEFECTS),
            "seeded": len(noticed),
            "caught": caught,
            "by": {name: _by(how) for name, how in noticed.items()},
        },
        survivors,
    )


def mutation(seconds: float) -> Result:
    """Try a few new mutants of each module, for as long as there is time."""
    done = _python("tests.mutation", "--seconds", str(seconds), "--each", "8")
    names = ("mutants", "tried", "killed", "equivalent", "survived")
    figures = r"(\d+) mutants, (\d+) tried: (\d+) killed, (\d+) equivalent, (\d+) survived"
    found = re.findall(rf"^mutants of the (\w+): {figures}$", done.printed, re.MULTILINE)
    broken = re.findall(r"^(?:SURVIVED|UNSOUND)  .*$", done.printed, re.MULTILINE) if done.code else []
    if not found or (done.code and not broken):
        return done.why("the mutants were not tried")
    return Result({group: dict(zip(names, map(int, figure), strict=True)) for group, *figure in found}, broken)


def fuzzing(seconds: float) -> Result:
    """Search each of the readers of bytes, one on each core."""
    from tests.fuzz.__main__ import NAMES, search

    cores = os.cpu_count() or 1
    with ThreadPoolExecutor(cores) as pool:
        searched = pool.map(partial(search, seconds=max(1, int(seconds * cores / len(NAMES)))), NAMES)
        found = dict(zip(NAMES, searched, strict=True))
    counts = {
        name: {"executions": one.executions, "coverage from": one.covered[0], "coverage to": one.covered[1]}
        for name, one in found.items()
    }
    return Result(counts, [f"{name}: {one.crash}" for name, one in found.items() if one.crash])


def hostile_input(_seconds: float) -> Result:
    """Send every hostile request and import every hostile file."""
    requests = _tests("tests/api/test_hostile.py", "tests/access/test_authorizer.py", "tests/api/test_schemathesis.py")
    sockets = _tests("tests/infra/test_hostile_sockets.py", REQUESTS="10000")
    files = _tests("tests/imports/test_hostile_files.py", "tests/fuzz")
    counts = {"requests": requests.counts, "sockets": sockets.counts, "files": files.counts}
    return Result(counts, requests.broken + sockets.broken + files.broken)


def process_kills(seconds: float) -> Result:
    """Kill real processes at calls to AWS on the durable engine, then at pairs of calls, while there is time."""
    seed = SystemRandom().randrange(10**9)
    done = _python("tests.durability", "--seconds", str(seconds), "--seed", str(seed))
    if not done.printed:
        return done.why(f"the sweep of seed {seed} did not end")
    found = json.loads(done.printed)
    counts = {name: found[name] for name in ("calls", "kill points", "pairs")} | {"seed": seed}
    return Result(counts, found["broken"])


def durability(_seconds: float) -> Result:
    """Race, go through any history, recover, and let faults happen on the durable engine; kills are another part."""
    return _tests("tests/durability", "--ignore=tests/durability/test_kill_sweep.py")


def _tests(*where: str, **environment: str) -> Result:
    several = ("--numprocesses", str(os.cpu_count() or 1), "--dist", "loadscope")
    done = _python("pytest", "-q", "-p", "no:cacheprovider", *several, *where, **environment)
    passed = re.search(r"(\d+) passed", done.printed)
    broken = re.findall(r"^(?:FAILED|ERROR) .*$", done.printed, re.MULTILINE)
    if done.code and not broken:
        return done.why(f"{' '.join(where)} did not run")
    return Result({"passed": int(passed[1]) if passed else 0}, broken)


def _python(module: str, *arguments: str, **environment: str) -> Done:
    # pytest cuts the reason of a failure at the width of the terminal.
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        env=os.environ | {"COLUMNS": "400"} | environment,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    return Done(done.returncode, done.stdout, done.stderr)


def _by(how: str | None) -> str:
    return "nobody" if how is None else how.split(":")[0]


PARTS: Final[dict[str, tuple[float, Part]]] = {
    "simulation": (0.3, simulation),
    "fuzzing": (0.05, fuzzing),
    "mutation": (0.2, mutation),
    "hostile input": (0.0, hostile_input),
    "process kills": (0.1, process_kills),
    "durability": (0.0, durability),
    "seeded bugs": (0.2, seeded_bugs),
}
"""Each with its share of the minutes that may be chosen; the others take as long as they take."""
