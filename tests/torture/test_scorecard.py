"""The page on reliability says what the last torture found, and nothing else."""

from __future__ import annotations

import json

from tests.simulation.faults import Fault
from tests.torture.scorecard import PAGE, RESULTS, render


def test_the_page_is_written_from_the_results() -> None:
    assert PAGE.read_text("utf-8") == render(json.loads(RESULTS.read_text("utf-8")))


def test_the_last_torture_broke_nothing_and_left_no_fault_out() -> None:
    results = json.loads(RESULTS.read_text("utf-8"))
    assert [one for part in results.values() for one in part["broken"]] == []
    assert set(results["simulation"]["faults"]) == {str(fault) for fault in Fault}
    bugs = results.get("seeded bugs", {"caught": 0, "seeded": 0})
    assert bugs["caught"] == bugs["seeded"]


def test_what_broke_stands_on_the_page() -> None:
    results = {"durability": {"passed": 1, "at": "today", "seconds": 1, "broken": ["a promise"]}}
    assert "What broke: a promise." in render(results)
