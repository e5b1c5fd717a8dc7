"""Seed every bug in turn and print which test caught it: `python -m tests.seeded_bugs [WORD...]`."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue

from tests.seeded_bugs.defects import DEFECTS, Defect
from tests.seeded_bugs.seeding import copy_of_the_tree, goes_through, with_defect


def seed(defects: Sequence[Defect]) -> dict[str, str | None]:
    """Return by the name of each defect which test caught it, or None. Each core has a copy of the tree of its own."""
    with tempfile.TemporaryDirectory(prefix="seeded-bugs-") as folder, ThreadPoolExecutor(os.cpu_count()) as pool:
        trees: SimpleQueue[Path] = SimpleQueue()
        for number in range(os.cpu_count() or 1):
            trees.put(copy_of_the_tree(Path(folder) / str(number)))
        with _borrowed(trees) as tree:
            for caught_by in dict.fromkeys(defect.caught_by for defect in defects):
                sound, words = goes_through(caught_by, tree)
                if not sound:
                    raise AssertionError(f"{caught_by} fails without any defect: {words}")
        caught = pool.map(lambda defect: _caught(defect, trees), defects)
        return {defect.name: how for defect, how in zip(defects, caught, strict=True)}


def _caught(defect: Defect, trees: SimpleQueue[Path]) -> str | None:
    with _borrowed(trees) as tree, with_defect(defect, tree):
        survived, words = goes_through(defect.caught_by, tree)
    print(f"{'SURVIVED' if survived else 'caught':8}  {defect.name}  <- {words}", flush=True)
    return None if survived else f"{defect.caught_by}: {words}"


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
