"""The v2 form of a trade: what is taken, what is refused, and how it is shown."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.common.delivery import Period
from chalicelib.common.errors import InvalidTrade
from chalicelib.common.strict_json import NotWhole
from chalicelib.positions.model import Direction
from chalicelib.trades.model import FIELDS as V1
from chalicelib.trades.model import State, Trade, parse_trade
from chalicelib.trades.statement import FIELDS, STATED, as_v2, fields_of_cells, parse_statement, sides_json
from tests.fixtures.statements import stated, stated_trade
from tests.fixtures.trades import fields, posted
from tests.fixtures.vectors2 import vector

EXAMPLE = vector("W09")
CASES = list(zip(EXAMPLE["input"]["cases"], EXAMPLE["expected"]["cases"], strict=True))
FORMS = vector("W11")


def problems_of(stated_fields: dict[str, Any]) -> dict[str, str]:
    with pytest.raises(InvalidTrade) as refused:
        parse_statement(stated_fields)
    return {problem.field: problem.message for problem in refused.value.problems}


@pytest.mark.parametrize(("case", "expected"), CASES, ids=[str(case["change"]) for case, _ in CASES])
def test_a_trade_is_taken_or_refused_as_in_the_worked_example(case: dict[str, Any], expected: dict[str, Any]) -> None:
    changed = stated(**case["change"])
    if expected["outcome"] == "rejected":
        assert set(problems_of(changed)) == {expected["names"]}
    else:
        parse_statement(changed)


def test_a_trade_is_read_field_by_field() -> None:
    everything = stated(
        quantity_mw="12.345",
        strategy="bot:1",
        order_id="O-1",
        text="für EEG",
        product="12Q1",
        state="recall_requested",
        venue_revision=3,
        currency="EUR",
    )
    expected = Trade(
        id="v1",
        price=-999_999,
        kw=12_345,
        direction=Direction.BUY,
        period=Period(datetime(2026, 6, 15, 10, tzinfo=UTC), 15),
        trader_id="trader_1",
        execution_time="2026-06-15T08:00:00Z",
        venue="epex",
        area="10YDE-RWENET---I",
        strategy="bot:1",
        state=State.RECALL_REQUESTED,
        venue_revision=3,
        order_id="O-1",
        text="für EEG",
        product="12Q1",
    )
    assert parse_statement(everything) == (expected, True)


def test_a_statement_without_a_state_is_of_an_active_trade() -> None:
    statement = parse_statement(stated())
    assert not statement.about_state
    assert statement.trade.state is State.ACTIVE
    assert parse_statement(stated(state="active")).about_state


def test_all_problems_are_listed_at_once() -> None:
    wrong = dict.fromkeys(STATED, 0) | {"price": 1, "note": 1, "delivery_start": "2026-06-15T10:07:00Z"}
    assert list(problems_of(wrong)) == ["price", "note", *(name for name in STATED if name != "venue_revision")]


OPTIONAL = {"area", "strategy", "order_id", "text", "product", "state", "venue_revision", "currency"}


@pytest.mark.parametrize("name", STATED)
def test_only_what_a_trade_needs_is_required(name: str) -> None:
    without = stated()
    without.pop(name, None)
    if name in OPTIONAL:
        parse_statement(without)
    else:
        assert problems_of(without) == {name: "is required"}


@pytest.mark.parametrize("name", [name for name in V1 if name not in STATED])
def test_a_field_of_v1_is_refused_with_its_v2_name(name: str) -> None:
    assert problems_of(stated(**{name: fields()[name]}))[name].startswith("is a field of v1; v2 has ")


@pytest.mark.parametrize("name", STATED)
def test_null_means_that_nothing_is_stated_where_that_is_possible(name: str) -> None:
    if next(field.nullable for field in FIELDS if field.name == name):
        assert getattr(parse_statement(stated(**{name: None})).trade, name) is None
    else:
        assert list(problems_of(stated(**{name: None}))) == [name]


WRONG: list[tuple[str, object]] = [
    *[
        (name, value)
        for name in ("quantity_mw", "price_eur_mwh")
        for value in (
            *(
                None,
                True,
                1,
                NotWhole("1.5"),
                ["1"],
                "",
                " 1",
                "1 ",
                "+1",
                "--1",
                "1.",
                ".5",
                "01",
                "00.5",
                "1e3",
                "1E3",
            ),
            *("1,5", "1'000", "1_000", "0x1", "1\n", "١", "１", "½", "∞", "NaN", "-", "1-", "1.2.3", "−1"),
        )
    ],
    *[("quantity_mw", value) for value in ("0", "-0", "0.000", "-1", "99999.001", "100000", "1.0000", "9" * 400)],
    *[("price_eur_mwh", value) for value in ("100000.00", "-100000", "1.000", "99999.999")],
    *[
        ("delivery_start", value)
        for value in (
            *("2026-06-15T10:00:00", "2026-06-15", "2026-06-15T10:00:30Z", "2026-06-15T10:00:00.5Z", "", None, 0),
            *("2026-06-15T10:00:00.0000001Z", "2026-06-15T10:10:00+00:05"),
        )
    ],
    ("delivery_end", "2026-06-15T10:14:59Z"),
    *[("id", value) for value in ("", " x", "x ", "x" * 129, "a\u200bb", "e\u0301", "a\x1fb", 7, None)],
    *[("area", value) for value in ("", "DE", "10YDE-RWENET---J", 1)],
    *[("strategy", value) for value in ("", "a b", "x" * 33, "ä", 1)],
    *[(name, value) for name in ("order_id", "text", "product") for value in ("x" * 65, "a\nb", "\u202ea", 1)],
    *[("state", value) for value in ("ACTIVE", "", None, 1)],
    *[("venue_revision", value) for value in (-1, "1", True, NotWhole("1.0"), 10**15)],
    *[("currency", value) for value in ("eur", "", None, "GBP")],
    *[("venue", value) for value in ("", None, 1, "epex ")],
    *[("direction", value) for value in ("Buy", "", None, 1, ["buy"])],
]


@pytest.mark.parametrize(("name", "value"), WRONG, ids=[ascii(case)[:60] for case in WRONG])
def test_a_wrong_value_is_refused_by_its_field_alone(name: str, value: object) -> None:
    assert list(problems_of(stated(**{name: value}))) == [name]


@pytest.mark.parametrize(
    ("name", "value", "read"),
    [
        ("quantity_mw", "0.001", ("kw", 1)),
        ("quantity_mw", "99999", ("kw", 99_999_000)),
        ("price_eur_mwh", "99999.99", ("price", 9_999_999)),
        ("price_eur_mwh", "-99999.99", ("price", -9_999_999)),
        ("venue_revision", 0, ("venue_revision", 0)),
        ("venue_revision", 10**15 - 1, ("venue_revision", 10**15 - 1)),
        *[(name, "x" * longest, (name, "x" * longest)) for name, longest in (("strategy", 32), ("text", 64))],
    ],
)
def test_a_value_at_its_limit_is_taken(name: str, value: Any, read: tuple[str, object]) -> None:
    attribute, expected = read
    assert getattr(stated_trade(**{name: value}), attribute) == expected


def test_an_error_names_what_was_expected_and_found() -> None:
    assert problems_of(stated(quantity_mw=NotWhole("0.1"), venue="EPEX", price_eur_mwh="50.005")) == {
        "venue": "must be one of epex, epex-da, epex-ida, nordpool, nordpool-da, otc, internal; did you mean epex?, "
        "got 'EPEX'",
        "quantity_mw": 'must be a power above 0 and up to 99999 MW, as text such as "12.5", got 0.1',
        "price_eur_mwh": "must be a price from -99999.99 to 99999.99 EUR/MWh, with a point and up to 2 decimals, "
        "such as 12.5, got '50.005'",
    }


@pytest.mark.parametrize(
    ("typed", "right"), [("12,5", "12.5"), ("1.032,79", "1032.79"), ("-1 032,5", "-1032.5"), ("1032,5", "1032.5")]
)
def test_a_decimal_comma_is_named_with_the_number_to_write(typed: str, right: str) -> None:
    assert problems_of(stated(price_eur_mwh=typed)) == {
        "price_eur_mwh": f"must have a point, not a comma: {right}, got '{typed}'"
    }


@pytest.mark.parametrize(
    ("start", "end", "minutes"),
    [
        ("2026-06-14T22:00:00Z", "2026-06-15T22:00:00Z", 24 * 60),
        ("2026-03-28T23:00Z", "2026-03-29T22:00Z", 23 * 60),
        ("2026-10-24T22:00:00.000Z", "2026-10-26T00:00:00+01:00", 25 * 60),
        ("2026-06-15T23:45:00+02:00", "2026-06-16T00:00:00+02:00", 15),
        ("2026-10-25T01:00:00Z", "2026-10-25T02:00:00Z", 60),
    ],
)
def test_any_run_of_quarters_within_a_day_is_a_period(start: str, end: str, minutes: int) -> None:
    assert stated_trade(delivery_start=start, delivery_end=end).period.minutes == minutes


@pytest.mark.parametrize("start", ["2000-01-01T00:00:00Z", "2099-12-31T22:30:00Z"])
def test_the_first_and_the_last_delivery_day_have_periods(start: str) -> None:
    end = (datetime.fromisoformat(start) + timedelta(minutes=15)).isoformat()
    assert stated_trade(delivery_start=start, delivery_end=end).period.minutes == 15


@pytest.mark.parametrize("end", ["2026-06-15T10:00:00Z", "2026-06-15T09:45:00Z"])
def test_a_period_ends_after_its_start(end: str) -> None:
    found = problems_of(stated(delivery_start="2026-06-15T10:00:00Z", delivery_end=end))
    assert found == {"delivery_end": f"must be after delivery_start, 2026-06-15T10:00:00Z, got {end}"}


@pytest.mark.parametrize("price", ["-99999.99", "99999.99"])
def test_the_lowest_and_the_highest_price_are_taken(price: str) -> None:
    assert f"{stated_trade(price_eur_mwh=price).price / 100:.2f}" == price


def test_a_period_ends_on_its_own_delivery_day() -> None:
    over = stated(delivery_start="2026-06-15T21:45:00Z", delivery_end="2026-06-15T22:15:00Z")
    assert problems_of(over) == {
        "delivery_end": "must be on the same delivery day in Berlin: at most 2026-06-15T22:00:00Z, "
        "got 2026-06-15T22:15:00Z"
    }


@pytest.mark.parametrize(
    ("start", "day"),
    [
        ("2000-01-01T00:00:00Z", None),
        ("2099-12-31T22:45:00Z", None),
        ("2099-12-31T23:00:00Z", "2100-01-01"),
    ],
)
def test_a_delivery_day_is_of_the_book_s_hundred_years(start: str, day: str | None) -> None:
    end = (datetime.fromisoformat(start) + timedelta(minutes=15)).isoformat()
    statement = stated(delivery_start=start, delivery_end=end)
    if day is None:
        assert parse_statement(statement).trade.period.minutes == 15
    else:
        message = f"must be on a day in Berlin from 2000-01-01 to 2099-12-31, got {day}"
        assert problems_of(statement) == {"delivery_start": message}


def test_the_longest_remark_and_the_highest_revision_are_taken() -> None:
    longest = stated_trade(text="x" * 64, venue_revision=10**15 - 1)
    assert (longest.text, longest.venue_revision) == ("x" * 64, 10**15 - 1)
    assert list(problems_of(stated(venue_revision=10**15))) == ["venue_revision"]


def test_an_empty_remark_states_nothing() -> None:
    assert stated_trade(text="").text is None


@pytest.mark.parametrize(
    ("name", "given_text", "shown"),
    [
        ("price_eur_mwh", "50", "50.00"),
        ("price_eur_mwh", "-0.00", "0.00"),
        ("price_eur_mwh", "-0.5", "-0.50"),
        ("quantity_mw", "5.0", "5"),
        ("quantity_mw", "0.100", "0.1"),
        ("quantity_mw", "99999", "99999"),
        ("delivery_start", "2026-06-15T12:00:00+02:00", "2026-06-15T10:00:00Z"),
        ("area", "AMP", "10YDE-RWENET---I"),
    ],
)
def test_one_spelling_is_shown(name: str, given_text: str, shown: str) -> None:
    assert as_v2(posted(stated_trade(**{name: given_text})))[name] == shown


def test_a_v1_trade_is_a_v2_trade() -> None:
    shown = as_v2(posted(parse_trade(FORMS["input"]["v1"])))
    assert shown == FORMS["expected"]["as_v2"] | {"venue_revision": None}


def test_a_side_has_the_direction_of_its_newest_revision() -> None:
    old = posted(stated_trade())
    new = old.next(old.trade._replace(direction=Direction.SELL), old.source, old.recorded_at)
    other = posted(stated_trade(venue="nordpool"))
    shown = sides_json("epex", "v1", [[new, old], [other]])
    assert [(side["direction"], len(side["revisions"])) for side in shown["sides"]] == [("sell", 2), ("buy", 1)]
    assert shown["sides"][0]["revisions"][1] == {**old.record(), "restored_by": None, "trade": as_v2(old)}


def test_the_hour_that_comes_twice_is_shown_as_the_first_of_two() -> None:
    shown = as_v2(posted(parse_trade(FORMS["input"]["ambiguous_v1"])))
    assert {name: shown[name] for name in FORMS["expected"]["ambiguous_as_v2"]} == FORMS["expected"]["ambiguous_as_v2"]


@given(
    kilowatts=st.integers(1, 99_999_000),
    cents=st.integers(-9_999_999, 9_999_999),
    start=st.integers(0, 99),
    length=st.integers(1, 100),
)
def test_what_is_shown_states_the_same_trade(kilowatts: int, cents: int, start: int, length: int) -> None:
    day = datetime(2026, 10, 24, 22, tzinfo=UTC)
    begin, end = start * 15, min(start + length, 100) * 15
    sign = "-" if cents < 0 else ""
    read = stated_trade(
        delivery_start=f"{day + timedelta(minutes=begin):%Y-%m-%dT%H:%MZ}",
        delivery_end=f"{day + timedelta(minutes=end):%Y-%m-%dT%H:%MZ}",
        quantity_mw=f"{kilowatts // 1000}.{kilowatts % 1000:03d}",
        price_eur_mwh=f"{sign}{abs(cents) // 100}.{abs(cents) % 100:02d}",
    )
    assert (read.kw, read.price, read.period.minutes) == (kilowatts, cents, end - begin)
    shown = as_v2(posted(read))
    assert parse_statement({name: shown[name] for name in STATED if name in shown}).trade == read


def test_a_row_of_cells_states_a_trade() -> None:
    shown = as_v2(posted(stated_trade(venue_revision=7, strategy=None)))
    cells = {name: "" if shown.get(name) is None else str(shown[name]) for name in STATED}
    assert parse_statement(fields_of_cells(cells)).trade == stated_trade(venue_revision=7, strategy=None)
    assert problems_of(fields_of_cells(cells | {"id": "", "venue_revision": "1.0"})) == {
        "id": "is required",
        "venue_revision": "must be a whole number from 0 of at most 15 digits, or null, got '1.0'",
    }
