"""Lists of fee rates: what is taken, and how each problem is named."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from chalicelib.common.errors import Problem
from chalicelib.fees.fee_list import MAX_BYTES, MAX_FEES, InvalidFees, parse_fees, read_fees


def fee(**fields: object) -> dict[str, object]:
    return {"venue": "epex", "kind": "trading", "valid_from": "2026-01-01", "rate_eur_mwh": "0.0750"} | fields


def problems_of(body: dict[str, object]) -> dict[str, str]:
    with pytest.raises(InvalidFees) as refused:
        parse_fees(body)
    return {problem.field: problem.message for problem in refused.value.problems}


def test_fees_are_returned_as_they_are_taken() -> None:
    body = {"revision": 7, "fees": [fee(), fee(venue="otc", rate_eur_mwh="12.0000")]}
    assert parse_fees(body).as_json() == body


@pytest.mark.parametrize(
    ("given", "stored"), [("0", 0), ("0.0", 0), ("1", 10_000), ("0.08", 800), ("0.0001", 1), ("9999.9999", 99_999_999)]
)
def test_a_rate_has_up_to_four_decimals(given: str, stored: int) -> None:
    assert parse_fees({"revision": 0, "fees": [fee(rate_eur_mwh=given)]}).rates[0].rate == stored


@pytest.mark.parametrize(
    "given", [0.085, 1, "-0.01", "0.00001", "1e1", ".5", "5.", "10000", "0,08", "", "NaN", None, "٣"]
)
def test_any_other_rate_is_refused(given: object) -> None:
    assert list(problems_of({"revision": 0, "fees": [fee(rate_eur_mwh=given)]})) == ["fees[0].rate_eur_mwh"]


def test_all_problems_are_named_at_once() -> None:
    fees = [fee(venue="EPEX", kind="tax"), fee(valid_from="2026-02-30", price="1"), "free", fee(), fee()]
    found = problems_of({"revision": -1, "fees": fees, "total": 1})
    assert list(found) == [
        "total",
        "revision",
        "fees[0].venue",
        "fees[0].kind",
        "fees[1].price",
        "fees[1].valid_from",
        "fees[2].row",
        "fees[4].valid_from",
    ]
    assert found["fees[4].valid_from"] == "must differ from fees[3].valid_from, which is about trading at epex too"


@pytest.mark.parametrize(
    "body", [{}, {"revision": 0}, {"fees": []}, {"revision": "1", "fees": []}, {"revision": 0, "fees": {}}]
)
def test_a_body_needs_a_revision_and_a_list(body: dict[str, object]) -> None:
    assert problems_of(body)


def test_the_number_of_fees_and_of_named_problems_is_limited() -> None:
    first = date(2000, 1, 1)
    many = [fee(valid_from=(first + timedelta(number)).isoformat()) for number in range(MAX_FEES)]
    assert len(parse_fees({"revision": 0, "fees": many}).rates) == MAX_FEES
    too_many = [(f"fees[{MAX_FEES}].row", f"must be one of at most {MAX_FEES} rates")]
    with pytest.raises(InvalidFees) as refused:
        parse_fees({"revision": 0, "fees": [*many, fee(), {}, fee()]})
    assert list(refused.value.problems) == too_many
    assert len(problems_of({"revision": 0, "fees": [{}] * 200})) == 100


@pytest.mark.parametrize(
    ("count", "counted"),
    [(1, "1 problem"), (2, "2 problems"), (100, "100 problems"), (101, "101 problems, the first 100 are named")],
)
def test_all_problems_are_counted_and_the_first_hundred_named(count: int, counted: str) -> None:
    with pytest.raises(InvalidFees) as refused:
        parse_fees({"revision": 0, "fees": [fee(rate_eur_mwh="free")] * count})
    assert refused.value.message == f"these fees cannot be used, nothing was changed: {counted}"
    assert len(refused.value.problems) == min(count, 100)
    expected = "must be a rate from 0 to 9999.9999 EUR/MWh, with a point and up to 4 decimals, such as 12.5, got 'free'"
    assert refused.value.problems[0] == ("fees[0].rate_eur_mwh", expected)


@pytest.mark.parametrize(
    ("field", "value", "fault"),
    [
        ("venue", 1, "must be "),
        ("kind", "tax", "must be one of trading, clearing, other, got 'tax'"),
        ("kind", [], "must be one of trading, clearing, other, got a list"),
        ("rate_eur_mwh", "-0.0001", "must be a rate from 0 to 9999.9999 EUR/MWh, got '-0.0001'"),
        ("rate_eur_mwh", "10000", "must be a rate from 0 to 9999.9999 EUR/MWh, got '10000'"),
    ],
)
def test_a_field_that_breaks_its_rule_says_what_was_expected(field: str, value: object, fault: str) -> None:
    problems = problems_of({"revision": 0, "fees": [fee(**{field: value})]})
    assert list(problems) == [f"fees[0].{field}"]
    assert problems[f"fees[0].{field}"].startswith(fault)


def test_a_revision_is_a_whole_number_from_0() -> None:
    assert parse_fees({"revision": 0, "fees": []}).revision == 0
    for revision in (-1, True, 1.0, "1", None):
        [(field, fault)] = problems_of({"revision": revision, "fees": []}).items()
        assert (field, fault[:54]) == ("revision", "must be the number of the revision that it replaces, 0")


def test_a_venue_has_one_rate_of_a_kind_from_a_day() -> None:
    others = [fee(venue="otc"), fee(kind="other"), fee(valid_from="2026-01-02")]
    assert list(problems_of({"revision": 0, "fees": [fee(), *others, fee(rate_eur_mwh="1")]})) == ["fees[4].valid_from"]


def test_a_body_may_have_a_thousand_fees_and_a_quarter_of_a_mebibyte() -> None:
    assert (MAX_FEES, MAX_BYTES) == (1_000, 262_144)


def test_entries_of_a_file_are_refused_with_its_other_faults() -> None:
    place, other = "line {} {}".format, Problem("line 4", "has 3 columns")
    assert len(read_fees([(2, fee()), (3, fee(venue="otc"))], place)) == 2
    for entries, found in (([(2, fee())], []), ([(2, fee(kind="tax"))], ["line 2 kind"])):
        with pytest.raises(InvalidFees) as refused:
            read_fees(entries, place, [other])
        assert [problem.field for problem in refused.value.problems] == ["line 4", *found]
    with pytest.raises(InvalidFees):
        read_fees([(2, fee(kind="tax"))], place)
