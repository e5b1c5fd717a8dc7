"""A report as flat rows: which lines there are, of which kind, and what stands beside each."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.reports.columns import report_rows
from tests.fixtures.trades import trade
from tests.reports.test_pnl import DAYS, report

TRADES = [
    trade("a", delivery_day=str(DAYS[0]), trader_id="x"),
    trade("b", delivery_day=str(DAYS[1]), trader_id="y", direction="sell"),
]


def kinds(shown: dict[str, Any], *by: str) -> dict[str, list[object]]:
    """The delivery days of the rows of each kind."""
    found: dict[str, list[object]] = {}
    for row in report_rows(shown, by):
        found.setdefault(row["kind"], []).append(row["delivery_day"])
    return found


def test_a_range_has_its_hours_its_days_its_traders_and_the_total() -> None:
    shown: dict[str, Any] = report(TRADES, DAYS[0], DAYS[1]).as_cells()
    assert kinds(shown) == {
        "hour": [None] * 24,
        "day": ["2025-03-29", "2025-03-30"],
        "trader": [None] * 2,
        "total": [None],
    }


def test_a_single_day_is_its_hours_its_traders_and_the_total_of_that_day() -> None:
    shown: dict[str, Any] = report(TRADES, DAYS[0], DAYS[0]).as_cells()
    day = "2025-03-29"
    assert kinds(shown) == {"hour": [day] * 24, "trader": [day], "total": [day]}


@pytest.mark.parametrize("kind", ["hour", "day", "trader"])
def test_only_the_kinds_that_are_wanted_stand_beside_the_total(kind: str) -> None:
    shown: dict[str, Any] = report(TRADES, DAYS[0], DAYS[0]).as_cells()
    assert list(kinds(shown, kind)) == [kind, "total"]


def test_groups_have_their_values_beside_their_totals() -> None:
    shown: dict[str, Any] = report(TRADES, DAYS[0], DAYS[0]).as_cells()
    shown["groups"] = [{"by": {"strategy": name}, "total": {"trades": count}} for name, count in (("a", 1), ("b", 2))]
    about = {"delivery_day": "2025-03-29", "completeness": "missing"}
    assert [row for row in report_rows(shown) if row["kind"] == "group"] == [
        {"kind": "group", **about, "strategy": "a", "trades": 1},
        {"kind": "group", **about, "strategy": "b", "trades": 2},
    ]
    assert list(kinds(shown, "group")) == ["group", "total"]
    assert "group" not in kinds(shown, "hour")


def test_a_trader_s_own_report_has_no_traders() -> None:
    shown: dict[str, Any] = report(TRADES[:1], DAYS[0], DAYS[0], trader_id="x").as_cells()
    assert "trader" not in kinds(shown, "trader")


def test_a_row_shows_whether_its_data_is_complete() -> None:
    shown: dict[str, Any] = report(TRADES, DAYS[0], DAYS[1]).as_cells()
    assert {row["completeness"] for row in report_rows(shown)} == {"missing"}
    assert {row["trades"] for row in report_rows(shown) if row["kind"] == "day"} == {1}
