"""Every seeded bug still applies: its pattern matches exactly once, and changing that changes the code."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.seeded_bugs.defects import DEFECTS, SIMULATION, Defect
from tests.seeded_bugs.seeding import ROOT, CannotBeSeeded, seeded


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: defect.name)
def test_a_bug_can_be_seeded(defect: Defect) -> None:
    path, changed = seeded(defect)
    assert changed != path.read_text("utf-8")


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: defect.name)
def test_the_test_that_must_catch_it_exists(defect: Defect) -> None:
    assert defect.caught_by == SIMULATION or all((ROOT / one).exists() for one in defect.caught_by.split())


def test_bug_names_are_unique() -> None:
    assert len({defect.name for defect in DEFECTS}) == len(DEFECTS)


SOURCE = """
LIMIT: Final = 1

class Book:
    def add(self, trade):
        self.check(trade, now=True)
        return trade.id  # a comment
"""


def _seeded(source: str, where: str, old: str, new: str, root: Path) -> str:
    (root / "chalicelib").mkdir()
    (root / "chalicelib" / "trades.py").write_text(source, "utf-8")
    return seeded(Defect("a bug", where, old, new), root)[1]


@pytest.mark.parametrize(
    ("where", "old", "new", "becomes"),
    [
        ("trades", "LIMIT = A", "LIMIT = A + 1", "LIMIT = 1 + 1"),
        ("trades.Book.add", "return A.id", "return A", "return trade\n"),
        ("trades", "A.check(BS)", "", "trade):\n        return trade.id"),
        ("trades", "A.check(B, CS)", "A.check(CS)", "self.check(now=True)"),
        ("trades", "self.check(AS); BS", "BS", "trade):\n        return trade.id"),
    ],
)
def test_a_bug_replaces_what_its_pattern_matches(where: str, old: str, new: str, becomes: str, tmp_path: Path) -> None:
    assert becomes in _seeded(SOURCE, where, old, new, tmp_path) + "\n"


@pytest.mark.parametrize(
    ("where", "old", "new"),
    [
        ("trades", "is_not_there", "x"),
        ("trades", "trade", "self"),
        ("trades", "A.id", "(A.id)"),
        ("trades", "A.id", "is_not_bound"),
        ("trades.Book.remove", "A.id", "A"),
        ("positions", "A.id", "A"),
    ],
    ids=["not there", "there twice", "no change", "an unknown name", "an unknown function", "an unknown module"],
)
def test_a_bug_that_does_not_apply_is_refused(where: str, old: str, new: str, tmp_path: Path) -> None:
    with pytest.raises(CannotBeSeeded):
        _seeded(SOURCE, where, old, new, tmp_path)
