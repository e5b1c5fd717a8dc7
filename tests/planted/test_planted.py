"""Every planted defect can still be planted: its text is there once, and changing it changes the code."""

from __future__ import annotations

import dataclasses

import pytest

from tests.planted.defects import DEFECTS, SIMULATION, Defect
from tests.planted.planting import ROOT, CannotBePlanted, planted


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: defect.name)
def test_a_defect_can_be_planted(defect: Defect) -> None:
    assert planted(defect, (ROOT / defect.file).read_text("utf-8"))


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: defect.name)
def test_whoever_should_catch_it_is_there(defect: Defect) -> None:
    assert defect.caught_by == SIMULATION or all((ROOT / one).exists() for one in defect.caught_by.split())


def test_no_two_defects_have_one_name() -> None:
    assert len({defect.name for defect in DEFECTS}) == len(DEFECTS)


@pytest.mark.parametrize(("old", "new"), [("is not there", "x"), ("a = 1", "a = (1)"), ("a", "b")])
def test_what_cannot_be_planted_is_noticed(old: str, new: str) -> None:
    defect = dataclasses.replace(DEFECTS[0], old=old, new=new)
    with pytest.raises(CannotBePlanted):
        planted(defect, "a = 1\nab = 2\n")
