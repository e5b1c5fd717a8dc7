"""Trying a mutant: a forked process in which the module is the mutant runs the module's tests."""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.util
import os
import signal
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from types import CodeType, ModuleType
from typing import Final

import pytest

from tests.mutation.mutants import Mutant

LONGEST: Final = 60
"""Seconds; a mutant that hangs is noticed too."""
TESTS: Final[dict[str, tuple[str, ...]]] = {
    "amounts": ("amounts", "pnl_vectors"),
    "caller": ("caller",),
    "completeness": ("completeness", "report"),
    "daily_file": ("daily_file", "verdict"),
    "delivery": ("delivery", "report", "pnl_vectors"),
    "edge": ("edge", "report_sums", "report"),
    "line": ("report", "report_sums", "worked_examples"),
    "position": ("position", "pnl_vectors", "report_sums"),
    "report": ("report", "report_sums", "pnl_vectors"),
    "revision": ("revision",),
    "trade": ("trade",),
    "verdict": ("verdict",),
    "watch": ("watch",),
}
"""The tests of `tests/domain` that must notice a mutant of each module."""

OPTIONS: Final = ("-x", "-q", "-p", "no:cacheprovider", "-W", "ignore::pytest.PytestAssertRewriteWarning")
"""The libraries are imported before pytest can rewrite their assertions, of which there are none."""


class _Import(importlib.abc.MetaPathFinder, importlib.abc.InspectLoader):
    """Gives the mutant in place of the module."""

    def __init__(self, mutant: Mutant) -> None:
        self._name, self._mutant = f"chalicelib.domain.{mutant.module}", mutant

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        return importlib.util.spec_from_loader(fullname, self) if fullname == self._name else None

    def get_source(self, fullname: str) -> str:
        return self._mutant.source

    def get_code(self, fullname: str) -> CodeType:
        return compile(self._mutant.source, f"<mutant of {fullname}>", "exec")


def prepare() -> None:
    """Import once what every trial needs and no mutant touches."""
    for name in ("boto3", "pynamodb.models", "hypothesis.strategies", "zoneinfo", "csv", "yaml"):
        importlib.import_module(name)
    if any(name.startswith("chalicelib.domain") for name in sys.modules):
        message = "the modules to mutate are imported already"
        raise RuntimeError(message)


def survives(mutant: Mutant) -> bool:
    """Run the tests against a mutant, in a process of its own; True where all of them pass."""
    child = os.fork()
    if child == 0:
        os._exit(_try(mutant))
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status) == pytest.ExitCode.OK


def _try(mutant: Mutant) -> int:
    signal.alarm(LONGEST)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    os.environ["CI"] = "true"  # the same examples every time
    sys.meta_path.insert(0, _Import(mutant))
    tests = [f"tests/domain/test_{name}.py" for name in TESTS[mutant.module]]
    try:
        return int(pytest.main([*OPTIONS, *tests]))
    except BaseException:  # noqa: BLE001 - a mutant may raise anything, also where pytest does not look for it
        return int(pytest.ExitCode.INTERNAL_ERROR)
