"""Every rule of the book is under mutation testing, and no argument outlives the line it is about."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.mutation.equivalent_mutants import equivalent_mutants
from tests.mutation.tested_by import TESTS, files_of, group_of, path_of

ROOT = Path(__file__).resolve().parents[2]


EDGES = {"__init__", "bootstrap", "dynamodb", "http", "items", "store"}
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


def test_the_lines_of_every_equivalent_mutant_are_in_their_module() -> None:
    gone = []
    for name, reason in equivalent_mutants().items():
        module, change = name.split(": ", maxsplit=1)
        lines = " ".join(line.strip() for line in path_of(module).read_text("utf-8").splitlines())
        if not reason or change.split(" -> ")[0] not in lines:
            gone.append(name)
    assert gone == []
