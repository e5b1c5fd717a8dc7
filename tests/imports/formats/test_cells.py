"""Numbers and times of cells, with the marks, the form and the zone of a mapping."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from chalicelib.imports.formats.cells import ISO, Times

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
        (ISO, "2026-06-15T09:00:11.000", "2026-06-15T07:00:11Z"),
        (f"{CLOCK},%f", "15.06.2026 09:00:11,5 CEST", "2026-06-15T07:00:11.5Z"),
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
