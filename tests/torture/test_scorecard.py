"""The page on reliability says what the last torture found, and nothing else."""

from __future__ import annotations

import json

from tests.torture.scorecard import PAGE, RESULTS, render


def test_the_page_is_written_from_the_results() -> None:
    assert PAGE.read_text("utf-8") == render(json.loads(RESULTS.read_text("utf-8")))


def test_the_last_torture_broke_nothing() -> None:
    results = json.loads(RESULTS.read_text("utf-8"))
    assert results["broken"] == []
    assert all(times > 0 for times in results["parts"]["simulation"]["faults"].values())
    assert results["parts"]["planted defects"]["caught"] == results["parts"]["planted defects"]["planted"]


def test_what_broke_stands_on_the_page() -> None:
    results = {"minutes": 1, "at": "now", "parts": {}, "broken": ["a promise"]}
    assert "What broke: a promise." in render(results)
