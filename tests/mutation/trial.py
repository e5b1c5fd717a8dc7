"""Trying a mutant: a forked process in which the module is the mutant runs the module's tests."""

from __future__ import annotations

import contextlib
import gc
import importlib.abc
import importlib.machinery
import math
import os
import resource
import select
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from importlib.machinery import ModuleSpec
from types import CodeType, ModuleType
from typing import Final, NamedTuple

import pytest
from hypothesis import Phase, settings

from tests.mutation.fixtures import need_fixtures
from tests.mutation.mutants import Mutant
from tests.mutation.tested_by import files_of, name_of, path_of

LONGEST: Final = 60
"""Seconds that a test may compute; a mutant that goes round for ever is noticed too."""
LEAST: Final = 2
"""Of them, once it is known what the module's tests take: so many, or four times as many as the longest took."""
LONGEST_WAIT: Final = 300
"""Seconds that a test may take by the clock; a mutant that waits for what never comes is noticed as well."""
LEAST_WAIT: Final = 10
"""Of them, once it is known what the module's tests take: so many, or ten times as many as the longest took."""
FIRST: Final = 6
"""Tests of a module that failed most often, which are tried before all others are even collected."""
LARGEST: Final = 4 * 1024**3
"""Bytes of memory; so is one that fills it."""
_LIBRARIES: Final = (
    "code",
    "csv",
    "email.message",
    "filelock",
    "hypothesis.strategies",
    "zoneinfo",
    "boto3",
    "chalice.local",
    "click.testing",
    "coverage",
    "jsonschema",
    "localstack_client.session",
    "moto",
    "moto.dynamodb.responses",
    "moto.s3.responses",
    "moto.sns.responses",
    "pdb",
    "psutil",
    "pynamodb.models",
    "pynamodb.transactions",
    "requests",
    "samtranslator.translator.translator",
    "waitress",
    "xdist.scheduler",
    "yaml",
)
"""What the tests and their fixtures import, and no mutant touches."""
_LONGEST_NAME: Final = 400
"""Bytes of a test's name that a pipe passes at once with those of other trials; a longer one is not learned."""
_PHASES: Final = (Phase.explicit, Phase.generate)
"""The first example that fails is enough: nobody reads it."""
OPTIONS: Final = (
    "-x",
    "-q",
    "--tb=no",
    "--no-summary",
    "-p",
    "no:unraisableexception",
    "-p",
    "no:cacheprovider",
    "-p",
    "pytest_socket",
    "-p",
    "_hypothesis_pytestplugin",
    "-W",
    "ignore::pytest.PytestAssertRewriteWarning",
)
"""The libraries are imported before pytest can rewrite their assertions, of which there are none. Nobody reads why a
test fails, and no trial ends with a search for garbage."""
WITHOUT_FIXTURES: Final = ("--noconftest",)
"""Most tests need neither engines nor `tests/conftest.py`, which take longer than they do; `prepare` sets the zone."""
WITH_FIXTURES: Final = ("-m", "not slow", "-k", "not fake and not durable")
"""Of the three stores of a contract suite the one in moto: the fake is no mutant, and an engine is slow to start."""


class _Limits(NamedTuple):
    """Seconds that one test may compute, and take by the clock."""

    computing: int
    waiting: int


class _Import(importlib.abc.MetaPathFinder, importlib.abc.InspectLoader):
    """Gives the mutant in place of the module."""

    def __init__(self, mutant: Mutant) -> None:
        self._name, self._mutant = name_of(mutant.module), mutant

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != self._name:
            return None
        spec = ModuleSpec(fullname, self, origin=str(path_of(self._mutant.module)))
        spec.has_location = True  # which gives the module its `__file__`
        return spec

    def get_source(self, fullname: str) -> str:
        return self._mutant.source

    def get_code(self, fullname: str) -> CodeType:
        return compile(self._mutant.source, f"<mutant of {fullname}>", "exec")


def prepare() -> None:
    """Import once what every trial needs and no mutant touches, and let trials keep what they compile of the rest."""
    sys.dont_write_bytecode = False
    for name in _LIBRARIES:
        importlib.import_module(name)
    if any(name.startswith(("chalicelib.", "cli.", "infra.")) for name in sys.modules):
        message = "the modules to mutate are imported already"
        raise RuntimeError(message)
    settings.register_profile("mutation", deadline=None, derandomize=True, max_examples=40, phases=_PHASES)
    settings.load_profile("mutation")
    os.environ["TZ"] = "Pacific/Auckland"
    time.tzset()
    gc.freeze()  # none of it is ever garbage, and pytest collects twice a trial


