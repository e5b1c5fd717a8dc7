"""The worked examples of the desk: reports, ranges and days exactly as agreed with the traders."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from chalicelib.common.delivery import Period, days_between
from chalicelib.common.errors import InvalidTrade
from chalicelib.common.units import UNITS
from chalicelib.positions.model import NO_CHANGE, Change, Direction, Position, PositionKey, change_of
from chalicelib.reports.columns import line_json
from chalicelib.reports.completeness import completeness
from chalicelib.reports.pnl import Report, build_report
from chalicelib.trades.model import Trade, parse_trade
from tests.fixtures.trades import positions_of

FILE = Path(__file__).parents[1] / "fixtures" / "pnl_vectors.json"
VECTORS: list[dict[str, Any]] = json.loads(FILE.read_text("utf-8"))["vectors"]
NOW = datetime(2026, 1, 1, tzinfo=UTC)
REPORTS = [vector for vector in VECTORS if vector["kind"] == "report"]
RANGES = [vector for vector in VECTORS if vector["kind"] == "range"]
RENAMED = {"vwap_buy_eur_mwh": "vwap_buy", "vwap_sell_eur_mwh": "vwap_sell", "hour": None, "period": None}
ELSEWHERE = {"pnl_cents_exact", "delivery_start"}


@pytest.mark.parametrize("vector", REPORTS, ids=[vector["id"] for vector in REPORTS])
def test_a_day_is_reported_as_in_the_worked_example(vector: dict[str, Any]) -> None:
    day = _day_of(vector["input"])
    positions, refused = _positions(vector["input"])
    [report_day] = (report := _report(positions, day, day)).days
    expected = vector["expected"]
    shown = {line.label: line_json(line) for line in report_day.periods}

    assert len(shown) == expected["row_count"]
    for row in expected["nonzero_rows"]:
        assert_line(shown.pop(row["label"]), row)
    assert all(line["trades"] == 0 and line["pnl_eur"] == "0.00" for line in shown.values())
    assert_line(line_json(report.total), expected["total"])
    assert Decimal(report.total.totals.pnl) / UNITS == Decimal(expected["total"]["pnl_cents_exact"])
    doubled = {line.label[:2]: f"hours_in_bucket={line.hours}" for line in report_day.periods if line.hours > 1}
    if day == date(2025, 10, 26):
        assert doubled == expected["flags"]
    assert refused == [row["id"] for row in expected.get("quarantined", [])]


@pytest.mark.parametrize("vector", RANGES, ids=[vector["id"] for vector in RANGES])
def test_a_range_is_reported_as_in_the_worked_example(vector: dict[str, Any]) -> None:
    start, end = (date.fromisoformat(vector["input"][name]) for name in ("from", "to"))
    positions, _ = _positions(vector["input"])
    report = _report(positions, start, end)

    for day in report.days:
        expected = dict(vector["expected"]["days"].pop(day.delivery_day.isoformat()))
        assert len(day.periods) == expected.pop("row_count")
        assert_line(line_json(day.total), expected)
    assert vector["expected"]["days"] == {}
    assert_line(line_json(report.total), vector["expected"]["grand_total"])


def test_every_kind_of_worked_example_is_used() -> None:
    assert {vector["kind"] for vector in VECTORS} == {"report", "range", "schedule"}
    assert len(REPORTS) == 8
    assert len(RANGES) == 1


def assert_line(shown: dict[str, object], expected: dict[str, Any]) -> None:
    for name, value in expected.items():
        column = RENAMED.get(name, name)
        if column is not None and name not in ELSEWHERE:
            assert shown[column] == value, name


def _day_of(given: dict[str, Any]) -> date:
    return date.fromisoformat(given["trades"][0]["delivery_day"] if given["trades"] else given["delivery_day"])


def _report(positions: Iterable[Position], start: date, end: date) -> Report:
    days = days_between(start, end)
    held = {day: [position for position in positions if position.key.delivery_day == day] for day in days}
    return build_report("trader_1", held, {day: completeness(day, {}, NOW) for day in days}, {}, NOW)


def _positions(given: dict[str, Any]) -> tuple[list[Position], list[str]]:
    rows = given["trades"] + _generated(given.get("generate"))
    if any("quantity_kw" in row for row in rows):
        return _quarter_hours(rows), []
    trades: list[Trade] = []
    refused = []
    for row in rows:
        try:
            trades.append(parse_trade(row))
        except InvalidTrade:
            refused.append(row["id"])
    return positions_of(trades), refused


def _generated(wanted: dict[str, Any] | None) -> list[dict[str, Any]]:
    if wanted is None:
        return []
    same = {name: value for name, value in wanted.items() if name not in {"count", "id_prefix"}}
    return [{"id": f"{wanted['id_prefix']}{number}", **same} for number in range(wanted["count"])]


def _quarter_hours(rows: Iterable[dict[str, Any]]) -> list[Position]:
    """Products of less than an hour, which the domain can already sum though nobody can book them yet."""
    held: dict[PositionKey, Change] = {}
    for row in rows:
        period = Period(datetime.fromisoformat(row["delivery_start"]), row["duration_min"])
        key = PositionKey(row["trader_id"], date.fromisoformat(row["delivery_day"]), period)
        change = change_of(row["price"], row["quantity_kw"], Direction(row["direction"]), row["duration_min"])
        held[key] = held.get(key, NO_CHANGE) + change
    return [Position(key, change) for key, change in held.items()]
