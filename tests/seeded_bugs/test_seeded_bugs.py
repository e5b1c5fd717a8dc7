"""Every seeded bug still applies: its text occurs exactly once, and changing it changes the code."""

from __future__ import annotations

import dataclasses

import pytest

from tests.seeded_bugs.defects import DEFECTS, SIMULATION, Defect
from tests.seeded_bugs.seeding import ROOT, CannotBeSeeded, seeded


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: defect.name)
def test_a_bug_can_be_seeded(defect: Defect) -> None:
    assert seeded(defect, (ROOT / defect.file).read_text("utf-8"))


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: defect.name)
def test_the_test_that_must_catch_it_exists(defect: Defect) -> None:
    assert defect.caught_by == SIMULATION or all((ROOT / one).exists() for one in defect.caught_by.split())


def test_bug_names_are_unique() -> None:
    assert len({defect.name for defect in DEFECTS}) == len(DEFECTS)


@pytest.mark.parametrize(("old", "new"), [("is not there", "x"), ("a = 1", "a = (1)"), ("a", "b")])
def test_a_bug_that_does_not_apply_is_refused(old: str, new: str) -> None:
    defect = dataclasses.replace(DEFECTS[0], old=old, new=new)
    with pytest.raises(CannotBeSeeded):
        seeded(defect, "a = 1\nab = 2\n")
