"""Seed a bug in a copy of the tree, and run the test that must fail."""

from __future__ import annotations

import ast
import builtins
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tests.seeded_bugs.defects import SIMULATION, Defect
from tests.seeded_bugs.pattern import definition, replace_pattern

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
PATIENCE: Final = 900
"""Seconds after which a bug is one that never ends."""
DAYS: Final = 6_000
"""A defect has so many simulated days to show itself."""


class CannotBeSeeded(Exception):
    """The code to change is not there exactly once, or the change is no bug."""


def seeded(defect: Defect, root: Path = ROOT) -> tuple[Path, str]:
    """Return the file that the bug changes, and its new text; raise CannotBeSeeded unless exactly one place matches."""
    paths, name = _located(defect.where, root)
    found = [(path, _replaced(path.read_text("utf-8"), name, defect)) for path in paths]
    places = sum(count for _, (count, _) in found)
    if places != 1:
        message = f"{defect.name}: {defect.old!r} is found {places} times in {defect.where}, not once"
        raise CannotBeSeeded(message)
    return next((path, changed) for path, (count, changed) in found if count)


def _located(where: str, root: Path) -> tuple[Sequence[Path], str]:
    if "/" in where:
        return [root / where], ""
    first, *names = where.split(".")
    path = root / first if (root / first).is_dir() else root / "chalicelib" / first
    while names and path.is_dir():
        path /= names.pop(0)
    files = sorted(path.rglob("*.py")) if path.is_dir() else [path.with_suffix(".py")]
    if not files or not all(file.is_file() for file in files):
        message = f"there is no {where}"
        raise CannotBeSeeded(message)
    return files, ".".join(names)


def _replaced(source: str, name: str, defect: Defect) -> tuple[int, str]:
    if "/" in defect.where:
        return source.count(defect.old), source.replace(defect.old, defect.new)
    tree = ast.parse(source)
    count = replace_pattern(definition(tree, name), defect.old, defect.new)
    if not count:
        return 0, source
    changed = ast.unparse(ast.fix_missing_locations(tree))
    before, after = ast.parse(source), ast.parse(changed)
    if ast.dump(before) == ast.dump(after):
        message = f"{defect.name}: the bug changes nothing"
        raise CannotBeSeeded(message)
    if unknown := _unbound(after) - _unbound(before):
        message = f"{defect.name}: the bug uses unknown names: {', '.join(sorted(unknown))}"
        raise CannotBeSeeded(message)
    return count, changed


def _unbound(tree: ast.AST) -> set[str]:
    """Return the names that are read and never bound: a bug that uses one would prove nothing."""
    names = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
    return {node.id for node in names if isinstance(node.ctx, ast.Load)} - {
        *(node.id for node in names if isinstance(node.ctx, ast.Store)),
        *(node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)),
        *(getattr(node, "asname", None) or getattr(node, "name", None) or "" for node in ast.walk(tree)),
        *dir(builtins),
    }


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
    path, changed = seeded(defect, tree)
    sound = path.read_text("utf-8")
    path.write_text(changed, "utf-8")
    try:
        yield
    finally:
        path.write_text(sound, "utf-8")


def goes_through(caught_by: str, tree: Path) -> tuple[bool, str]:
    """Ask the simulator or a test in that tree; return whether it found nothing, and its last words."""
    try:
        done = subprocess.run(
            _command(caught_by),
            cwd=tree,
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "CI": "false"},
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
        )
    except subprocess.TimeoutExpired:
        return False, f"did not end within {PATIENCE} s"
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
