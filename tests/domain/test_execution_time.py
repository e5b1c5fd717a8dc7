"""Execution times: what comes in with `Z` comes out the same, an offset is turned into UTC and nothing is lost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.execution_time import format_utc, instant, to_utc


@pytest.mark.parametrize(
    "text",
    [
        "2023-02-20T10:00:00Z",
        "2023-02-20T10:00:00.1Z",
        "2023-02-20T10:00:00.100000Z",
        "2023-02-20T10:00:00.000001Z",
        "2023-02-20T10:00Z",
        "2000-01-01T00:00:00Z",
        "2099-12-31T23:59:59.999999Z",
    ],
)
def test_utc_text_comes_out_as_it_came_in(text: str) -> None:
    assert to_utc(text) == text


@pytest.mark.parametrize(
    ("posted", "shown"),
    [
        ("2023-02-20T11:00:00+01:00", "2023-02-20T10:00:00Z"),
        ("2023-02-20T00:30:00.50+02:00", "2023-02-19T22:30:00.50Z"),
        ("2023-12-31T23:00-05:30", "2024-01-01T04:30Z"),
        ("2023-02-20T10:00:00-00:00", "2023-02-20T10:00:00Z"),
    ],
)
def test_an_offset_is_turned_into_utc(posted: str, shown: str) -> None:
    assert to_utc(posted) == shown


@given(
    st.datetimes(datetime(2000, 1, 2), datetime(2099, 12, 30)),  # noqa: DTZ001 - the offset is drawn apart
    st.integers(-23 * 60, 23 * 60),
)
def test_the_instant_survives_any_offset(local: datetime, minutes: int) -> None:
    moment = local.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    assert instant(to_utc(moment.isoformat())) == moment


def test_our_own_times_are_shown_to_the_second_in_utc() -> None:
    assert format_utc(datetime(2023, 2, 20, 10, 0, 0, 999_999, tzinfo=UTC)) == "2023-02-20T10:00:00Z"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1999-12-31T23:59:59Z", ", in a year from 2000 to 2099"),
        ("2100-01-01T00:00:00Z", ", in a year from 2000 to 2099"),
        ("2000-01-01T00:00:00+00:01", ", in a year from 2000 to 2099"),
        ("2023-02-30T10:00:00Z", ": no such time"),
        ("0001-01-01T00:00:00+01:00", ": no such time"),
        ("2023-02-20T10:00:00.1234567Z", " and at most microseconds"),
        ("2023-02-20T10:00.5Z", " and at most microseconds"),
        ("now", " and at most microseconds"),
    ],
)
def test_what_is_no_such_time_is_told_what_was_expected(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=r"^must be an ISO 8601 time") as refused:
        to_utc(text)
    assert str(refused.value).endswith(said)
