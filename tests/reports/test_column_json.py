"""Lines and cards as JSON: the text and the objects say the same, in the order of the catalogue."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.reports.column_json import card_json, compact, line_json, lines_json, lines_text
from chalicelib.reports.columns import CARD, LINE
from chalicelib.reports.model import NOTHING, Card, Line, Totals
from chalicelib.reports.rows import flat

START = datetime(2026, 6, 15, 11, tzinfo=UTC)
AMOUNT = st.integers(-(10**12), 10**12)
ENERGY = st.integers(0, 10**9)
TOTALS = st.builds(
    Totals, ENERGY, ENERGY, ENERGY, ENERGY, ENERGY, AMOUNT, AMOUNT, AMOUNT, AMOUNT, ENERGY, ENERGY, st.integers(0, 24)
)
LINES = st.lists(
    st.builds(
        Line,
        st.text(),
        st.sampled_from([START, None]),
        st.integers(1, 2),
        st.one_of(st.just(NOTHING), TOTALS),
        st.one_of(st.none(), AMOUNT),
    ),
    max_size=6,
)


@given(LINES)
def test_the_text_of_lines_is_that_of_their_objects(lines: list[Line]) -> None:
    assert lines_text(lines) == [compact(shown) for shown in lines_json(lines)]


@given(LINES)
def test_lines_are_shown_in_their_order_and_each_for_itself(lines: list[Line]) -> None:
    assert lines_json(lines) == [line_json(line) for line in lines]
    assert [shown["label"] for shown in lines_json(lines)] == [line.label for line in lines]


def test_a_line_without_trades_has_the_same_columns_and_its_own_reference() -> None:
    empty = line_json(Line("13 - 14", START, 2, NOTHING, 4950))
    assert list(empty) == [column.name for column in LINE]
    assert (empty["hours_in_period"], empty["reference_price"], empty["vwap_buy"]) == (2, "49.50", None)
    assert (empty["start"], empty["pnl_eur"], empty["trades"]) == ("2026-06-15T11:00:00Z", "0.00", 0)


def test_a_card_of_an_older_api_has_nothing_where_a_column_is_new() -> None:
    assert flat({"trader_id": "x"}) == {column.name: None for column in CARD} | {"trader_id": "x"}


def test_a_card_without_trades_has_no_days() -> None:
    shown = card_json(Card(None, NOTHING, 0, 0, None, None, 0))
    assert (shown["best_day"], shown["worst_day"], shown["hit_rate_percent"]) == (None, None, None)
    assert set(flat(shown)) == {column.name for column in CARD}
