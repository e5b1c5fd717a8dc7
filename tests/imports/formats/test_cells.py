"""Numbers and times of cells, with the marks, the form and the zone of a mapping."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from chalicelib.imports.formats.cells import ISO, Instant, Numbers, Times, form_problem, read_day, zone_of_name

BERLIN = ZoneInfo("Europe/Berlin")
CLOCK = "%d.%m.%Y %H:%M:%S"


@pytest.mark.parametrize(
    ("form", "text", "instant"),
    [
        (ISO, "2026-06-15T09:00:11", "2026-06-15T07:00:11Z"),
        (ISO, "2026-06-15T09:00:11.120", "2026-06-15T07:00:11.120Z"),
        (ISO, "2026-06-15T09:00:11.120+02:00", "2026-06-15T07:00:11.120Z"),
        (ISO, "20260615T090011.12+0200", "2026-06-15T07:00:11.12Z"),
        (ISO, "2026-06-15T09:00:11.1234567Z", "2026-06-15T09:00:11.123456Z"),
        (ISO, "2026-06-15T09:00:11.1230000Z", "2026-06-15T09:00:11.123000Z"),
        (ISO, "2026-06-15T09:00:11.000", "2026-06-15T07:00:11Z"),
        (f"{CLOCK},%f", "15.06.2026 09:00:11,5 CEST", "2026-06-15T07:00:11.5Z"),
        (f"{CLOCK}.%f", "20.06.2026 09:00:11.2", "2026-06-20T07:00:11.2Z"),
        (f"%f {CLOCK}", "200 15.06.2026 09:00:11", "2026-06-15T07:00:11.200Z"),
        ("%d%m%Y%H%M%S%f", "15062026090011120", "2026-06-15T07:00:11.12Z"),
        (ISO, "2026-06-15T09:24:00Z", "2026-06-15T09:24:00Z"),
        (CLOCK, "15.06.2026 09:24:00", "2026-06-15T07:24:00Z"),
        (CLOCK, "15.06.2026 24:00:00", "2026-06-15T22:00:00Z"),
        ("%H:%M %d.%m.%Y", "24:00 31.12.2026", "2026-12-31T23:00:00Z"),
        (ISO, "2026-06-15 24:00", "2026-06-15T22:00:00Z"),
        (CLOCK, "25.10.2026 02:30:00 CEST", "2026-10-25T00:30:00Z"),
        (CLOCK, "25.10.2026 02:30:00 (MESZ)", "2026-10-25T00:30:00Z"),
        (CLOCK, "25.10.2026 02:30:00 CET", "2026-10-25T01:30:00Z"),
        (CLOCK, "25.10.2026 02:30:00 MEZ", "2026-10-25T01:30:00Z"),
        (CLOCK, "25.10.2026 02:30:00 UTC", "2026-10-25T02:30:00Z"),
    ],
)
def test_a_time_is_the_instant_that_it_names(form: str, text: str, instant: str) -> None:
    assert Times(form, BERLIN).one(text).text == instant


def test_an_instant_has_its_fraction_beside_it() -> None:
    moment = datetime(2026, 6, 15, 7, 0, 11, tzinfo=UTC)

    assert Times(ISO, BERLIN).candidates("2026-06-15T09:00:11.120") == [Instant(moment, ".120")]


@pytest.mark.parametrize(
    ("form", "text", "message"),
    [
        (ISO, "15.06.2026", "must be a time that exists, written as ISO 8601"),
        (CLOCK, "2026-06-15T09:00", f"must be a time that exists, written as {CLOCK}"),
        (CLOCK, "15.06.2026 24:24:00", "must be a time that exists"),
        (CLOCK, "15.06.2026 24:00:30", "must be a time that exists"),
        (CLOCK, "31.12.9999 24:00:00", "must be a time that exists"),
        (f"{CLOCK}%z", "15.06.2026 09:00:00+24:00", "must be a time that exists"),
        ("%d.%m.%Y %H:%M%z", "15.06.2026 24:00+24:00", "must be a time that exists"),
        (ISO, "2026-06-15T09:00:0\u0661", "must be a time that exists"),
        (CLOCK, "25.10.2026 02:30:00", "is ambiguous: the clock shows this time twice that day"),
        (CLOCK, "29.03.2026 02:30:00", "does not exist: the clock skips this time that day"),
        (CLOCK, "15.06.2026 09:00:00 MEZ", "is not MEZ in the time zone of the mapping"),
        (ISO, "2026-06-15T09:00:00+02:00 CEST", "must have an offset or CEST, not both"),
    ],
)
def test_what_is_no_instant_is_refused(form: str, text: str, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}"):
        Times(form, BERLIN).one(text)


def test_without_a_zone_a_time_needs_an_offset() -> None:
    assert Times(ISO, None).one("2026-06-15T09:00:00+02:00").text == "2026-06-15T07:00:00Z"
    with pytest.raises(ValueError, match="must have an offset: the mapping has no timezone"):
        Times(ISO, None).one("2026-06-15T09:00:00")


@pytest.mark.parametrize(("form", "text"), [(ISO, "2026-06-15"), ("%d.%m.%y", "15.06.26"), ("%Y/%j", "2026/166")])
def test_a_day_is_read_in_its_form(form: str, text: str) -> None:
    assert read_day(text, form) == date(2026, 6, 15)
    with pytest.raises(ValueError, match=f"^must be a day that exists, written as {form.replace(ISO, 'ISO 8601')}$"):
        read_day("15.06.", form)


@pytest.mark.parametrize(
    ("name", "hours"), [("Europe/Berlin", 2), ("+01:30", 1.5), ("-03:30", -3.5), ("+00:00", 0), ("UTC", 0)]
)
def test_a_zone_has_a_name_or_an_offset(name: str, hours: float) -> None:
    assert zone_of_name(name).utcoffset(datetime(2026, 6, 15)) == timedelta(hours=hours)  # noqa: DTZ001 - on the clock of the zone


@pytest.mark.parametrize("name", ["Europe/Atlantis", "Europe", "../../etc/passwd", "+24:00", "+1:00"])
def test_what_is_no_zone_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=r"^must be a time zone such as Europe/Berlin or \+01:00$"):
        zone_of_name(name)


@pytest.mark.parametrize(
    ("form", "problem"),
    [
        (ISO, ""),
        (CLOCK, ""),
        ("%y-%m-%dT%H:%M%z", ""),
        ("%Y %j", ""),
        ("%d.%m. %H:%M", "must have a day, such as %d.%m.%Y"),
        ("%Y-%m %H:%M", "must have a day, such as %d.%m.%Y"),
        ("%H:%M", "must have a day, such as %d.%m.%Y"),
        ("%d.%m.%Y %d", "names a part twice"),
        ("%Y-%m-%dT%H:%MZ", "must have %z in place of Z"),
        ("%d.%m.%Y %p %Q", "has %p, %Q; expected iso, or a format of %H, %M, %S, %Y"),
    ],
)
def test_a_form_of_times_names_a_day_once(form: str, problem: str) -> None:
    assert (form_problem(form) or "")[: len(problem) or None] == problem


@pytest.mark.parametrize(
    ("decimal", "thousands", "text", "number"),
    [
        (",", ".", "1.250,50", "1250.5"),
        (",", ".", "1250,0", "1250"),
        (".", " ", "1\u00a0000\u202f000.01", "1000000.01"),
        (".", "'", "+12'345.6", "12345.6"),
        (".", "", "-007.10", "-7.1"),
        (".", "", "\u22120.5", "-0.5"),
    ],
)
def test_a_number_is_read_with_its_marks(decimal: str, thousands: str, text: str, number: str) -> None:
    assert Numbers(decimal, thousands).canonical(text) == number


@pytest.mark.parametrize(
    ("decimal", "thousands", "text", "message"),
    [
        (",", "", "1.5", "must be a number with ',' before its decimals"),
        (".", ",", "12,50.5", "must be a number with '.' before its decimals and ',' between its thousands"),
    ],
)
def test_what_is_no_number_is_refused(decimal: str, thousands: str, text: str, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        Numbers(decimal, thousands).canonical(text)
