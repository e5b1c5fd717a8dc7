"""Fields that are JSON values: what each reader takes, and how it states what it expected."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from chalicelib.common.errors import Problem
from chalicelib.common.fields import (
    InvalidValue,
    read_day,
    read_decimal,
    read_fields,
    read_hour,
    read_instant,
    read_name,
    read_price,
    read_quarter_hour,
    read_stored_name,
    shown_value,
)

Read = Callable[[object], object]


def read_rate(value: object) -> int:
    return read_decimal(value, 4, "a rate")


A_PRICE = "must be a whole number of eurocent/MWh of at most 15 digits"
A_RATE = "must be a rate, with a point and up to 4 decimals, such as 12.5"
AN_HOUR = "must be a whole hour from 0 to 23"
A_NAME = "must be text of 1 to 128 printable characters"
A_TIME = "must be an ISO 8601 time with Z or an offset, such as 2023-02-20T10:00:00Z"
A_QUARTER = "must be on a multiple of 15 minutes"


@pytest.mark.parametrize(
    ("read", "given", "value"),
    [
        (read_price, -(10**15 - 1), -(10**15 - 1)),
        (read_price, 10**15 - 1, 10**15 - 1),
        (read_rate, "0", 0),
        (read_rate, "-0.5", -5_000),
        (read_rate, "12.0001", 120_001),
        (read_rate, "999999999999999.9999", 9_999_999_999_999_999_999),
        (read_hour, 0, 0),
        (read_hour, 23, 23),
        (read_name, "ü", "ü"),
        (read_stored_name, " ü ", " ü "),
        (read_instant, "2026-06-15T12:00+02:00", "2026-06-15T10:00Z"),
        (read_quarter_hour, "2026-06-15T10:00Z", datetime(2026, 6, 15, 10, tzinfo=UTC)),
        (read_quarter_hour, "2026-06-15T12:45:00.000+02:00", datetime(2026, 6, 15, 10, 45, tzinfo=UTC)),
    ],
)
def test_a_value_is_read_as_it_is_stored(read: Read, given: object, value: object) -> None:
    assert read(given) == value


@pytest.mark.parametrize(
    ("read", "given", "fault"),
    [
        (read_price, -(10**15), A_PRICE),
        (read_price, 10**15, A_PRICE),
        (read_price, 10**20, A_PRICE),
        (read_price, True, A_PRICE),
        (read_price, 1.0, A_PRICE),
        (read_rate, 12.5, 'must be a rate, as text such as "12.5"'),
        (read_rate, "0,08", "must have a point, not a comma: 0.08"),
        (read_rate, "-1.234,5", "must have a point, not a comma: -1234.5"),
        (read_rate, "123 456'789,25", "must have a point, not a comma: 123456789.25"),
        (read_rate, "1234.56,7", A_RATE),
        (read_rate, "0.00001", A_RATE),
        (read_rate, "1000000000000000", A_RATE),
        (read_rate, "01", A_RATE),
        (read_rate, "+1", A_RATE),
        (read_hour, -1, AN_HOUR),
        (read_hour, 24, AN_HOUR),
        (read_hour, True, AN_HOUR),
        (read_hour, "1", AN_HOUR),
        (read_name, " ü ", "must not begin or end with a space"),
        (read_name, 1, A_NAME),
        (read_stored_name, "", A_NAME),
        (read_instant, 0, A_TIME),
        (read_instant, "2026-06-15", A_TIME),
        (read_quarter_hour, None, A_TIME),
        (read_quarter_hour, "2026-06-15T10:14Z", A_QUARTER),
        (read_quarter_hour, "2026-06-15T10:15:01Z", A_QUARTER),
        (read_quarter_hour, "2026-06-15T10:15:00.00000001Z", A_QUARTER),
    ],
)
def test_a_value_that_cannot_be_stored_is_refused(read: Read, given: object, fault: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        read(given)
    assert str(refused.value) == fault


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "null"),
        (True, "true"),
        (False, "false"),
        ({"price": 1}, "an object"),
        ([1], "a list"),
        (-1, "-1"),
        ("é", "'é'"),
        ("\u200b", "'\\u200b'"),
        ("x" * 58, f"'{'x' * 58}'"),
        ("x" * 59, f"'{'x' * 59}..."),
    ],
)
def test_a_refused_value_is_shown_as_far_as_60_characters(value: object, shown: str) -> None:
    assert shown_value(value) == shown


def test_all_problems_of_the_fields_are_named_at_once() -> None:
    checks: dict[str, Read] = {"hour": read_hour, "price": read_price, "rate": read_rate, "note": read_name}
    given = {"price": "1", "r\u200bate": 1, "x" * 61: 1, "hour": 1}
    values, problems = read_fields(given, checks, "a quote", optional=("note",))
    has = "is no field of a quote; a quote has hour, price, rate, note"
    assert values == {"hour": 1}
    assert problems == [
        Problem("'r\\u200bate'", has),
        Problem(f"{'x' * 60}...", has),
        Problem("price", f"{A_PRICE}, got '1'"),
        Problem("rate", "is required"),
    ]


def test_a_field_after_one_that_is_missing_is_read_too() -> None:
    checks: dict[str, Read] = {"price": read_price, "note": read_name, "hour": read_hour}
    values, problems = read_fields({"hour": 24}, checks, "a quote", optional=("note",))
    assert (values, [problem.field for problem in problems]) == ({}, ["price", "hour"])


@pytest.mark.parametrize(("hour", "problems"), [(1, []), (2, ["delivery_hour"]), (3, [])])
def test_an_hour_must_be_one_of_its_delivery_day(hour: int, problems: list[str]) -> None:
    checks: dict[str, Read] = {"delivery_day": read_day, "delivery_hour": read_hour}
    _, found = read_fields({"delivery_day": "2025-03-30", "delivery_hour": hour}, checks, "a price")
    assert [problem.field for problem in found] == problems
