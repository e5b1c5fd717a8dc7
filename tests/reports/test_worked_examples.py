"""Reports that were calculated by hand, line by line."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from chalicelib.common.delivery import days_between
from chalicelib.reports.completeness import completeness
from chalicelib.reports.pnl import Report, build_report
from tests.fixtures.trades import positions_of
from tests.fixtures.worked_examples import EXAMPLES, Example

NOW = datetime(2026, 7, 1, tzinfo=UTC)


def built(example: Example) -> Report:
    days = days_between(*example.days)
    positions = positions_of(one for one in example.booked() if example.trader in {None, one.trader_id})
    held = {day: [one for one in positions if one.key.delivery_day == day] for day in days}
    known = {day: completeness(day, {}, NOW) for day in days}
    return build_report(example.trader, held, known, example.references(), NOW)


def shown(example: Example) -> dict[str, Any]:
    return built(example).as_json()


def lines(report: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Every line under the name that the example gives it."""
    named = {line["label"]: line for line in [*report["hours"], *(report["traders"] or ())]}
    named |= {day["delivery_day"]: day["total"] for day in report["days"]}
    return named | {"total": report["total"]} | {name: report[name] for name in ("best_hour", "worst_hour")}


@pytest.mark.parametrize("example", EXAMPLES, ids=[example.what for example in EXAMPLES])
def test_a_report_matches_the_hand_calculation(example: Example) -> None:
    found = lines(shown(example))
    for name, figures in example.expected.items():
        assert {column: found[name][column] for column in figures} == figures, name


def test_the_short_day_has_no_line_for_the_hour_that_is_not() -> None:
    [short] = [example for example in EXAMPLES if example.what.startswith("the short day")]
    assert "02 - 03" not in lines(shown(short))
    assert len(shown(short)["hours"]) == 23
