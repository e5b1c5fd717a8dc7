"""The seeded bugs, from defects.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

SIMULATION: Final = "the simulation"


@dataclass(frozen=True, slots=True)
class Defect:
    """A bug: the code `new` in place of `old`; `caught_by` is the simulation or the files of tests."""

    name: str
    where: str
    old: str
    new: str
    caught_by: str = SIMULATION


def _defects() -> Iterator[Defect]:
    for by, bugs in tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8")).items():
        yield from (Defect(name, where, old, new, by) for name, (where, old, new) in bugs.items())


DEFECTS: Final = tuple(_defects())
