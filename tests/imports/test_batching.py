"""Transactions as full as allowed, and never two at once on one position."""

from __future__ import annotations

from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.common.windows import windows
from chalicelib.positions.model import PositionKey
from chalicelib.trades.lanes import corrections_of, lanes_of
from chalicelib.trades.model import position_key
from chalicelib.trades.revision import Revision
from tests.fixtures.trades import from_file, posted, trade

ROWS = st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 5)), max_size=120)


def revisions(rows: list[tuple[str, int]]) -> list[Revision]:
    return [
        from_file(trade(str(line), trader_id=trader, delivery_hour=hour), line)
        for line, (trader, hour) in enumerate(rows, 2)
    ]


@given(ROWS, st.integers(2, 100))
def test_every_row_is_in_one_chunk_and_no_chunk_is_too_large(rows: list[tuple[str, int]], most: int) -> None:
    given_rows = revisions(rows)
    chunks = list(chain.from_iterable(lanes_of(given_rows, most)))
    packed = list(chain.from_iterable(chunks))
    assert sorted(packed, key=id) == sorted(given_rows, key=id)
    for chunk in chunks:
        assert 0 < len(chunk) + len({position_key(one.trade) for one in chunk}) <= most


@given(ROWS, st.integers(2, 100))
def test_no_position_is_in_two_lanes(rows: list[tuple[str, int]], most: int) -> None:
    seen: set[PositionKey] = set()
    for lane in lanes_of(revisions(rows), most):
        positions = {position_key(one.trade) for one in chain.from_iterable(lane)}
        assert not positions & seen
        seen |= positions


def test_a_hot_position_is_booked_in_nearly_full_transactions() -> None:
    [lane] = lanes_of(revisions([("a", 1)] * 250))
    assert [len(chunk) for chunk in lane] == [99, 99, 52]


def test_second_sides_take_two_actions_each() -> None:
    seconds = [revision._replace(side=2) for revision in revisions([("a", 1)] * 120)]
    assert [len(chunk) for lane in lanes_of(seconds) for chunk in lane] == [49, 49, 22]


def test_trades_that_are_late_for_a_day_leave_room_for_its_mark() -> None:
    late = [posted(trade(str(number)))._replace(recorded_at="2099-01-01T00:00:00Z") for number in range(150)]
    assert [len(chunk) for lane in lanes_of(late) for chunk in lane] == [98, 52]


@pytest.mark.parametrize(("most", "sizes"), [(100, [47, 13]), (99, [47, 13]), (98, [46, 14])])
def test_corrections_fill_a_transaction_beside_what_the_run_adds(most: int, sizes: list[int]) -> None:
    """Each has two actions, and a transaction has one for the position, one for the day and three of the run."""
    changes = [(old, old.next(old.trade, old.source, "2099-01-01T00:00:00Z")) for old in revisions([("a", 1)] * 60)]
    assert [len(chunk) for chunk in corrections_of(changes, most)] == sizes


def test_corrections_are_grouped_by_the_position_that_they_leave() -> None:
    olds, news = revisions([("a", 1), ("b", 1)] * 3), revisions([("c", 1)] * 6)
    [chunk] = corrections_of(list(zip(olds, news, strict=True)))
    assert [old.trade.trader_id for old, _ in chunk] == [*"aaabbb"]


def test_small_positions_share_a_transaction() -> None:
    assert [len(lane) for lane in lanes_of(revisions([("a", hour) for hour in range(24)] * 2))] == [1]


def test_windows_are_read_lazily() -> None:
    endless = iter(int, 1)
    assert next(windows(endless, 3)) == [0, 0, 0]


@pytest.mark.parametrize(
    ("groups", "chunks"),
    [
        ([49, 49], [98]),
        ([49, 50], [49, 50]),
        ([49, 50, 48], [49, 98]),
        ([49, 50, 49], [49, 50, 49]),
        ([50, 99, 48], [99, 98]),
    ],
)
def test_a_transaction_is_filled_to_the_last_action_and_no_further(groups: list[int], chunks: list[int]) -> None:
    rows = [("a", hour) for hour, count in enumerate(groups) for _ in range(count)]
    assert [len(chunk) for lane in lanes_of(revisions(rows)) for chunk in lane] == chunks
