"""A report as text, as an object and as cells: the same members, whatever it is of."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from chalicelib.reports.completeness import Completeness, NeededFile, State
from chalicelib.reports.pnl import AnyReport
from chalicelib.reports.valued_report import Shape
from tests.fixtures.extended_positions import positions_of
from tests.fixtures.trades import trade
from tests.fixtures.vectors2 import vector
from tests.reports.test_pnl import DAYS, report
from tests.reports.test_valued_report import reported

BOTH_DAYS = [
    trade("a", delivery_day=str(DAYS[0]), trader_id="x"),
    trade("b", delivery_day=str(DAYS[1]), trader_id="x", direction="sell"),
]
V1 = {
    "the desk's days": report([*BOTH_DAYS, trade("c", delivery_day=str(DAYS[1]), trader_id="y")], DAYS[0], DAYS[1]),
    "a trader's days": report(BOTH_DAYS, DAYS[0], DAYS[1], "x"),
    "a day": report(BOTH_DAYS[:1], DAYS[0], DAYS[0]),
    "a day without trades": report([], DAYS[0], DAYS[0]),
}
TRADED = positions_of(vector("W29")["input"]["trades"])
V2 = {
    "groups": reported(TRADED, shape=Shape(by=("strategy",))),
    "no groups": reported(TRADED),
    "days": reported(
        {day + timedelta(days=ahead): TRADED[day] if not ahead else [] for day in TRADED for ahead in (0, 1)}
    ),
    "a trader": reported(TRADED, trader_id="x"),
}


@pytest.mark.parametrize("shown", [*V1.values(), *V2.values()], ids=[*V1, *V2])
def test_the_text_of_a_report_is_that_of_its_object(shown: AnyReport[Any]) -> None:
    text, members = shown.as_text(), shown.as_json()
    assert json.loads(text) == members
    assert list(json.loads(text)) == list(members)
    assert list(shown.as_cells()) == list(members)


def test_members_of_v2_are_in_its_reports_alone() -> None:
    old, new, grouped = V1["the desk's days"].as_json(), V2["no groups"].as_json(), V2["groups"].as_json()
    assert "grain" not in old
    assert new["grain"] == "hour"
    assert [line["by"] for line in grouped["groups"]] == [{"strategy": name} for name in ("mm", "solar", None)]
    assert "groups" not in new


@pytest.mark.parametrize(("shown", "in_v2"), [(V1["a day"], False), (V2["no groups"], True)], ids=["v1", "v2"])
def test_the_files_of_other_feeds_are_in_reports_of_v2_alone(shown: AnyReport[Any], *, in_v2: bool) -> None:
    known = Completeness(State.MISSING, feeds=(NeededFile("nordpool", DAYS[0], "late"),))
    shown = shown._replace(completeness=known, days=(shown.days[0]._replace(completeness=known),))
    for members in (shown.as_json(), json.loads(shown.as_text())):
        assert ["feeds" in each["completeness"] for each in (members, members["days"][0])] == [in_v2, in_v2]


def test_a_trader_s_own_report_has_no_list_of_traders() -> None:
    assert V1["a trader's days"].as_json()["traders"] is None
    assert [line["label"] for line in V1["the desk's days"].as_json()["traders"]] == ["x", "y"]


def test_the_best_and_the_worst_hour_are_numbers_among_cells() -> None:
    cells = V1["a day"].as_cells()
    assert type(cells["best_hour"]["pnl_eur"]) is Decimal
    assert V1["a day without trades"].as_cells()["worst_hour"] is None
