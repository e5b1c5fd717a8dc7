"""Tries mutants: `python -m tests.mutation [MODULE...] [--seconds N] [--each N]`; run again, it resumes.

What became of them is in `build/tried-mutants`. They are not tried again while the module and its tests are the same.
Those listed as equivalent are tried only with `--equivalents`, each by all tests of its module.
"""

from __future__ import annotations

import argparse
import math
import random
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tests.mutation.equivalent_mutants import equivalent_mutants
from tests.mutation.mutants import Mutant, mutants_of, sound
from tests.mutation.outcomes import Outcomes
from tests.mutation.tested_by import LEAST_NOTICED, TESTS, group_of
from tests.mutation.trial import prepare, tried


@dataclass(slots=True)
class Tally:
    """How many mutants there are, how many were tried and noticed, or are listed as equivalent, and which survived."""

    mutants: int = 0
    tried: int = 0
    killed: int = 0
    equivalent: int = 0
    survived: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"{self.mutants} mutants, {self.tried} tried: {self.killed} killed, {self.equivalent} equivalent, "
            f"{len(self.survived)} survived"
        )

    def add(self, other: Tally) -> None:
        """Count another's as well."""
        self.mutants += other.mutants
        self.tried += other.tried
        self.killed += other.killed
        self.equivalent += other.equivalent
        self.survived += other.survived

    def holds(self, group: str) -> bool:
        """Tell whether as many were noticed as must be."""
        return self.killed >= LEAST_NOTICED[group] * (self.killed + len(self.survived))


@dataclass(slots=True)
class Search:
    """Tries the mutants of these modules, in an order that does not favour any; `most` of each, while there is time.

    `equivalents`: those listed as equivalent are tried too, at last; a test that notices one refutes the reason.
    """

    modules: Sequence[str]
    most: int | None = None
    seconds: float | None = None
    equivalents: bool = False
    outcomes: Outcomes = field(default_factory=Outcomes)
    excused: Mapping[str, str] = field(default_factory=equivalent_mutants)
    tallies: dict[str, Tally] = field(init=False)
    sound: set[str] = field(default_factory=set)
    unsound: list[str] = field(default_factory=list)
    waiting: list[tuple[Mutant, bool]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.tallies = {module: Tally() for module in self.modules}

    def run(self, jobs: int | None = None) -> None:
        """Try, and print what survives."""
        for mutant, survived in tried(self.trials(), jobs):
            if not mutant.place:
                self._note_sound(mutant.module, passed=survived)
            elif mutant.module in self.sound:
                self._note(mutant, survived=survived)
            else:
                self.waiting.append((mutant, survived))  # it may have failed as the module itself does

    def trials(self) -> Iterator[Mutant]:
        """Yield each module as it is, then its mutants that no earlier run tried; the equivalent ones come last.

        How long a module's tests take is learned while the mutants of the module before are tried.
        """
        end = math.inf if self.seconds is None else time.monotonic() + self.seconds
        before: list[Mutant] = []
        excused: list[Mutant] = []
        for module in random.sample(self.modules, len(self.modules)):
            if time.monotonic() >= end:
                return
            new = self._untried(module)
            without_reason = [mutant for mutant in new if mutant.name not in self.excused][: self.most]
            if new if self.equivalents else without_reason:
                yield sound(module)
            yield from self._while_sound(before, end)
            excused += [mutant for mutant in new if mutant.name in self.excused]
            before = without_reason
        yield from self._while_sound(before, end)
        if self.equivalents:
            yield from self._while_sound(excused, end)
            return
        for mutant in excused:
            self.tallies[mutant.module].equivalent += 1

    def _untried(self, module: str) -> list[Mutant]:
        mutants = [*mutants_of(module)]
        self.tallies[module].mutants = len(mutants)
        new = [mutant for mutant in mutants if not self._is_known(mutant)]
        return random.sample(new, len(new))

    def _while_sound(self, mutants: Sequence[Mutant], end: float) -> Iterator[Mutant]:
        return (mutant for mutant in mutants if mutant.module not in self.unsound and time.monotonic() < end)

    def _is_known(self, mutant: Mutant) -> bool:
        """Count what an earlier run found out; whoever survived without a reason is tried again."""
        survived = self.outcomes.survived(mutant.module, mutant.source)
        if survived is None or (survived and mutant.name not in self.excused):
            return False
        self._count(mutant, survived=survived)
        return True

    def _note_sound(self, module: str, *, passed: bool) -> None:
        if not passed:
            self.unsound.append(module)
            print(f"UNSOUND  {module}: its tests fail without any mutation", flush=True)
            return
        self.sound.add(module)
        for mutant, survived in [one for one in self.waiting if one[0].module == module]:
            self._note(mutant, survived=survived)

    def _note(self, mutant: Mutant, *, survived: bool) -> None:
        self.outcomes.add(mutant.module, mutant.source, survived=survived)
        self._count(mutant, survived=survived)

    def _count(self, mutant: Mutant, *, survived: bool) -> None:
        tally, excused = self.tallies[mutant.module], mutant.name in self.excused
        tally.tried += 1
        if not survived:
            tally.killed += 1
        elif excused:
            tally.equivalent += 1
        else:
            tally.survived.append(mutant.name)
            print(f"SURVIVED  {mutant.name}", flush=True)
        if not survived and excused:
            print(f"NOTICED, though listed as equivalent  {mutant.name}", flush=True)


def main() -> int:
    """Try, and say what survived."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("modules", nargs="*", metavar="MODULE", help=f"all of them, or of these: {', '.join(TESTS)}")
    parser.add_argument("--seconds", type=float, help="stop after so many seconds")
    parser.add_argument("--each", type=int, help="try at most so many new mutants of each module")
    parser.add_argument("--equivalents", action="store_true", help="try those listed as equivalent, too")
    parser.add_argument("--jobs", type=int, help="processes; two for each core")
    asked = parser.parse_args()
    if unknown := set(asked.modules) - set(TESTS):
        parser.error(f"no tests are named for {', '.join(sorted(unknown))}")
    prepare()
    search = Search(asked.modules or list(TESTS), asked.each, asked.seconds, asked.equivalents)
    search.run(asked.jobs)
    groups: dict[str, Tally] = {}
    for module, tally in search.tallies.items():
        if tally.tried:
            print(f"{module:<29}{tally}")
        groups.setdefault(group_of(module), Tally()).add(tally)
    for group, tally in groups.items():
        print(f"mutants of the {group}: {tally}")
    return bool(search.unsound) or not all(tally.holds(group) for group, tally in groups.items())


if __name__ == "__main__":
    sys.exit(main())
