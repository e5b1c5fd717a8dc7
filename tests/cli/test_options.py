"""Instants on the command line: the clocks in Berlin, unless an offset says otherwise."""

import click
import pytest

from cli.options import INSTANT


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-11-24T08:00", "2026-11-24T07:00:00+00:00"),
        ("2026-06-15T08:00:30", "2026-06-15T06:00:30+00:00"),
        ("2026-11-24T08:00Z", "2026-11-24T08:00:00+00:00"),
        ("2026-11-24T08:00-05:00", "2026-11-24T13:00:00+00:00"),
        ("2026-10-25T02:30+01:00", "2026-10-25T01:30:00+00:00"),
        ("2026-10-25T01:59", "2026-10-24T23:59:00+00:00"),
        ("2026-03-29T03:00", "2026-03-29T01:00:00+00:00"),
    ],
)
def test_an_instant(text: str, instant: str) -> None:
    assert INSTANT.convert(text, None, None).isoformat() == instant


@pytest.mark.parametrize(
    "text",
    ["", "now", "08:00", "2026-11-24", "20261124T0800", "2026-11-24 08:00", "2026-11-31T08:00", "2026-11-24T24:01"],
)
def test_what_is_no_instant(text: str) -> None:
    with pytest.raises(click.BadParameter):
        INSTANT.convert(text, None, None)


@pytest.mark.parametrize(
    ("text", "why"), [("2026-10-25T02:30", "occurs twice"), ("2026-03-29T02:30", "does not exist")]
)
def test_a_time_that_berlin_has_twice_or_never_needs_its_offset(text: str, why: str) -> None:
    with pytest.raises(click.BadParameter, match=f"{why} in Berlin: add the offset"):
        INSTANT.convert(text, None, None)
