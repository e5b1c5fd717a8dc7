"""Seed every bug in turn and print which test caught it: `python -m tests.seeded_bugs [WORD...]`."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue

from tests.seeded_bugs.defects import DEFECTS, Defect
from tests.seeded_bugs.seeding import copy_of_the_tree, goes_through, with_defect


def seed(defects: Sequence[Defect], seconds: float | None = None) -> dict[str, str | None]:
    """Return by the name of each defect which test caught it, or None; those for which there was no time are left out.

    Each core has a copy of the tree of its own.
    """
    end = None if seconds is None else time.monotonic() + seconds
    with tempfile.TemporaryDirectory(prefix="seeded-bugs-") as folder, ThreadPoolExecutor(os.cpu_count()) as pool:
        trees: SimpleQueue[Path] = SimpleQueue()
        for number in range(os.cpu_count() or 1):
            trees.put(copy_of_the_tree(Path(folder) / str(number)))
        search = Search(trees, end)
        for tried in pool.map(search.attempt, defects):
            search.noticed.update(tried)
    return search.noticed


@dataclass(frozen=True, slots=True)
class Search:
    """What a search shares: the trees, when it ends, which tests pass on the sound tree, and what was found."""

    trees: SimpleQueue[Path]
    end: float | None
    sound: set[str] = field(default_factory=set)
    noticed: dict[str, str | None] = field(default_factory=dict)

    def attempt(self, defect: Defect) -> dict[str, str | None]:
        """Seed one defect, if there is time; its tests must pass without it."""
        if self.end is not None and time.monotonic() >= self.end:
            return {}
        with _borrowed(self.trees) as tree:
            self._require_sound(defect.caught_by, tree)
            with with_defect(defect, tree):
                survived, words = goes_through(defect.caught_by, tree)
        print(f"{'SURVIVED' if survived else 'caught':8}  {defect.name}  <- {words}", flush=True)
        return {defect.name: None if survived else f"{defect.caught_by}: {words}"}

    def _require_sound(self, caught_by: str, tree: Path) -> None:
        if caught_by in self.sound:
            return
        sound, words = goes_through(caught_by, tree)
        if not sound:
            raise AssertionError(f"{caught_by} fails without any defect: {words}")
        self.sound.add(caught_by)


@contextmanager
def _borrowed(trees: SimpleQueue[Path]) -> Iterator[Path]:
    tree = trees.get()
    try:
        yield tree
    finally:
        trees.put(tree)


def main() -> int:
    """Seed those whose name or place holds one of the words, or all."""
    words = sys.argv[1:]
    chosen = [one for one in DEFECTS if not words or any(word in one.name or word in one.where for word in words)]
    noticed = seed(chosen)
    survivors = [name for name, how in noticed.items() if how is None]
    print(f"{len(noticed) - len(survivors)} of {len(noticed)} defects caught")
    return bool(survivors)


if __name__ == "__main__":
    sys.exit(main())
