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


def quarters(day: str, count: int = 96, price: str = "60,00") -> list[str]:
    times = [f"{day} {place // 4:02d}:{place % 4 * 15:02d}" for place in range(96)] + [f"{NEXT[day]} 00:00"]
    return [f"{start};{end};{price}" for start, end in pairwise(times)][:count]


NEXT = {"27.11.2026": "28.11.2026", "28.11.2026": "29.11.2026"}
FIRST_DAY = quarters("27.11.2026")


def test_prices_have_the_set_and_zone_of_the_mapping() -> None:
    reading = reading_of(FORMAT, content(*FIRST_DAY))

    assert str(reading.prices[0]) == "da in DE-LU, 15 minutes from 2026-11-26T23:00:00Z,"
    assert (reading.prices[0].price, len(reading.prices), reading.problems, reading.skipped) == (6000, 96, [], 0)


def test_a_row_without_a_price_on_a_day_with_prices_is_a_gap() -> None:
    rows = rows_of(FORMAT, content(*FIRST_DAY[:2], FIRST_DAY[2].replace("60,00", "-"), *FIRST_DAY[3:]))

    assert [(row.line, str(row.problems[0])) for row in rows if row.gap] == [
        (4, "price_eur_mwh: is missing: the period has no price")
    ]
    assert sum(len(row.prices) for row in rows) == 95


def test_rows_of_a_day_without_any_price_are_skipped() -> None:
    reading = reading_of(FORMAT, content(*FIRST_DAY, *quarters("28.11.2026", price="-")))

    assert (len(reading.prices), reading.problems, reading.skipped) == (96, [], 96)


@pytest.mark.parametrize(
    ("rows", "line", "gap"),
    [
        ([*FIRST_DAY[:5], *FIRST_DAY[7:]], 7, "2 of its 96 quarter-hours, the first 01:15 - 01:30"),
        ([*FIRST_DAY[:5], *FIRST_DAY[6:8], *FIRST_DAY[9:]], 7, "2 of its 96 quarter-hours, the first 01:15 - 01:30"),
        (FIRST_DAY[:-1], 96, "1 of its 96 quarter-hours, the first 23:45 - 24:00"),
    ],
    ids=["one gap", "two gaps", "at the end"],
)
def test_quarter_hours_without_a_row_are_a_gap_where_the_next_row_is(rows: list[str], line: int, gap: str) -> None:
    read = rows_of(FORMAT, content(*rows))

    assert [(row.line, row.gap, list(map(str, row.problems))) for row in read if row.problems] == [
        (line, True, [f"day: 2026-11-27 has no price for {gap}"])
    ]
    assert sum(len(row.prices) for row in read) == len(rows)


@pytest.mark.parametrize("again", ["60,00", "61,00"])
def test_a_period_that_is_stated_twice_is_a_problem_of_its_line(again: str) -> None:
    rows = rows_of(FORMAT, content(*FIRST_DAY, FIRST_DAY[1].replace("60,00", again)))

    [twice] = [row for row in rows if row.problems]
    assert (twice.line, twice.gap) == (98, False)
    assert str(twice.problems[0]) == ("start: is in line 3 already: a file states one price for 2026-11-26T23:15:00Z")


def test_an_hour_and_its_quarter_hour_are_stated_twice() -> None:
    rows = rows_of(FORMAT, content("27.11.2026 00:00;27.11.2026 01:00;60,00", *FIRST_DAY[3:]))

    assert fields_with_problems(rows) == {3: ["start"]}


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
        ("27.11.2026 00:00;27.11.2026 00:30;-", ["minutes"]),
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
        '"27/11/2026 00:15:00 - 27/11/2026 00:30:00","BZN|XX","Sequence 1","-"',
    )
    form = format_of(read_mapping(text, "gui.toml"))
    reading = reading_of(form, ("MTU,Area,Sequence,Price\n" + "\n".join(rows) + "\n").encode())

    assert [(str(price), price.price) for price in reading.prices] == [
        ("da in DE-LU, 15 minutes from 2026-11-26T23:00:00Z,", 6025)
    ]
    assert reading.skipped == 2
    assert {row.line: row.problems[0].field for row in reading.problems} == {4: "period", 5: "zone"}
