"""SECURITY.md claims nothing that no test proves: each test it names exists."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ROWS = re.findall(
    r"^\| (?!threat|---)(.+?) \| (.+?) \| (.+?) \|$", (ROOT / "SECURITY.md").read_text("utf-8"), re.MULTILINE
)


def every_test() -> set[str]:
    functions = (
        node.name
        for path in (ROOT / "tests").rglob("test_*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef)
    )
    return {name for name in functions if name.startswith("test_")}


TESTS = every_test()


@pytest.mark.parametrize(("threat", "control", "proofs"), ROWS, ids=[row[0] for row in ROWS])
def test_every_threat_has_a_control_and_tests_that_exist(threat: str, control: str, proofs: str) -> None:
    named = re.findall(r"`([^`]+)`", proofs)
    assert named
    assert control
    assert [name for name in named if name not in TESTS and not (ROOT / name).is_file()] == []


def test_the_table_is_read_whole() -> None:
    assert len(ROWS) == (ROOT / "SECURITY.md").read_text("utf-8").count("\n| ") - 1 >= 15
