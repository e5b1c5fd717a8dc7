"""CSV that a mapping declares: prices."""

from __future__ import annotations

from itertools import pairwise

import pytest

from chalicelib.imports.formats.mapping import format_of
from chalicelib.imports.formats.mapping_file import read_mapping
from chalicelib.imports.formats.reading import Reading
from tests.imports.formats.examples import fields_with_problems, reading_of, rows_of

FORMAT = format_of(
    read_mapping(
        b"""kind = "prices"
recognise = ["von", "bis", "EUR"]
separator = ";"
decimal = ","
timezone = "Europe/Berlin"
[columns]
start = "von"
end = "bis"
price_eur_mwh = "EUR"
[formats]
start = "%d.%m.%Y %H:%M"
end = "%d.%m.%Y %H:%M"
[constants]
set = "da"
""",
        "de.toml",
    )
)


def content(*rows: str) -> bytes:
    return ("von;bis;EUR\n" + "".join(f"{row}\n" for row in rows)).encode()


def autumn(*times: str) -> bytes:
    cells = [f"25.10.2026 {time}" for time in times]
    return content(*(f"{start};{end};1,5" for start, end in pairwise(cells)))


def starts(reading: Reading) -> list[str]:
    return [f"{price.period.start:%H:%M}" for price in reading.prices]


def test_prices_have_the_set_and_zone_of_the_mapping() -> None:
    reading = reading_of(
        FORMAT, content("27.11.2026 00:00;27.11.2026 00:15;60,00", "27.11.2026 00:15;27.11.2026 00:30;-")
    )

    assert [str(price) for price in reading.prices] == ["da in DE-LU, 15 minutes from 2026-11-26T23:00:00Z,"]
    assert (reading.prices[0].price, reading.skipped) == (6000, 1)


def test_hours_that_come_twice_are_told_apart_by_the_row_before() -> None:
    quarters = reading_of(FORMAT, autumn("01:45", "02:00", "02:15", "02:30", "02:45", "02:00", "02:15"))
    hours = reading_of(FORMAT, autumn("01:00", "02:00", "02:00", "03:00"))

    assert starts(quarters) == ["23:45", "00:00", "00:15", "00:30", "00:45", "01:00"]
    assert starts(hours) == ["23:00", "00:00", "01:00"]


@pytest.mark.parametrize(
    ("row", "fields"),
    [
        ("25.10.2026 02:00;25.10.2026 03:00;1,5", ["start"]),
        ("29.03.2026 02:00;29.03.2026 03:00;1,5", ["start"]),
        ("27.11.2026 00:00;27.11.2026 00:30;1,5", ["minutes"]),
        ("27.11.2026 00:15;27.11.2026 01:15;1,5", ["start"]),
        ("27.11.2026 00:00;27.11.2026 00:15;1.5", ["price_eur_mwh"]),
        ("27.11.2026 00:00;27.11.2026 00:15;NaN", ["price_eur_mwh"]),
        ("27.11.2026 00:00;27.11.2026 00:15;1,555", ["price_eur_mwh"]),
        ("2026-11-27 00:00;27.11.2026 00:15;1,5", ["start"]),
        ("27.11.2026 00:00;27.11.2026", ["row"]),
    ],
)
def test_a_hostile_row_is_quarantined_with_its_fields(row: str, fields: list[str]) -> None:
    assert fields_with_problems(rows_of(FORMAT, content(row))) == {2: fields}


def test_a_period_in_one_column_is_read() -> None:
    text = b"""kind = "prices"
recognise = ["MTU"]
timezone = "Europe/Berlin"
[columns]
period = "MTU"
zone = "Area"
price_eur_mwh = "Price"
[formats]
period = "%d/%m/%Y %H:%M:%S"
[zones]
"BZN|DE-LU" = "DE-LU"
[constants]
set = "da"
[only]
Sequence = "Sequence 1"
"""
    rows = (
        '"27/11/2026 00:00:00 - 27/11/2026 00:15:00","BZN|DE-LU","Sequence 1","60.25"',
        '"27/11/2026 00:00:00 - 27/11/2026 00:15:00","BZN|DE-LU","Sequence 2","61.25"',
        '"27/11/2026 00:15:00","BZN|DE-LU","Sequence 1","60.25"',
        '"27/11/2026 00:15:00 - 27/11/2026 00:30:00","BZN|XX","Sequence 1","60.25"',
    )
    form = format_of(read_mapping(text, "gui.toml"))
    reading = reading_of(form, ("MTU,Area,Sequence,Price\n" + "\n".join(rows) + "\n").encode())

    assert [(str(price), price.price) for price in reading.prices] == [
        ("da in DE-LU, 15 minutes from 2026-11-26T23:00:00Z,", 6025)
    ]
    assert reading.skipped == 1
    assert {row.line: row.problems[0].field for row in reading.problems} == {4: "period", 5: "zone"}
