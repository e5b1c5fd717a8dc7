"""Positions by slot: expansion over quarter-hours, and power that counts once in each row."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.common.delivery import Period, day_start
from chalicelib.positions.model import Direction, Position, PositionKey, change_of
from chalicelib.reports.slots import Run, Slot, grid_of, run_of

DAYS = {date(2026, 3, 29): 92, date(2026, 6, 15): 96, date(2026, 10, 25): 100}
Row = tuple[Direction, int, int, int, int]
"""A side, and the first slot, the number of slots, kW and the price in eurocent/MWh."""


def position(day: date, row: Row) -> Position:
    side, first, slots, kilowatts, price = row
    period = Period(day_start(day) + first * timedelta(minutes=15), slots * 15)
    return Position(PositionKey("t", day, period), change_of(price, kilowatts, side, slots * 15))


def rows(count: int) -> st.SearchStrategy[list[Row]]:
    run = st.tuples(st.integers(0, count - 1), st.integers(1, count)).map(lambda p: (p[0], min(p[1], count - p[0])))
    amounts = st.tuples(st.integers(1, 9_999), st.integers(-5_000, 9_000))
    return st.lists(st.tuples(st.sampled_from(Direction), run, amounts).map(lambda r: (r[0], *r[1], *r[2])), max_size=9)


@settings(max_examples=30)
@given(data=st.data(), day=st.sampled_from(sorted(DAYS)))
def test_every_sum_is_that_of_fractions_by_slot(data: st.DataObject, day: date) -> None:
    count = DAYS[day]
    drawn = data.draw(rows(count))
    first = data.draw(st.integers(0, count - 1))
    run = Run(first, data.draw(st.integers(first + 1, count)))
    grid = grid_of(day, [position(day, row) for row in drawn])
    inside = [row for row in drawn if row[1] < run.end and row[1] + row[2] > run.first]
    sums = grid.delivered(run)
    assert sums.trades == len(inside)
    assert (sums.buy_kw, sums.sell_kw) == tuple(sum(r[3] for r in inside if r[0] is side) for side in Direction)
    for slot in range(*run):
        bought, sold = ([r for r in drawn if r[0] is side and r[1] <= slot < r[1] + r[2]] for side in Direction)
        paid, got = (Fraction(sum(r[3] * r[4] * 15 for r in side)) for side in (bought, sold))
        assert grid.slots[slot].cash == got - paid
        assert grid.slots[slot].net_kw == sum(r[3] for r in bought) - sum(r[3] for r in sold)


@pytest.mark.parametrize("period", [(-1, 4), (93, 4), (0, 0)])
def test_a_period_outside_the_day_is_refused(period: tuple[int, int]) -> None:
    day, (first, slots) = date(2026, 6, 15), period
    with pytest.raises(ValueError, match="no run of quarter-hours"):
        run_of(Period(day_start(day) + first * timedelta(minutes=15), slots * 15), day)


@pytest.mark.parametrize(("begins", "minutes"), [(10, 15), (15, 20)], ids=["beginning", "length"])
def test_a_period_between_quarter_hours_is_no_run(begins: int, minutes: int) -> None:
    day = date(2026, 6, 15)
    with pytest.raises(ValueError, match="is no run of quarter-hours"):
        run_of(Period(day_start(day) + timedelta(minutes=begins), minutes), day)


def test_a_grid_without_positions_is_flat() -> None:
    assert set(grid_of(date(2026, 6, 15), []).slots) == {Slot()}
