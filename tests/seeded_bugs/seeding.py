"""Seed a bug in a copy of the tree, and run the test that must fail."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tests.seeded_bugs.defects import SIMULATION, Defect

ROOT: Final = Path(__file__).resolve().parents[2]
NOT_COPIED: Final = (
    ".git",
    ".venv",
    ".venv-*",
    ".bench",
    "node_modules",
    "__pycache__",
    ".*_cache",
    ".hypothesis",
    "build",
    "mutants",
)
LINKED: Final = (".venv-ministack", "node_modules")
"""The local engines, which a test looks for beside the code."""
DAYS: Final = 6_000
"""A defect has so many simulated days to show itself."""


class CannotBeSeeded(Exception):
    """The text to change is not there, or the change changes nothing."""


def seeded(defect: Defect, source: str) -> str:
    """Return the source with the bug in it; raise CannotBeSeeded if its text is not there exactly once."""
    found = source.count(defect.old)
    if found != 1:
        raise CannotBeSeeded(f"{defect.name}: the text to change is found {found} times in {defect.file}, not once")
    changed = source.replace(defect.old, defect.new)
    if defect.file.endswith(".py") and ast.dump(ast.parse(changed)) == ast.dump(ast.parse(source)):
        raise CannotBeSeeded(f"{defect.name}: the change to {defect.file} changes nothing")
    return changed


def copy_of_the_tree(folder: Path) -> Path:
    """Copy what the tests need; the engines are linked."""
    tree = folder / "tree"
    shutil.copytree(ROOT, tree, symlinks=True, ignore=shutil.ignore_patterns(*NOT_COPIED))
    for name in LINKED:
        if (ROOT / name).exists():
            (tree / name).symlink_to(ROOT / name)
    return tree


@contextmanager
def with_defect(defect: Defect, tree: Path) -> Iterator[None]:
    """Seed the bug for the duration of the context."""
    path = tree / defect.file
    sound = path.read_text("utf-8")
    path.write_text(seeded(defect, sound), "utf-8")
    try:
        yield
    finally:
        path.write_text(sound, "utf-8")


def goes_through(caught_by: str, tree: Path) -> tuple[bool, str]:
    """Ask the simulator or a test in that tree; gives whether it found nothing, and its last words."""
    done = subprocess.run(
        _command(caught_by),
        cwd=tree,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "CI": "false"},
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )
    if done.returncode not in {0, 1}:
        raise CannotBeSeeded(f"{caught_by} did not run: {done.stdout[-500:]}{done.stderr[-500:]}")
    return done.returncode == 0, _last_words(done.stdout)


def _command(caught_by: str) -> list[str]:
    if caught_by == SIMULATION:
        return [sys.executable, "-m", "tests.simulation", "--days", str(DAYS), "--jobs", "1"]
    return [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *caught_by.split()]


def _last_words(output: str) -> str:
    failed = [line for line in output.splitlines() if line.startswith("FAILED") or '": "' in line]
    return (failed or output.strip().splitlines() or ["nothing"])[-1].strip()
