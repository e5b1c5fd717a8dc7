"""Every rule of the book is under mutation testing, and no reason outlives the expression it is about."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.mutation.changes import expressions_of, smallest_change, without_types
from tests.mutation.equivalent_mutants import equivalent_mutants
from tests.mutation.fixtures import need_fixtures
from tests.mutation.outcomes import Outcomes
from tests.mutation.tested_by import LEAST_NOTICED, TESTS, files_of, group_of, path_of

ROOT = Path(__file__).resolve().parents[2]


EDGES = {"__init__", "bootstrap", "http", "store"}
UNTRIED = {
    "admin.dump",
    "admin.file_proof",
    "admin.integrity_check",
    "admin.repair",
    "admin.tables",
    "cli.client.answers",
    "common.clock",
    "common.once",
    "common.windows",
    "imports.acceptance",
    "imports.context",
    "imports.lateness",
    "imports.metrics",
    "imports.polling",
    "imports.price_import",
    "infra.local.__main__",
    "infra.local.guard",
    "infra.local.logs",
    "infra.local.seed",
    "infra.local.server",
    "infra.local.stack",
    "mails.channels",
    "mails.service",
    "notices.service",
    "notices.topic",
    "prices.service",
    "reports.service",
    "trades.cursor",
}
"""What builds or declares, what runs in processes of its own, where no mutant is, and services that are not tried."""


def test_every_module_with_rules_has_tests_that_must_notice_its_mutants() -> None:
    assert set(modules_with_rules()) - set(TESTS) == UNTRIED


def modules_with_rules() -> Iterator[str]:
    for package in ("chalicelib", "cli/client", "infra/local"):
        for path in (ROOT / package).rglob("*.py"):
            noun, *inside = path.relative_to(ROOT / "chalicelib" if package == "chalicelib" else ROOT).parts
            if path.stem not in EDGES and inside and noun not in {"aws", "web"}:
                yield ".".join([noun, *inside]).removesuffix(".py")


@pytest.mark.parametrize("module", TESTS)
def test_the_module_and_its_tests_are_there(module: str) -> None:
    assert group_of(module) in LEAST_NOTICED
    assert [path for path in (path_of(module), *map(Path, files_of(module))) if not path.is_file()] == []


def test_every_equivalent_mutant_changes_an_expression_of_its_function() -> None:
    gone = []
    for name, reason in equivalent_mutants().items():
        place, change = name.split(": ", maxsplit=1)
        module = next(module for module in TESTS if f"{place}.".startswith(f"{module}."))
        if not reason or (place, change.split(" -> ")[0]) not in expressions_of(module):
            gone.append(name)
    assert gone == []


@pytest.mark.parametrize(
    ("was", "became", "named"),
    [
        ("def f(a):\n  return a < 1", "def f(a):\n  return a <= 1", ("m.f", "a < 1", "a <= 1")),
        ("def f(a):\n  return g(a, key=1)", "def f(a):\n  return g(a, key=2)", ("m.f", "key=1", "key=2")),
        ("class A:\n  @b\n  def f(self): pass", "class A:\n  def f(self): pass", ("m.A.f", "@b", "")),
        ("MOST: Final = 3", "MOST: Final = 4", ("m", "MOST = 3", "MOST = 4")),
        ("while f(): break", "while f(): continue", ("m", "break", "continue")),
    ],
)
def test_a_change_is_named_by_its_smallest_expression(was: str, became: str, named: tuple[str, str, str]) -> None:
    assert smallest_change(without_types(was), without_types(became), "m") == named


@pytest.mark.parametrize(
    ("test", "needs"),
    [
        ("def test_a(book): pass", True),
        ("@pytest.fixture\ndef a(moto_tables): pass", True),
        ("pytestmark = pytest.mark.usefixtures('stage')", True),
        ("def test_a(tmp_path): helper(book)\ndef helper(book): pass", False),
        ("@pytest.fixture\ndef book(): pass\ndef test_a(book): pass", False),
        ("@pytest.mark.parametrize(('book', 'b'), [])\ndef test_a(book): pass", False),
    ],
)
def test_only_tests_that_ask_for_shared_fixtures_have_them(test: str, needs: bool, tmp_path: Path) -> None:
    file = tmp_path / "test_a.py"
    file.write_text(test, "utf-8")
    assert need_fixtures(str(file)) is needs


@pytest.mark.parametrize("survived", [True, False])
def test_what_became_of_a_mutant_is_remembered(survived: bool, tmp_path: Path) -> None:
    file = tmp_path / "build" / "tried-mutants"
    Outcomes(file).add("trades.model", "a mutant", survived=survived)
    assert Outcomes(file).survived("trades.model", "a mutant") is survived
    assert Outcomes(file).survived("trades.model", "another mutant") is None
    assert Outcomes(file).survived("trades.venues", "a mutant") is None
