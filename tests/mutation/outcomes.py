"""Remembers what became of each mutant, so that a run that was interrupted resumes where it stopped."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Final

from tests.mutation.tested_by import files_of

FILE: Final = Path(__file__).resolve().parents[2] / "build" / "tried-mutants"
"""One digest a line, after what became of it; without the file every mutant is tried again."""
_KILLED: Final = "killed"
_SURVIVED: Final = "survived"


class Outcomes:
    """What these tests found out of each mutant; a change of the module or of its tests makes others of them."""

    def __init__(self, file: Path = FILE) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        self._file = file
        lines = file.read_text("utf-8").splitlines() if file.exists() else []
        self._survived = {digest: outcome == _SURVIVED for outcome, digest in map(str.split, lines)}

    def survived(self, module: str, mutant: str) -> bool | None:
        """Tell whether it survived; None if it was not tried."""
        return self._survived.get(_digest(module, mutant))

    def add(self, module: str, mutant: str, *, survived: bool) -> None:
        """Remember the source of a mutant at once: the run may be interrupted."""
        digest = _digest(module, mutant)
        self._survived[digest] = survived
        with self._file.open("a", encoding="utf-8") as file:
            file.write(f"{_SURVIVED if survived else _KILLED} {digest}\n")


def _digest(module: str, mutant: str) -> str:
    return sha256(f"{_tests(module)}{mutant}".encode()).hexdigest()


@cache
def _tests(module: str) -> str:
    return "".join(Path(file).read_text("utf-8") for file in files_of(module))
