"""Lines and cards as JSON: the text and the objects say the same, in the order of the catalogue."""

from __future__ import annotations

from datetime import UTC, datetime
from operator import itemgetter

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.reports.column import Column, Kind, Value, compact, json_objects, json_texts, text_template
from chalicelib.reports.columns import CARD, LINE, LINES, card_json, line_json
from chalicelib.reports.model import NOTHING, Card, Line, Totals

START = datetime(2026, 6, 15, 11, tzinfo=UTC)
AMOUNT = st.integers(-(10**12), 10**12)
ENERGY = st.integers(0, 10**9)
TOTALS = st.builds(Totals.of, *[ENERGY] * 5, *[AMOUNT] * 4, ENERGY, ENERGY, st.integers(0, 24))
DRAWN = st.lists(
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


@given(DRAWN)
def test_the_text_of_lines_is_that_of_their_objects(lines: list[Line]) -> None:
    assert LINES.texts(lines) == [compact(shown) for shown in LINES.objects(lines)]


@given(DRAWN)
def test_lines_are_shown_in_their_order_and_each_for_itself(lines: list[Line]) -> None:
    assert LINES.objects(lines) == [line_json(line) for line in lines]
    assert [shown["label"] for shown in LINES.objects(lines)] == [line.label for line in lines]


def test_a_line_without_trades_has_the_same_columns_and_its_own_reference() -> None:
    empty = line_json(Line("13 - 14", START, 2, NOTHING, 4950))
    assert list(empty) == [column.name for column in LINE]
    assert (empty["hours_in_period"], empty["reference_price"], empty["vwap_buy"]) == (2, "49.50", None)
    assert (empty["start"], empty["pnl_eur"], empty["trades"]) == ("2026-06-15T11:00:00Z", "0.00", 0)


def test_a_card_without_trades_has_no_days() -> None:
    shown = card_json(Card(None, NOTHING, 0, 0, None, None, 0))
    assert (shown["best_day"], shown["worst_day"], shown["hit_rate_percent"]) == (None, None, None)
    assert set(shown) == {column.inside[0] if column.inside else column.name for column in CARD}


def test_the_text_of_a_nested_object_is_that_of_the_object() -> None:
    columns: list[Column[tuple[Value, ...]]] = [
        Column("label", Kind.TEXT, itemgetter(0), "Label"),
        Column("venue", Kind.TEXT, itemgetter(1), "Venue", nullable=True, inside=("reference", "venue")),
        Column("price", Kind.PRICE, itemgetter(2), "Price", nullable=True, inside=("reference", "price_eur_mwh")),
    ]
    shown: list[tuple[Value, ...]] = [("a", "epex", 4950), ("b", None, 4950), ("c", "otc", None)]
    texts = json_texts(text_template(columns), columns, shown)
    assert texts == [
        '{"label":"a","reference":{"venue":"epex","price_eur_mwh":"49.50"}}',
        '{"label":"b","reference":null}',
        '{"label":"c","reference":{"venue":"otc","price_eur_mwh":null}}',
    ]
    assert texts == [compact(each) for each in json_objects(columns, shown)]


def test_json_has_no_spaces_and_only_ascii() -> None:
    assert compact({"a": [1, None], "b": "ü"}) == r'{"a":[1,null],"b":"\u00fc"}'
