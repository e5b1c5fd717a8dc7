"""Every rule of the book is under mutation testing, and no reason outlives the expression it is about."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.mutation.changes import expressions_of, smallest_change, without_types
from tests.mutation.equivalent_mutants import equivalent_mutants
from tests.mutation.tested_by import TESTS, files_of, group_of, path_of

ROOT = Path(__file__).resolve().parents[2]


EDGES = {"__init__", "actions", "bootstrap", "dynamodb", "http", "items", "lists", "store"}
UNTRIED = {
    "access.authorizer",
    "access.passwords",
    "admin.dump",
    "admin.file_proof",
    "admin.integrity_check",
    "admin.repair",
    "admin.tables",
    "common.clock",
    "common.once",
    "common.windows",
    "feeds.bucket",
    "feeds.leases",
    "feeds.receipt_items",
    "feeds.service",
    "imports.acceptance",
    "imports.context",
    "imports.lateness",
    "imports.metrics",
    "imports.polling",
    "imports.price_import",
    "mails.channels",
    "mails.service",
    "notices.service",
    "notices.topic",
    "prices.service",
    "reports.service",
    "trades.cursor",
}
"""What reaches AWS or the operator, builds or declares; and services whose mutants are not tried."""


def test_every_module_with_rules_has_tests_that_must_notice_its_mutants() -> None:
    package = ROOT / "chalicelib"
    modules = {
        ".".join(path.relative_to(package).with_suffix("").parts)
        for path in package.glob("*/**/*.py")
        if path.stem not in EDGES and path.relative_to(package).parts[0] not in {"aws", "web"}
    }
    assert modules - set(TESTS) == UNTRIED


@pytest.mark.parametrize("module", TESTS)
def test_the_module_and_its_tests_are_there(module: str) -> None:
    assert group_of(module) in {"domain", "services"}
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
