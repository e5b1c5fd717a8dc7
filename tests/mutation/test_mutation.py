"""Every rule of the book is under mutation testing, and no argument outlives the line it is about."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.mutation.argued import argued_away
from tests.mutation.tested_by import TESTS, files_of, group_of, path_of


def test_every_module_of_the_domain_has_tests_that_must_notice_its_mutants() -> None:
    modules = {path.stem for path in path_of("position").parent.glob("*.py")} - {"__init__"}
    assert modules - set(TESTS) == set()


@pytest.mark.parametrize("module", TESTS)
def test_the_module_and_its_tests_are_there(module: str) -> None:
    assert group_of(module) in {"domain", "services"}
    assert [path for path in (path_of(module), *map(Path, files_of(module))) if not path.is_file()] == []


def test_the_lines_of_every_mutant_that_was_argued_away_still_stand_in_their_module() -> None:
    gone = []
    for name, reason in argued_away().items():
        module, change = name.split(": ", maxsplit=1)
        lines = " ".join(line.strip() for line in path_of(module).read_text("utf-8").splitlines())
        if not reason or change.split(" -> ")[0] not in lines:
            gone.append(name)
    assert gone == []