def tried(mutants: Iterable[Mutant], jobs: int | None = None) -> Iterator[tuple[Mutant, bool]]:
    """Run the tests against each mutant, and return it with whether it survived.

    Two run at once for each core, as some only wait: for what never comes, until their time is over.
    """
    trials = _Trials()
    for mutant in mutants:
        if len(trials.running) == (jobs or 2 * (os.cpu_count() or 1)):
            yield trials.ended()
        trials.begin(mutant)
    while trials.running:
        yield trials.ended()


class _Trials:
    """Those that run, and what was learned: how long a module's longest test takes, and which ones fail first."""

    def __init__(self) -> None:
        self.running: dict[int, Mutant] = {}
        self._limits: dict[str, _Limits] = {}
        self._failed: dict[str, Counter[str]] = {}
        self._read, self._write = os.pipe()
        os.set_blocking(self._read, False)

    def begin(self, mutant: Mutant) -> None:
        limits = self._limits.get(mutant.module, _Limits(LONGEST, LONGEST_WAIT))
        first = [test for test, _ in self._failed.get(mutant.module, Counter()).most_common(FIRST)]
        _needed(mutant.module)  # before the fork, after which nobody would remember it
        child = os.fork()
        if child == 0:
            os._exit(_try(mutant, limits, first if mutant.place else (), self._write))
        self.running[child] = mutant

    def ended(self) -> tuple[Mutant, bool]:
        child, status = os.wait()
        mutant = self.running.pop(child)
        with contextlib.suppress(BlockingIOError):
            for line in os.read(self._read, select.PIPE_BUF).decode().splitlines():
                self._learn(*line.split("\t"))
        return mutant, os.waitstatus_to_exitcode(status) == pytest.ExitCode.OK

    def _learn(self, module: str, what: str, *figures: str) -> None:
        if not figures:
            self._failed.setdefault(module, Counter())[what] += 1
            return
        computed, waited = float(what), float(figures[0])
        self._limits[module] = _Limits(max(LEAST, math.ceil(4 * computed)), max(LEAST_WAIT, math.ceil(10 * waited)))


@cache
def _needed(module: str) -> Sequence[str]:
    return WITH_FIXTURES if any(map(need_fixtures, files_of(module))) else WITHOUT_FIXTURES


class _Plugin:
    """Stops the process if a test takes longer than it may, and tells the parent what it learns from the tests."""

    def __init__(self, module: str, limits: _Limits, pipe: int) -> None:
        self._module, self._limits, self._pipe = module, limits, pipe
        self._began = _now()
        self._computed = self._waited = 0.0
        self._begin()  # with the time until the first test begins: finding them takes long, too

    def pytest_runtest_logstart(self) -> None:
        self._end()
        self._begin()

    def pytest_sessionfinish(self) -> None:
        self._end()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self._tell(report.nodeid)

    def tell_longest(self) -> None:
        """Tell how many seconds the longest test has computed, and the longest has taken by the clock."""
        self._tell(f"{self._computed}\t{self._waited}")

    def _begin(self) -> None:
        self._began = _now()
        computing = math.ceil(self._began[0]) + self._limits.computing
        resource.setrlimit(resource.RLIMIT_CPU, (computing, resource.RLIM_INFINITY))
        signal.alarm(self._limits.waiting)

    def _end(self) -> None:
        computed, waited = (now - began for now, began in zip(_now(), self._began, strict=True))
        self._computed, self._waited = max(self._computed, computed), max(self._waited, waited)

    def _tell(self, what: str) -> None:
        line = f"{self._module}\t{what}\n".encode()
        if len(line) < _LONGEST_NAME:
            os.write(self._pipe, line)


def _now() -> tuple[float, float]:
    return time.process_time(), time.monotonic()


def _try(mutant: Mutant, limits: _Limits, first: Sequence[str], pipe: int) -> int:
    resource.setrlimit(resource.RLIMIT_AS, (LARGEST, LARGEST))
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"  # each takes its time to load, and no trial needs it
    sys.meta_path.insert(0, _Import(mutant))
    files, needed = files_of(mutant.module), _needed(mutant.module)
    plugin = _Plugin(mutant.module, limits, pipe)
    try:
        if first and pytest.main([*OPTIONS, *needed, *first], plugins=[plugin]) == pytest.ExitCode.TESTS_FAILED:
            return int(pytest.ExitCode.TESTS_FAILED)
        result = pytest.main([*OPTIONS, *needed, *files], plugins=[plugin])
    except BaseException:  # noqa: BLE001 - a mutant may raise anything, also where pytest does not look for it
        return int(pytest.ExitCode.INTERNAL_ERROR)
    if not mutant.place:
        plugin.tell_longest()
    return int(result)
