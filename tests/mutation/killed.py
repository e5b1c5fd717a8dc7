"""Remembers which mutants were killed, so that a run that was interrupted resumes where it stopped."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Final

from tests.mutation.tested_by import files_of

FILE: Final = Path(__file__).resolve().parents[2] / "build" / "killed-mutants"
"""One digest a line; without the file every mutant is tried again."""


class Killed:
    """The mutants that these tests killed; a change of the module or of its tests makes others of them."""

    def __init__(self, file: Path = FILE) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        self._file = file
        self._digests = set(file.read_text("utf-8").split()) if file.exists() else set[str]()

    def has(self, module: str, mutant: str) -> bool:
        return _digest(module, mutant) in self._digests

    def add(self, module: str, mutant: str) -> None:
        """Remember the source of a mutant at once: the run may be interrupted."""
        digest = _digest(module, mutant)
        self._digests.add(digest)
        with self._file.open("a", encoding="utf-8") as file:
            file.write(f"{digest}\n")


def _digest(module: str, mutant: str) -> str:
    return sha256(f"{_tests(module)}{mutant}".encode()).hexdigest()


@cache
def _tests(module: str) -> str:
    return "".join(Path(file).read_text("utf-8") for file in files_of(module))
