"""Transactions as full as allowed, and never two at once on one position."""

from __future__ import annotations

from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.common.windows import windows
from chalicelib.positions.model import PositionKey
from chalicelib.trades.lanes import lanes_of
from chalicelib.trades.model import position_key
from chalicelib.trades.revision import Revision
from tests.fixtures.trades import from_file, trade

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


def test_small_positions_share_a_transaction() -> None:
    assert [len(lane) for lane in lanes_of(revisions([("a", hour) for hour in range(24)] * 2))] == [1]


def test_windows_are_read_lazily() -> None:
    endless = iter(int, 1)
    assert next(windows(endless, 3)) == [0, 0, 0]


@pytest.mark.parametrize(
    ("groups", "chunks"),
    [([49, 49], [98]), ([49, 50], [49, 50]), ([49, 50, 48], [49, 98]), ([49, 50, 49], [49, 50, 49])],
)
def test_a_transaction_is_filled_to_the_last_action_and_no_further(groups: list[int], chunks: list[int]) -> None:
    rows = [("a", hour) for hour, count in enumerate(groups) for _ in range(count)]
    assert [len(chunk) for lane in lanes_of(revisions(rows)) for chunk in lane] == chunks
