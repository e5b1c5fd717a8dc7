"""The rules of a trade, each broken once."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.common.delivery import Period
from chalicelib.common.errors import InvalidTrade
from chalicelib.common.strict_json import NotWhole
from chalicelib.positions.model import Direction
from chalicelib.trades.model import FIELDS, State, Trade, parse_trade, trade_of_hour
from tests.fixtures.trades import fields, posted, trade


def test_a_trade_that_breaks_no_rule_is_read_field_by_field() -> None:
    assert parse_trade(fields()) == Trade(
        id="trade-1",
        price=5000,
        kw=10_000,
        direction=Direction.BUY,
        period=Period(datetime(2023, 2, 28, 12, tzinfo=UTC), 60),
        trader_id="trader_1",
        execution_time="2023-02-20T10:00:00Z",
    )


def test_a_trade_in_v1_form_is_of_the_exchange_and_says_nothing_more() -> None:
    v1 = trade()
    assert (v1.venue, v1.state, v1.hour_only) == ("epex", State.ACTIVE, False)
    assert {v1.area, v1.strategy, v1.venue_revision, v1.order_id, v1.text, v1.product} == {None}
    assert v1.key == ("epex", "trade-1", Direction.BUY)


def test_a_trade_is_given_back_as_posted() -> None:
    given_fields = fields(price=-1, execution_time="2023-02-20T10:00:00.120Z", trader_id="Zoë #1")
    assert parse_trade(given_fields).as_fields() == given_fields
    assert tuple(parse_trade(given_fields).as_fields()) == FIELDS


def test_all_problems_are_listed_at_once() -> None:
    wrong: dict[str, Any] = {
        "id": "",
        "price": "1",
        "quantity": 0,
        "direction": "BUY",
        "delivery_hour": 24,
        "note": 1,
    }
    with pytest.raises(InvalidTrade) as refused:
        parse_trade(wrong)
    named = [problem.field for problem in refused.value.problems]
    assert named == ["note", *(name for name in FIELDS)]


@pytest.mark.parametrize("name", FIELDS)
def test_every_field_is_required(name: str) -> None:
    without = fields()
    del without[name]
    assert problems_of(without) == {name: "is required"}


WRONG: list[tuple[str, object]] = [
    *[
        (name, value)
        for name in ("price", "quantity", "delivery_hour")
        for value in (None, True, "12", "", [1], {"a": 1}, NotWhole("1.5"), NotWhole("12.0"), 1.5, 12.0)
    ],
    *[(name, 10**15) for name in ("price", "quantity")],
    ("price", -(10**15)),
    ("quantity", 0),
    ("quantity", -5),
    ("delivery_hour", -1),
    ("delivery_hour", 24),
    *[("direction", value) for value in ("Buy", "BUY", "b", "", None, 1, ["buy"])],
    *[
        ("delivery_day", value)
        for value in (
            *("20230228", "2023-2-28", "2023-02-30", "2023-02-28T00:00:00Z", " 2023-02-28", "2023-W09-2"),
            *("٢٠٢٣-٠٢-٢٨", "1999-12-31", "2100-01-01", "0000-01-01", None, 20230228, ""),
        )
    ],
    *[
        ("execution_time", value)
        for value in (
            *("2023-02-20T10:00:00", "2023-02-20 10:00:00Z", "2023-02-20"),
            *(
                "2023-02-20T24:00:00Z",
                "2023-02-20T10:60:00Z",
                "2023-02-20T10:00:60Z",
                "2023-02-30T10:00:00Z",
            ),
            *("2023-02-20T10:00:00+24:00", "2023-02-20T10:00:00+01:60", "2023-02-20T10:00:00+0100"),
            *("2023-02-20T10:00:00.Z", "2023-02-20T10:00.5Z", "1999-12-31T23:59:59Z"),
            *("2000-01-01T00:00:00+00:01", "9999-12-31T23:59:59-01:00", "0001-01-01T00:00:00+01:00"),
            *("", "now", None, 1676887200, "2023-02-20T10:00:00Z\n", "²023-02-20T10:00:00Z"),
        )
    ],
    *[
        (name, value)
        for name in ("id", "trader_id")
        for value in (
            "",
            "x" * 129,
            "a\nb",
            "a\x00",
            "\ud800",
            "a\u200b",
            "\u202eabc",
            "\x7f",
            "\ufeff",
            " ",
            " a",
            "a ",
            "u\u0308",
            "a\ufe0f",
            "a\u034f",
            "a\U000e0100",
            "\u3164",
            "\u2800",
            "a\u00a0b",
            None,
            1,
            ["a"],
        )
    ],
]


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_a_value_that_breaks_its_rule_is_refused_naming_the_field(name: str, value: object) -> None:
    assert list(problems_of(fields(**{name: value}))) == [name]


@pytest.mark.parametrize("name", ["id", "trader_id"])
@pytest.mark.parametrize(
    "text", ["a", "x" * 128, "ü" * 128, "日本", "😀", "a#b/c%2F?d", "a b", "007", "NA", "=cmd|'/c calc'"]
)
def test_any_printable_text_is_an_id(name: str, text: str) -> None:
    assert getattr(parse_trade(fields(**{name: text})), "id" if name == "id" else "trader_id") == text


@pytest.mark.parametrize("name", ["id", "trader_id"])
@pytest.mark.parametrize("text", [" a", "a ", " ", "u\u0308", "a\ufe0f", "\u3164", "\u2800"])
def test_a_name_that_an_earlier_release_booked_can_still_be_read(name: str, text: str) -> None:
    with pytest.raises(InvalidTrade):
        parse_trade(fields(**{name: text}))
    assert parse_trade(fields(**{name: text}), stored=True).as_fields() == fields(**{name: text})


@pytest.mark.parametrize("text", ["", "x" * 129, "a\nb", "\ud800", "a\u200b", "a\u00a0b", None, 1])
def test_what_no_release_booked_is_refused_as_stored_too(text: object) -> None:
    with pytest.raises(InvalidTrade):
        parse_trade(fields(id=text), stored=True)


def test_the_message_names_a_name_s_fault_and_shows_invisible_characters() -> None:
    assert problems_of(fields(id="T-1\ufe0f", trader_id="Mu\u0308ller")) == {
        "id": "must hold no character that is invisible or looks like a blank (U+FE0F, character 4), got 'T-1\\ufe0f'",
        "trader_id": "must be in Unicode's composed form, NFC, got 'Mu\\u0308ller'",
    }
    assert problems_of(fields(id=" T-1")) == {"id": "must not begin or end with a space, got ' T-1'"}


def test_the_message_names_the_expected_and_the_actual_value() -> None:
    assert problems_of(fields(quantity=-5)) == {"quantity": "must be a whole number of MW above 0, got -5"}
    assert problems_of(fields(price=NotWhole("12.0"))) == {
        "price": "must be a whole number of eurocent/MWh of at most 15 digits, got 12.0"
    }
    assert problems_of(fields(id="a\nb"))["id"].endswith(r"got 'a\nb'")


def test_a_message_shows_only_the_beginning_of_what_is_long() -> None:
    assert len(problems_of(fields(id="x" * 60_000))["id"]) < 150
    with pytest.raises(InvalidTrade) as refused:
        parse_trade(fields(**{"y" * 60_000: 1}))
    assert len(refused.value.problems[0].field) < 70


def test_the_hour_that_the_clocks_skip_is_refused() -> None:
    skipped = problems_of(fields(delivery_day="2025-03-30", delivery_hour=2))
    assert skipped == {"delivery_hour": "must exist on 2025-03-30: the clocks skip hour 2 that day"}
    assert parse_trade(fields(delivery_day="2025-03-30", delivery_hour=3)).period.start == datetime(
        2025, 3, 30, 1, tzinfo=UTC
    )


def test_the_hour_that_occurs_twice_is_one_hour_of_energy() -> None:
    period = trade(delivery_day="2025-10-26", delivery_hour=2).period
    assert (period.start, period.minutes) == (datetime(2025, 10, 26, 0, tzinfo=UTC), 60)


def test_a_trade_of_an_hour_that_is_not_there_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="2025-03-30 has no hour 2"):
        trade_of_hour(
            id="x",
            price=1,
            quantity=1,
            direction=Direction.BUY,
            delivery_day=date(2025, 3, 30),
            delivery_hour=2,
            trader_id="t",
            execution_time="2025-03-29T10:00:00Z",
        )


def test_which_of_two_equal_hours_a_v1_trade_is_of_is_unknown() -> None:
    assert trade(delivery_day="2025-10-26", delivery_hour=2).hour_only
    assert not trade(delivery_day="2025-10-26", delivery_hour=3).hour_only


QUARTER = Period(datetime(2023, 2, 28, 12, tzinfo=UTC), 15)
HALF_PAST = Period(datetime(2023, 2, 28, 12, 30, tzinfo=UTC), 60)
SECOND_HOUR_02 = Period(datetime(2025, 10, 26, 1, tzinfo=UTC), 60)
FIRST_HOUR_02 = Period(datetime(2025, 10, 26, 0, tzinfo=UTC), 60)


@pytest.mark.parametrize(
    ("changes", "in_v1_form"),
    [
        ({}, True),
        ({"area": "10YDE-RWENET---I", "strategy": "solar", "order_id": "1", "text": "t", "product": "p"}, True),
        ({"venue_revision": 3}, True),
        ({"period": FIRST_HOUR_02}, True),
        ({"period": SECOND_HOUR_02}, False),
        ({"period": QUARTER}, False),
        ({"period": HALF_PAST}, False),
        ({"kw": 10_100}, False),
        ({"venue": "nordpool"}, False),
        ({"state": State.CANCELLED}, False),
        ({"state": State.RECALL_REQUESTED}, False),
    ],
)
def test_the_v1_form_states_one_whole_hour_and_whole_mw_of_the_exchange(
    changes: dict[str, Any], *, in_v1_form: bool
) -> None:
    assert trade()._replace(**changes).in_v1_form is in_v1_form


@pytest.mark.parametrize(
    ("changes", "is_only_v1"),
    [
        ({}, True),
        ({"period": FIRST_HOUR_02, "hour_only": True}, True),
        ({"period": FIRST_HOUR_02}, False),
        ({"hour_only": True}, False),
        *[({name: "x"}, False) for name in ("area", "strategy", "order_id", "text", "product")],
        ({"venue_revision": 0}, False),
        ({"period": QUARTER}, False),
        ({"kw": 10_100}, False),
        ({"venue": "nordpool"}, False),
        ({"state": State.RECALLED}, False),
    ],
)
def test_the_eight_fields_may_not_be_all_that_is_known(changes: dict[str, Any], *, is_only_v1: bool) -> None:
    assert trade()._replace(**changes).is_only_v1 is is_only_v1


@pytest.mark.parametrize("name", ["area", "strategy"])
@pytest.mark.parametrize(
    ("booked", "stated", "same"),
    [("x", "x", True), ("x", None, True), (None, "x", True), (None, None, True), ("x", "y", False)],
)
def test_only_another_area_or_strategy_contradicts(
    name: str, booked: str | None, stated: str | None, *, same: bool
) -> None:
    one, other = (trade()._replace(**dict[str, Any]({name: value})) for value in (booked, stated))
    assert one.has_terms_of(other) is same


@pytest.mark.parametrize(
    ("booked", "period"),
    [
        (SECOND_HOUR_02, SECOND_HOUR_02),
        (FIRST_HOUR_02, FIRST_HOUR_02),
        (Period(datetime(2025, 10, 26, 2, tzinfo=UTC), 60), None),
        (Period(datetime(2025, 10, 26, 1, tzinfo=UTC), 15), None),
        (Period(datetime(2024, 10, 27, 1, tzinfo=UTC), 60), None),
    ],
)
def test_an_hour_that_comes_twice_is_taken_for_the_booked_one(booked: Period, period: Period | None) -> None:
    row = trade(delivery_day="2025-10-26", delivery_hour=2)
    expected = row if period is None else row._replace(period=period, hour_only=False)
    assert row.in_hour_of(trade()._replace(period=booked)) == expected
    assert row.in_hour_of(row) == row
    precise = row._replace(hour_only=False)
    assert precise.in_hour_of(trade()._replace(period=booked)) == precise


def test_equal_terms_have_equal_digests() -> None:
    one, again = trade(), trade(execution_time="2023-02-20T11:00:00.0+01:00")
    assert one.terms_digest() == again._replace(text="a remark").terms_digest()
    assert len(one.terms_digest()) == 16
    others: list[dict[str, Any]] = [
        {"price": 1},
        {"area": "x"},
        {"strategy": "x"},
        {"state": State.RECALLED},
        {"id": "x"},
    ]
    assert len({one.terms_digest(), *(one._replace(**change).terms_digest() for change in others)}) == 6


def test_terms_are_stored_without_those_that_state_nothing() -> None:
    stored = {
        "price": 5000,
        "kw": 10_000,
        "direction": "buy",
        "start": "2023-02-28T12:00Z",
        "minutes": 60,
        "trader_id": "trader_1",
        "execution_time": "2023-02-20T10:00:00Z",
        "venue": "epex",
        "state": "active",
    }
    assert trade().as_terms() == stored
    fuller = trade()._replace(area="x", venue_revision=0, state=State.RECALLED, hour_only=True)
    added = {"area": "x", "venue_revision": 0, "state": "recalled", "hour_only": True}
    assert fuller.as_terms() == stored | added


def test_all_states_count_but_recalled_and_cancelled() -> None:
    assert {state for state in State if not state.counts} == {State.RECALLED, State.CANCELLED}


def test_a_fraction_of_a_mw_has_no_whole_quantity() -> None:
    with pytest.raises(ValueError, match="has 10100 kW, no whole number of MW"):
        trade()._replace(kw=10_100).as_fields()


@pytest.mark.parametrize(
    "change",
    [
        {"price": 5001},
        {"quantity": 11},
        {"direction": "sell"},
        {"delivery_day": "2023-02-27"},
        {"delivery_hour": 14},
        {"trader_id": "Trader_1"},
        {"execution_time": "2023-02-20T10:00:00.000001Z"},
    ],
)
def test_any_other_value_makes_other_terms(change: dict[str, Any]) -> None:
    assert not posted(trade()).states(trade(**change))


def test_the_same_instant_written_otherwise_is_the_same_term() -> None:
    assert posted(trade()).states(trade(execution_time="2023-02-20T11:00:00.000+01:00"))


@pytest.mark.parametrize(
    "change", [{}, {"execution_time": "2023-02-20T10:00:00.5Z"}, {"execution_time": "2023-02-20T10:00Z"}]
)
def test_terms_agree_where_only_the_digits_of_the_time_differ(change: dict[str, Any]) -> None:
    assert trade().agrees_with(trade(**change))
    assert trade(**change).agrees_with(trade())


@pytest.mark.parametrize(
    "change",
    [
        {"price": 5001},
        {"quantity": 11},
        {"direction": "sell"},
        {"delivery_day": "2023-02-27"},
        {"delivery_hour": 14},
        {"trader_id": "Trader_1"},
        {"id": "trade-2"},
        {"execution_time": "2023-02-20T10:00:01Z"},
    ],
)
def test_any_other_term_or_time_does_not_agree(change: dict[str, Any]) -> None:
    assert not trade().agrees_with(parse_trade(fields(**change)))


@given(st.dictionaries(st.sampled_from([*FIELDS, "other"]), st.none() | st.booleans() | st.integers() | st.text()))
def test_whatever_is_given_is_a_trade_or_a_list_of_problems(anything: dict[str, object]) -> None:
    try:
        read = parse_trade(anything)
    except InvalidTrade:
        return
    assert read.as_fields() == anything


def problems_of(wrong: dict[str, Any]) -> dict[str, str]:
    with pytest.raises(InvalidTrade) as refused:
        parse_trade(wrong)
    return {problem.field: problem.message for problem in refused.value.problems}


@pytest.mark.parametrize("hour", [0, 23])
def test_the_first_and_the_last_hour_are_hours(hour: int) -> None:
    assert parse_trade(fields(delivery_hour=hour)).delivery_hour == hour


@pytest.mark.parametrize("hour", [-1, 24])
def test_an_hour_beyond_the_day_is_refused_with_the_range(hour: int) -> None:
    assert problems_of(fields(delivery_hour=hour)) == {
        "delivery_hour": f"must be a whole hour from 0 to 23, got {hour}"
    }


@pytest.mark.parametrize(
    ("value", "got"),
    [
        (None, "null"),
        (True, "true"),
        (False, "false"),
        ([1], "a list"),
        ({"a": 1}, "an object"),
        ("viele Händler", "'viele Händler'"),
        ("a\u200bä", r"'a\u200b\xe4'"),
        (10**16, "10000000000000000"),
        ("x" * 58, "'" + "x" * 58 + "'"),
        ("x" * 59, "'" + "x" * 59 + "..."),
    ],
)
def test_what_was_got_is_shown_as_json_has_it_and_cut_after_60_characters(value: object, got: str) -> None:
    assert problems_of(fields(quantity=value))["quantity"].endswith(f" digits, got {got}")


@pytest.mark.parametrize("day", ["2000-01-01", "2099-12-31"])
def test_the_first_and_the_last_day_are_days(day: str) -> None:
    assert parse_trade(fields(delivery_day=day)).delivery_day == date.fromisoformat(day)


@pytest.mark.parametrize(("name", "value"), [("price", 10**15 - 1), ("price", -(10**15 - 1)), ("quantity", 1)])
def test_the_largest_and_the_smallest_numbers_are_taken(name: str, value: int) -> None:
    assert getattr(parse_trade(fields(**{name: value})), name) == value
