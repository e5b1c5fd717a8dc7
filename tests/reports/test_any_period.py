"""The reports of `/v1` count quarter-hours and blocks in their hours: trades and power once in each row."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.common.delivery import BERLIN, Period, day_start, hours_within, slot_rows
from chalicelib.positions.model import Direction, Position, PositionKey, change_of
from chalicelib.reports.columns import card_json, line_json
from chalicelib.reports.completeness import Completeness, State
from chalicelib.reports.model import Line
from chalicelib.reports.pnl import Report, build_report
from chalicelib.reports.scorecard import build_scorecard
from tests.fixtures.extended_positions import positions_of
from tests.fixtures.vectors2 import vector

NOW = datetime(2026, 11, 1, tzinfo=UTC)
DAYS = {date(2026, 3, 29): 92, date(2026, 6, 15): 96, date(2026, 10, 25): 100}
CALLED = {"period", "net_mw_min", "net_mw_max", "pnl_cents_exact"}
"""What the rows of the examples have and those of `/v1` do not."""


def reported(positions: dict[date, Any], references: dict[date, dict[int, int]] | None = None) -> Report:
    known = dict.fromkeys(positions, Completeness(State.COMPLETE))
    return build_report(None, positions, known, references or {}, NOW)


def test_an_hour_counts_its_quarters_and_its_share_of_a_block() -> None:
    example = vector("W08")
    report = reported(positions_of(example["input"]["trades"]))
    rows = {line.label: line_json(line) for line in report.days[0].periods}
    assert len(rows) == example["expected"]["row_count"]
    for row in example["expected"]["nonzero_rows"]:
        assert_shows(rows.pop(row["label"]), row)
    assert all(line["trades"] == 0 and line["pnl_eur"] == "0.00" for line in rows.values())
    assert_shows(line_json(report.total), example["expected"]["total"])
    assert report.traders is not None
    assert line_json(report.traders[0]) == {**line_json(report.total), "label": "trader_1"}


def assert_shows(line: dict[str, Any], expected: dict[str, Any]) -> None:
    start = {"start": expected["start"].replace("Z", ":00Z")} if "start" in expected else {}
    wanted = {**expected, **start}
    assert {name: line[name] for name in wanted if name not in CALLED} == {
        name: value for name, value in wanted.items() if name not in CALLED
    }


@pytest.mark.parametrize("name", ["normal", "short_day", "long_day"])
def test_a_base_block_is_one_trade_in_each_hour_and_in_the_total(name: str) -> None:
    example = vector("W02")
    [case] = [case for case in example["input"]["cases"] if case["name"] == name]
    expected = example["expected"][name]
    report = reported(positions_of([case["trade"]]))
    rows = [line_json(line) for line in report.days[0].periods]
    doubled = name == "long_day"
    assert (len(rows), sum(row["hours_in_period"] for row in rows)) == (expected["rows"] - doubled, expected["rows"])
    assert {(row["trades"], row["buy_mw"]) for row in rows} == {(1, "5.3")}
    assert rows[0]["pnl_eur"] == expected["first_row_pnl_eur"]
    total = line_json(report.total)
    assert (total["trades"], total["buy_mw"]) == (expected["trades_in_total"], expected["buy_mw_in_total"])
    assert (total["buy_mwh"], total["pnl_eur"]) == (expected["buy_mwh"], expected["pnl_eur"])


def test_two_trades_of_a_block_are_two_in_the_total() -> None:
    block = vector("W02")["input"]["cases"][0]["trade"]
    total = line_json(reported(positions_of([block, {**block, "id": "another"}])).total)
    assert (total["trades"], total["buy_mw"]) == (2, "10.6")


def test_a_scorecard_counts_a_block_once_and_wins_by_its_hours() -> None:
    positions = positions_of(vector("W08")["input"]["trades"])
    card = card_json(
        build_scorecard(None, positions, dict.fromkeys(positions, Completeness(State.COMPLETE)), NOW).total
    )
    assert (card["trades"], card["pnl_eur"], card["hours_traded"], card["hours_won"]) == (3, "-89.00", 2, 0)


def test_the_hour_that_occurs_twice_is_one_part_of_a_period() -> None:
    start = day_start(date(2026, 10, 25))
    assert [part.minutes for part in hours_within(Period(start, 25 * 60))] == [60, 60, 120, *[60] * 21]
    half = Period(start + timedelta(minutes=90), 60)
    assert hours_within(half) == (Period(half.start, 30), Period(start + timedelta(minutes=120), 30))


Row = tuple[str, Direction, int, int, int, int]
"""A trader and a side, and the first slot, the number of slots, kW and the price."""


def rows(count: int) -> st.SearchStrategy[list[Row]]:
    run = st.tuples(st.integers(0, count - 1), st.integers(1, count)).map(lambda p: (p[0], min(p[1], count - p[0])))
    amounts = st.tuples(st.integers(1, 9_999), st.integers(-5_000, 9_000))
    sides = st.tuples(st.sampled_from(["x", "y"]), st.sampled_from(Direction))
    return st.lists(st.tuples(sides, run, amounts).map(lambda r: (*r[0], *r[1], *r[2])), max_size=9)


def position(day: date, row: Row) -> Position:
    trader, side, first, slots, kilowatts, price = row
    period = Period(day_start(day) + first * timedelta(minutes=15), slots * 15)
    return Position(PositionKey(trader, day, period), change_of(price, kilowatts, side, slots * 15))


@settings(max_examples=60)
@given(data=st.data(), day=st.sampled_from(sorted(DAYS)))
def test_every_line_is_the_sum_of_fractions_by_slot(data: st.DataObject, day: date) -> None:
    drawn = data.draw(rows(DAYS[day]))
    references = data.draw(st.dictionaries(st.integers(0, 23), st.integers(-5_000, 5_000)))
    report = reported({day: [position(day, row) for row in drawn]}, {day: references})
    hours = [slot.start.astimezone(BERLIN).hour for slot in slot_rows(day, 15)]
    for line in report.days[0].periods:
        assert_sums(line, drawn, [hour == int(line.label[:2]) for hour in hours], hours, references)
    for line in (report.total, report.days[0].total):
        assert_sums(line, drawn, [True] * len(hours), hours, references)
    for line in report.traders or ():
        own = [row for row in drawn if row[0] == line.label]
        assert_sums(line, own, [True] * len(hours), hours, references)


def assert_sums(line: Line, drawn: list[Row], inside: list[bool], hours: list[int], prices: dict[int, int]) -> None:
    sums = line.totals
    slots = {row: [slot for slot in range(row[2], row[2] + row[3]) if inside[slot]] for row in set(drawn)}
    counted = [row for row in drawn if slots[row]]
    assert sums.trades == len(counted)
    assert (sums.buy_kw, sums.sell_kw) == tuple(sum(row[4] for row in counted if row[1] is side) for side in Direction)
    pieces = [(row[1], row[4] * len(slots[row]) * 15, row[5]) for row in counted]
    energy = [sum(size for side, size, _ in pieces if side is wanted) for wanted in Direction]
    cash = [sum(size * price for side, size, price in pieces if side is wanted) for wanted in Direction]
    assert [sums.buy_energy, sums.sell_energy] == energy
    assert [sums.buy_cash, sums.sell_cash] == cash
    bare = {hours[slot] for row in counted for slot in slots[row] if hours[slot] not in prices}
    assert sums.hours_without_reference == len(bare)
    bought = [(row, slot) for row in counted if row[1] is Direction.BUY for slot in slots[row]]
    if bought and all(hours[slot] in prices for _, slot in bought):
        gain = sum(Fraction((prices[hours[slot]] - row[5]) * row[4] * 15) for row, slot in bought)
        assert sums.buy_edge == gain
    else:
        assert sums.buy_edge is None
