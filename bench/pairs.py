"""Ratios from alternating runs: baseline, ours, baseline, ours.

pyperf, pytest-benchmark and hyperfine take all rounds of one command before the first of the next, so on a machine that
others share a busy minute becomes part of the ratio. Here each pair is taken in the same seconds and the ratio is made
from it; all the rest (medians, processes, clients) is the standard library's and the tools' own.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from infra import ROOT

ROUNDS: Final = 5
FAST_ROUNDS: Final = 2

Measure = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Target:
    """What a ratio, ours to the baseline's, must be."""

    bound: float
    word: str
    within: float = 0
    """How far a ratio may be from the bound, as a share of it."""

    def __str__(self) -> str:
        if self == TO_COMPARE:
            return self.word
        return f"{self.word} {self.bound:.3g}" + (f" ± {self.within:.0%}" if self.within else "")

    def missed_by(self, ratio: float) -> float:
        """How far a ratio is on the wrong side; negative or nothing on the right one."""
        if self.word in {"exactly", "about"}:
            return abs(ratio - self.bound) - self.within * self.bound
        return self.bound - ratio if self.word == "at least" else ratio - self.bound


TO_COMPARE: Final = Target(0, "to compare")
"""No target: a figure that shows what another one is made of."""


def at_least(bound: float) -> Target:
    """Faster is more: rows, requests."""
    return Target(bound, "at least")


def at_most(bound: float) -> Target:
    """Less is better: seconds, bytes."""
    return Target(bound, "at most")


def exactly(bound: float) -> Target:
    """What is counted, not timed."""
    return Target(bound, "exactly")


def about(bound: float, within: float) -> Target:
    """As others measured it."""
    return Target(bound, "about", within)


@dataclass(frozen=True, slots=True)
class Result:
    """A figure beside its baseline: medians of all runs, and the ratio with half of the way between its extremes."""

    name: str
    baseline_is: str
    unit: str
    baseline: float
    ours: float
    ratio: float
    spread: float
    target: str
    verdict: str

    def __str__(self) -> str:
        figures = f"{figure(self.baseline)} and {figure(self.ours)} {self.unit}"
        return f"{self.name}: {figures}, ratio {self.ratio:.2f} ± {self.spread:.2f} ({self.target}): {self.verdict}"

    @property
    def missed(self) -> bool:
        """Whether the target is missed by more than the spread."""
        return self.verdict == "missed"


@dataclass(frozen=True, slots=True)
class Pace:
    """How much is measured: all of it, or just so much that a benchmark is seen to work."""

    fast: bool

    @property
    def rounds(self) -> int:
        """Pairs of runs."""
        return FAST_ROUNDS if self.fast else ROUNDS

    def of(self, all_of_it: int, little: int) -> int:
        """Choose an amount."""
        return little if self.fast else all_of_it


def compared(name: str, unit: str, target: Target, baseline: tuple[str, Measure], ours: Measure, pace: Pace) -> Result:
    """Measure both in turn, each round in the other order, after one run each that does not count."""
    is_what, bare = baseline
    if not pace.fast:
        bare()
        ours()
    pairs: list[tuple[float, float]] = []
    for number in range(pace.rounds):
        if number % 2:
            held = ours()
            pairs.append((bare(), held))
        else:
            held = bare()
            pairs.append((held, ours()))
    return judged(name, is_what, unit, target, pairs)


def judged(
    name: str,
    baseline_is: str,
    unit: str,
    target: Target,
    pairs: Sequence[tuple[float, float]],
    within_reach: Result | None = None,
) -> Result:
    """Return the verdict on pairs of baseline and ours.

    `within_reach` is what the engine made in the same rounds with nothing of ours around it: a target that is missed
    counts as the engine's if the engine misses it too, or does not reach it by more than its own spread.
    """
    ratios = [ours / baseline for baseline, ours in pairs]
    ratio, spread = statistics.median(ratios), (max(ratios) - min(ratios)) / 2
    return Result(
        name=name,
        baseline_is=baseline_is,
        unit=unit,
        baseline=statistics.median(baseline for baseline, _ in pairs),
        ours=statistics.median(ours for _, ours in pairs),
        ratio=ratio,
        spread=spread,
        target=str(target),
        verdict=_verdict(target, ratio, spread, within_reach),
    )


def _verdict(target: Target, ratio: float, spread: float, within_reach: Result | None) -> str:
    if target == TO_COMPARE:
        return "-"
    beyond = target.missed_by(ratio)
    if beyond <= spread:
        return "met" if beyond <= 0 else "within its spread"
    if within_reach is None or -target.missed_by(within_reach.ratio) > within_reach.spread:
        return "missed"
    return "beyond the engine" if target.missed_by(within_reach.ratio) > 0 else "at the engine's limit"


def bounded(name: str, unit: str, bound: float, values: Sequence[float], baseline_is: str) -> Result:
    """Return the verdict on values that have a bound instead of a baseline."""
    return judged(name, baseline_is, unit, at_most(1), [(bound, value) for value in values])


def seconds(work: Callable[[], object]) -> float:
    """Time one call."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def cpu_seconds(command: Sequence[str], environment: dict[str, str] | None = None) -> float:
    """Return the processor time of a process from its start to its end, its start-up included.

    Of a process that hardly waits this is its time, without what others on the machine add to it.
    """
    held = {**os.environ, **(environment or {})}
    process = subprocess.Popen(command, cwd=ROOT, env=held, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return usage.ru_utime + usage.ru_stime


def figure(number: float) -> str:
    """Return a figure with the digits that are significant."""
    if number >= 100:  # noqa: PLR2004 - three digits
        return f"{number:.0f}"
    return f"{number:.3g}"


def told(measure: Callable[[Pace], list[Result]]) -> None:
    """Run one benchmark as a program: print its results, and write them where `--json` says."""
    parser = argparse.ArgumentParser(description=(sys.modules["__main__"].__doc__ or "").splitlines()[0])
    parser.add_argument("--fast", action="store_true", help="just so much that it is seen to work")
    parser.add_argument("--json", type=Path, help="where the results are written")
    given = parser.parse_args()
    results = measure(Pace(given.fast))
    for result in results:
        print(result, flush=True)
    if given.json:
        given.json.write_text(json.dumps([asdict(result) for result in results]))


def read(path: Path) -> list[Result]:
    """Read back what `told` wrote."""
    held: list[dict[str, Any]] = json.loads(path.read_text())
    return [Result(**one) for one in held]
