"""The parts of the torture, each of which takes about so many seconds and gives what it counted and what broke."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from random import SystemRandom
from typing import Any, Final

Counts = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Result:
    """What a part counted, and the words of everything that broke."""

    counts: Counts
    broken: list[str] = field(default_factory=list)


def simulation(seconds: float) -> Result:
    """Simulate with all cores, from a seed that nobody chose."""
    first = SystemRandom().randrange(10**9)
    said, problems = _python("tests.simulation", "--first", str(first), "--seconds", str(seconds)).communicate()
    if not said:
        return Result({}, [f"the simulation ended without a word: {problems[-500:]}"])
    score = json.loads(said)
    broken = [f"python -m tests.simulation --seed {seed}: {words}" for seed, words in score["failed"].items()]
    return Result({name: score[name] for name in ("days", "calls", "tried", "faults")} | {"seeds from": first}, broken)


def seeded_bugs(_seconds: float) -> Result:
    """Seed every bug, however long that takes."""
    from tests.seeded_bugs.__main__ import seed
    from tests.seeded_bugs.defects import DEFECTS

    noticed = seed(DEFECTS)
    survivors = [f"nobody noticed: {name}" for name, how in noticed.items() if how is None]
    caught = len(noticed) - len(survivors)
    return Result(
        {"seeded": len(noticed), "caught": caught, "by": {name: _by(how) for name, how in noticed.items()}}, survivors
    )


def mutation(seconds: float) -> Result:
    """Try mutants of the domain and of the services for as long as there is time."""
    process = _python("tests.mutation", "--seconds", str(seconds))
    said, _ = process.communicate()
    names = ("mutants", "tried", "killed", "equivalent", "survived")
    figures = r"(\d+) mutants, (\d+) tried: (\d+) killed, (\d+) equivalent, (\d+) survived"
    found = re.findall(rf"^mutants of the (\w+): {figures}$", said, re.MULTILINE)
    if not found:
        return Result({}, [f"the mutants were not tried: {said[-500:]}"])
    counts = {group: dict(zip(names, map(int, figure), strict=True)) for group, *figure in found}
    return Result(counts, re.findall(r"^SURVIVED  .*$", said, re.MULTILINE) if process.returncode else [])


def fuzzing(seconds: float) -> Result:
    """Search each of the readers of bytes."""
    from tests.fuzz.__main__ import NAMES, search

    found = {name: search(name, max(1, int(seconds / len(NAMES)))) for name in NAMES}
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
    """Kill real processes at every call to AWS on the durable engine, then at pairs of calls."""
    seed = SystemRandom().randrange(10**9)
    said, problems = _python("tests.durability", "--seconds", str(seconds), "--seed", str(seed)).communicate()
    if not said:
        return Result({}, [f"no process was killed: {problems[-500:]}"])
    found = json.loads(said)
    return Result({"kill points": found["kill points"], "pairs": found["pairs"], "seed": seed}, found["broken"])


def durability(_seconds: float) -> Result:
    """Race, go through any history, recover, and let faults happen on the durable engine."""
    return _tests("tests/durability")


def _tests(*where: str, **environment: str) -> Result:
    several = ("--numprocesses", str(os.cpu_count() or 1), "--dist", "loadscope")
    process = _python("pytest", "-q", "-p", "no:cacheprovider", *several, *where, **environment)
    said, _ = process.communicate()
    passed = re.search(r"(\d+) passed", said)
    broken = re.findall(r"^(?:FAILED|ERROR) .*$", said, re.MULTILINE)
    if process.returncode and not broken:
        broken = [f"{' '.join(where)} did not run: {said[-500:]}"]
    return Result({"passed": int(passed[1]) if passed else 0}, broken)


def _python(module: str, *arguments: str, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _by(how: str | None) -> str:
    return "nobody" if how is None else how.split(":")[0]


PARTS: Final[dict[str, tuple[float, Callable[[float], Result]]]] = {
    "simulation": (0.55, simulation),
    "fuzzing": (0.05, fuzzing),
    "mutation": (0.35, mutation),
    "hostile input": (0.0, hostile_input),
    "process kills": (0.05, process_kills),
    "durability": (0.0, durability),
    "seeded bugs": (0.0, seeded_bugs),
}
"""Each with its share of the minutes that may be chosen; the others take as long as they take."""
