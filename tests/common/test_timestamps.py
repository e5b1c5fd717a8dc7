"""Execution times: what comes in with `Z` comes out the same, an offset is turned into UTC and nothing is lost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chalicelib.common.timestamps import finer, format_utc, from_millis, instant, micros, millis, times_agree, to_utc


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
        ("2016-12-31T23:59:60Z", ": no such time"),
        ("2023-02-20T10:00:00+24:00", ": no such time"),
        ("2023-02-20T10:00.5Z", "such as 2023-02-20T10:00:00Z"),
        ("2023-02-20T10:00:00.Z", "such as 2023-02-20T10:00:00Z"),
        ("now", "such as 2023-02-20T10:00:00Z"),
    ],
)
def test_an_invalid_time_is_refused_with_the_expected_form(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=r"^must be an ISO 8601 time") as refused:
        to_utc(text)
    assert str(refused.value).endswith(said)


@pytest.mark.parametrize(
    ("posted", "kept"),
    [
        ("2023-02-20T10:00:00.1234567Z", "2023-02-20T10:00:00.123456Z"),
        ("2023-02-20T10:00:00.9999999Z", "2023-02-20T10:00:00.999999Z"),
        ("2023-02-20T10:00:00.1234560000Z", "2023-02-20T10:00:00.123456Z"),
        ("2023-02-20T11:00:00.000000999+01:00", "2023-02-20T10:00:00.000000Z"),
        (f"2023-02-20T10:00:00.{'9' * 5000}Z", "2023-02-20T10:00:00.999999Z"),
        ("2023-02-20t10:00:00z", "2023-02-20T10:00:00Z"),
        ("2023-02-20t10:00z", "2023-02-20T10:00Z"),
        ("2023-02-20t10:00:00.50+00:00", "2023-02-20T10:00:00.50Z"),
    ],
)
def test_rfc_3339_is_read_whole_and_kept_to_the_microsecond(posted: str, kept: str) -> None:
    assert to_utc(posted) == kept
    assert to_utc(kept) == kept


AGREEMENT = [
    ("10:00:00", "10:00:00", True),
    ("10:00:00.5", "10:00:00", True),
    ("10:00:00.5", "10:00:01", True),
    ("10:00:00.4", "10:00:01", False),
    ("10:00:00.499999", "10:00:01", False),
    ("10:00:00.999999", "10:00:00", True),
    ("10:00:01", "10:00:00", False),
    ("10:00:01.0", "10:00:00", False),
    ("10:00:01.000001", "10:00:00", False),
    ("09:59:59.999999", "10:00:00", True),
    ("09:59:59.4", "10:00:00", False),
    ("10:00:00.123456", "10:00:00.123", True),
    ("10:00:00.123456", "10:00:00.124", False),
    ("10:00:00.1235", "10:00:00.124", True),
    ("10:00:00.123456", "10:00:00.123457", False),
    ("10:00:00.12344", "10:00:00.123457", False),
    ("10:00:00.12346", "10:00:00.123457", True),
    ("10:00:00.500", "10:00:00.5", True),
    ("10:00:00.000000", "10:00:00", True),
    ("10:00:00.4", "10:00:00.000", False),
    ("10:00:29", "10:00", True),
    ("10:00:29", "10:01", False),
    ("10:00:30", "10:01", True),
    ("10:00:29.999999", "10:01", False),
    ("10:00:59.9", "10:00", True),
    ("10:00:59.9", "10:02", False),
    ("10:01", "10:00", False),
    ("10:01:00", "10:00", False),
]


@pytest.mark.parametrize(("one", "other", "agree"), AGREEMENT)
def test_times_agree_where_the_finer_cut_or_rounded_is_the_other(one: str, other: str, agree: bool) -> None:
    one, other = (f"2023-02-20T{text}Z" for text in (one, other))
    assert times_agree(one, other) is agree
    assert times_agree(other, one) is agree


def test_times_agree_over_the_end_of_a_day_and_a_year() -> None:
    assert times_agree("2023-12-31T23:59:59.5Z", "2024-01-01T00:00:00Z")
    assert times_agree("2099-12-31T23:59:59.9Z", "2099-12-31T23:59:59Z")
    assert not times_agree("2023-02-20T10:00:00Z", "2023-02-21T10:00:00Z")


MOMENTS = st.datetimes(datetime(2000, 1, 2), datetime(2099, 12, 30))  # noqa: DTZ001 - `shown_to` writes the Z
DIGITS = st.integers(-1, 6)


def shown_to(moment: datetime, digits: int, *, rounded: bool = False) -> str:
    """A moment as a clock shows it: -1 digits to the minute, 0 to the second."""
    step = timedelta(minutes=1) if digits < 0 else timedelta(microseconds=10 ** (6 - digits))
    since = moment - datetime.min  # noqa: DTZ901 - the same clock
    shown = datetime.min + (since + step / 2 if rounded else since) // step * step  # noqa: DTZ901 - the same
    if digits < 0:
        return f"{shown:%Y-%m-%dT%H:%MZ}"
    return f"{shown:%Y-%m-%dT%H:%M:%S.%f}"[: 19 + digits + (digits > 0)] + "Z"


@given(MOMENTS, DIGITS, DIGITS, st.booleans())
@example(datetime(2023, 2, 20, 9, 59, 59, 999_999), 6, 0, True)  # noqa: DTZ001 - the same
def test_a_time_agrees_with_itself_cut_or_rounded(moment: datetime, digits: int, fewer: int, rounded: bool) -> None:
    fine = shown_to(moment, max(digits, fewer))
    coarse = shown_to(instant(fine).replace(tzinfo=None), min(digits, fewer), rounded=rounded)
    assert times_agree(fine, coarse)
    assert times_agree(coarse, fine)
    assert finer(coarse, fine) in {coarse, fine}
    assert instant(finer(coarse, fine)) == instant(fine) == instant(finer(fine, coarse))


@given(MOMENTS, MOMENTS, DIGITS, DIGITS)
@example(datetime(2023, 2, 20, 10), datetime(2023, 2, 20, 10, 0, 1), 6, 0)  # noqa: DTZ001 - the same
def test_times_that_agree_are_never_a_whole_step_apart(one: datetime, other: datetime, few: int, more: int) -> None:
    texts = shown_to(one, few), shown_to(other, more)
    fine = instant(texts[0] if few > more else texts[1]).replace(tzinfo=None)
    allowed = {shown_to(fine, min(few, more), rounded=rounded) for rounded in (False, True)}
    assert times_agree(*texts) is ((texts[1] if few > more else texts[0]) in allowed)


@pytest.mark.parametrize(
    ("one", "other", "shown"),
    [
        ("10:00:00", "10:00:00.5", "10:00:00.5"),
        ("10:00:00.5", "10:00:00", "10:00:00.5"),
        ("10:00", "10:00:00.1", "10:00:00.1"),
        ("10:00", "10:00:20", "10:00:20"),
        ("10:00:00", "10:00:00.000", "10:00:00"),
        ("10:00:00.000", "10:00:00", "10:00:00.000"),
        ("10:00:00.1", "10:00:00.2", "10:00:00.1"),
    ],
)
def test_the_finer_time_has_more_decimals(one: str, other: str, shown: str) -> None:
    assert finer(*(f"2023-02-20T{text}Z" for text in (one, other))) == f"2023-02-20T{shown}Z"


@pytest.mark.parametrize(
    ("moment", "microseconds"),
    [
        (datetime(1970, 1, 1, tzinfo=UTC), 0),
        (datetime(1970, 1, 2, 1, tzinfo=timezone(timedelta(hours=1))), 86_400_000_000),
        (datetime(2026, 6, 15, 10, 0, 0, 123_999, tzinfo=UTC), 1_781_517_600_123_999),
    ],
)
def test_stored_moments_count_from_1970(moment: datetime, microseconds: int) -> None:
    assert (micros(moment), millis(moment)) == (microseconds, microseconds // 1000)
    assert from_millis(millis(moment)) == moment - timedelta(microseconds=microseconds % 1000)


def test_a_moment_that_is_not_stored_is_none() -> None:
    assert from_millis(None) is None
