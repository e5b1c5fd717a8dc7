"""Tries the mutants of the domain: `python -m tests.mutation [MODULE...] [--seconds N]`."""

from __future__ import annotations

import argparse
import random
import sys
import time
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.mutation.mutants import DOMAIN, Mutant, mutants_of
from tests.mutation.trial import TESTS, prepare, survives

ARGUED = Path(__file__).with_name("argued.toml")


@dataclass(slots=True)
class Tally:
    """How many mutants there are, were tried, were noticed, were argued away, and which were neither."""

    mutants: int = 0
    tried: int = 0
    killed: int = 0
    argued: int = 0
    survived: list[str] = field(default_factory=list)


def argued_away() -> dict[str, str]:
    """The mutants that change nothing anybody could notice, each with the reason."""
    return {one["mutant"]: one["reason"] for one in tomllib.loads(ARGUED.read_text("utf-8")).get("argued", [])}


def try_mutants(modules: Sequence[str], seconds: float | None = None) -> Tally:
    """Try the mutants of these modules, as many as the time allows, in an order that does not favour any module."""
    prepare()
    mutants: list[Mutant] = [mutant for module in modules for mutant in mutants_of(module)]
    random.Random(1).shuffle(mutants)
    tally, excused, began = Tally(mutants=len(mutants)), argued_away(), time.monotonic()
    for module in modules:
        sound = Mutant(module, (DOMAIN / f"{module}.py").read_text("utf-8"), "", "")
        if not survives(sound):
            message = f"the tests of {module} fail without any mutation"
            raise AssertionError(message)
    for mutant in mutants:
        if seconds is not None and time.monotonic() - began > seconds:
            break
        tally.tried += 1
        if mutant.name in excused:
            tally.argued += 1
        elif survives(mutant):
            tally.survived.append(mutant.name)
            print(f"SURVIVED  {mutant.name}", flush=True)
        else:
            tally.killed += 1
    return tally


def main() -> int:
    """Try, and say what survived."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("modules", nargs="*", choices=[*TESTS, []], help="modules of the domain; all of them")
    parser.add_argument("--seconds", type=float, help="stop after so many seconds")
    asked = parser.parse_args()
    tally = try_mutants(asked.modules or list(TESTS), asked.seconds)
    print(
        f"{tally.mutants} mutants, {tally.tried} tried: {tally.killed} killed, {tally.argued} argued away, "
        f"{len(tally.survived)} survived"
    )
    return bool(tally.survived)


if __name__ == "__main__":
    sys.exit(main())
