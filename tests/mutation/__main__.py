"""Tries mutants of the domain and of services: `python -m tests.mutation [MODULE...] [--seconds N]`."""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import takewhile

from tests.mutation.equivalent_mutants import equivalent_mutants
from tests.mutation.mutants import mutants_of, sound
from tests.mutation.tested_by import TESTS, group_of
from tests.mutation.trial import prepare, tried

LEAST_NOTICED = {"domain": 1.0, "services": 0.95}
"""Which share of the mutants that are not equivalent must be killed."""


@dataclass(slots=True)
class Tally:
    """How many mutants there are, were tried, were noticed, are equivalent, and which were neither."""

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
        return self.killed >= LEAST_NOTICED[group] * (self.tried - self.equivalent)


def try_mutants(modules: Sequence[str], seconds: float | None = None) -> dict[str, Tally]:
    """Try the mutants of these modules, as many as the time allows, in an order that does not favour any module.

    Equivalent ones are tried too: a test that notices one refutes the reason.
    """
    prepare()
    _see_tests_pass(modules)
    mutants = [mutant for module in modules for mutant in mutants_of(module)]
    random.Random(1).shuffle(mutants)
    tallies, excused, began = {module: Tally() for module in modules}, equivalent_mutants(), time.monotonic()
    for mutant in mutants:
        tallies[mutant.module].mutants += 1
    for mutant, survived in tried(takewhile(lambda _: seconds is None or time.monotonic() - began < seconds, mutants)):
        tally = tallies[mutant.module]
        tally.tried += 1
        if not survived:
            tally.killed += 1
        elif mutant.name in excused:
            tally.equivalent += 1
        else:
            tally.survived.append(mutant.name)
            print(f"SURVIVED  {mutant.name}", flush=True)
        if not survived and mutant.name in excused:
            print(f"NOTICED, though listed as equivalent  {mutant.name}", flush=True)
    return tallies


def _see_tests_pass(modules: Iterable[str]) -> None:
    failing = [mutant.module for mutant, passed in tried(map(sound, modules)) if not passed]
    if failing:
        message = f"the tests of {', '.join(failing)} fail without any mutation"
        raise AssertionError(message)


def main() -> int:
    """Try, and say what survived."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("modules", nargs="*", metavar="MODULE", help=f"all of them, or of these: {', '.join(TESTS)}")
    parser.add_argument("--seconds", type=float, help="stop after so many seconds")
    asked = parser.parse_args()
    if unknown := set(asked.modules) - set(TESTS):
        parser.error(f"no tests are named for {', '.join(sorted(unknown))}")
    tallies = try_mutants(asked.modules or list(TESTS), asked.seconds)
    groups: dict[str, Tally] = {}
    for module, tally in tallies.items():
        print(f"{module:<22}{tally}")
        groups.setdefault(group_of(module), Tally()).add(tally)
    for group, tally in groups.items():
        print(f"mutants of the {group}: {tally}")
    return not all(tally.holds(group) for group, tally in groups.items())


if __name__ == "__main__":
    sys.exit(main())
