"""Plants every defect in turn and prints who noticed: `python -m tests.planted [WORD...]`."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.planted.defects import DEFECTS, Defect
from tests.planted.planting import copy_of_the_tree, goes_through, with_defect


def plant(defects: Sequence[Defect]) -> dict[str, str | None]:
    """Give who noticed each defect, and how; None where nobody did."""
    noticed: dict[str, str | None] = {}
    with tempfile.TemporaryDirectory(prefix="planted-") as folder, copy_of_the_tree(Path(folder)) as tree:
        for caught_by in dict.fromkeys(defect.caught_by for defect in defects):
            sound, words = goes_through(caught_by, tree)
            if not sound:
                raise AssertionError(f"{caught_by} fails without any defect: {words}")
        for defect in defects:
            with with_defect(defect, tree):
                survived, words = goes_through(defect.caught_by, tree)
            noticed[defect.name] = None if survived else f"{defect.caught_by}: {words}"
            print(f"{'SURVIVED' if survived else 'caught':8}  {defect.name}  <- {words}", flush=True)
    return noticed


def main() -> int:
    """Plant those whose name or file holds one of the words, or all."""
    words = sys.argv[1:]
    chosen = [one for one in DEFECTS if not words or any(word in one.name or word in one.file for word in words)]
    noticed = plant(chosen)
    survivors = [name for name, how in noticed.items() if how is None]
    print(f"{len(noticed) - len(survivors)} of {len(noticed)} defects caught")
    return bool(survivors)


if __name__ == "__main__":
    sys.exit(main())
