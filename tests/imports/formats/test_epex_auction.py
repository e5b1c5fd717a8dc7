"""EPEX's table of auction prices."""

from __future__ import annotations

import io

import pytest

from chalicelib.common.csv_records import UnreadableFile
from chalicelib.imports.formats.epex_auction import EpexAuction
from chalicelib.imports.formats.head import read_head
from chalicelib.imports.formats.recognition import recognise
from tests.imports.formats.examples import fields_with_problems, reading_of, rows_of
from tests.imports.formats.price_examples import EPEX_COMMENT, EPEX_HEADER, by_start, epex_file, epex_line

FORMAT = EpexAuction()
SUMMER, LONG, SHORT = "15/06/2026", "25/10/2026", "29/03/2026"
QUARTERS = [f"Hour {hour} Q{quarter}" for hour in range(1, 25) for quarter in range(1, 5)]


def test_hours_are_read_and_recognised() -> None:
    content = epex_file(epex_line(SUMMER, H3A="-0.79"))
    reading = reading_of(FORMAT, content)
    prices = by_start(reading)

    assert recognise(read_head(io.BytesIO(content))).name == FORMAT.name
    assert len(prices) == 24
    assert {
        "2026-06-14T22:00Z": "1.00",
        "2026-06-15T00:00Z": "-0.79",
        "2026-06-15T21:00Z": "24.00",
    }.items() <= prices.items()
    assert {(price.set, price.zone, price.period.minutes) for price in reading.prices} == {("da", "DE-LU", 60)}


def test_the_long_day_has_3a_before_3b() -> None:
    prices = by_start(reading_of(FORMAT, epex_file(epex_line(LONG, H3A="3.10", H3B="3.20"))))

    assert len(prices) == 25
    assert (prices["2026-10-25T00:00Z"], prices["2026-10-25T01:00Z"]) == ("3.10", "3.20")


def test_the_short_day_has_no_hour_3() -> None:
    prices = by_start(reading_of(FORMAT, epex_file(epex_line(SHORT, H3A=""))))

    assert len(prices) == 23
    assert (prices["2026-03-29T00:00Z"], prices["2026-03-29T01:00Z"]) == ("2.00", "4.00")


def test_quarter_hours_are_read() -> None:
    text = f"{EPEX_COMMENT}Delivery day,{','.join(QUARTERS)},Average\n{SUMMER},{','.join(['1.25'] * 95)},-7.5,99.99\n"
    reading = reading_of(FORMAT, text.encode())

    assert [price.period.minutes for price in reading.prices] == [15] * 96
    assert by_start(reading)["2026-06-15T21:45Z"] == "-7.50"


def test_the_comment_names_the_zone() -> None:
    text = (EPEX_HEADER + epex_line(SUMMER)).replace("Germany-Luxembourg", "France")

    assert {price.zone for price in reading_of(FORMAT, text.encode()).prices} == {"FR"}


def test_without_a_name_the_zone_is_the_one_that_is_set() -> None:
    text = (EPEX_HEADER + epex_line(SUMMER)).replace("Germany-Luxembourg", "spot")

    assert {price.zone for price in reading_of(EpexAuction("AT"), text.encode()).prices} == {"AT"}


@pytest.mark.parametrize(
    ("line", "fields"),
    [
        (epex_line(SUMMER, H3B="3.00"), ["Hour 3B"]),
        (epex_line(SHORT), ["Hour 3A"]),
        (epex_line(LONG), ["Hour 3B"]),
        (epex_line(LONG, H3A=""), ["Hour 3A", "Hour 3B"]),
        (epex_line(SUMMER, H7="60,25"), ["row"]),
        (epex_line(SUMMER, H7='"60,25"'), ["Hour 7"]),
        (epex_line(SUMMER, H7='"1,250.00"'), ["Hour 7"]),
        (epex_line(SUMMER, H7="1.250"), ["Hour 7"]),
        (epex_line(SUMMER, H7="NaN"), ["Hour 7"]),
        (epex_line(SUMMER, H7="1e3"), ["Hour 7"]),
        (epex_line(SUMMER, H7=""), ["Hour 7"]),
        (epex_line(SUMMER, H7="-"), ["Hour 7"]),
        (epex_line("6/15/2026"), ["Delivery day"]),
        (epex_line("06/15/2026"), ["Delivery day"]),
        (epex_line("2026-06-15"), ["Delivery day"]),
        (epex_line("31/06/2026"), ["Delivery day"]),
        (epex_line(""), ["Delivery day"]),
        (epex_line(SUMMER)[:-1], ["row"]),
        (epex_line(SUMMER)[:40] + "\n", ["row"]),
    ],
    ids=str,
)
def test_a_hostile_row_is_quarantined_whole(line: str, fields: list[str]) -> None:
    rows = rows_of(FORMAT, epex_file(line))

    assert fields_with_problems(rows) == {3: fields}
    assert not any(row.prices for row in rows)


def test_a_day_in_two_rows_is_quarantined_in_both() -> None:
    rows = rows_of(FORMAT, epex_file(epex_line(SUMMER), epex_line("16/06/2026"), epex_line(SUMMER, H7="9.00")))

    assert fields_with_problems(rows) == {3: ["Delivery day"], 5: ["Delivery day"]}


def test_an_hour_3_without_a_letter_is_ambiguous_on_the_long_day() -> None:
    header = EPEX_HEADER.replace("Hour 3A,Hour 3B", "Hour 3")
    lines = [epex_line(day).replace("3.00,,", "3.00,") for day in (SUMMER, LONG)]
    rows = rows_of(FORMAT, (header + "".join(lines)).encode())

    assert len(rows[0].prices) == 24
    assert "is ambiguous on 2026-10-25" in rows[1].problems[0].message


def test_a_missing_column_is_a_gap_in_the_day() -> None:
    text = (EPEX_HEADER + epex_line(SUMMER)).replace("Hour 7,", "").replace("7.00,", "", 1)

    [row] = rows_of(FORMAT, text.encode())

    assert [problem.message for problem in row.problems] == ["has no column for 06 on 2026-06-15"]


def test_three_missing_columns_are_named() -> None:
    hours = [f"Hour {hour}" for hour in range(1, 21)]
    text = f"{EPEX_COMMENT}Delivery day,{','.join(hours)}\n{SUMMER}{',1.00' * 20}\n"

    [row] = rows_of(FORMAT, text.encode())

    assert [problem.message for problem in row.problems] == ["has no column for 20, 21, 22 on 2026-06-15"]


def padded(size: int) -> bytes:
    """A file of one day and of so many bytes."""
    file = epex_file(epex_line(SUMMER))
    lines, rest = divmod(size - len(file), 10_000)
    return file + (b"#" + b"x" * 9_998 + b"\n") * lines + b"\n" * rest


@pytest.mark.parametrize(
    ("most", "more", "reason"),
    [
        (padded(5_000_000), padded(5_000_001), "more than 5000000 bytes: split it"),
        (epex_file(*[epex_line("x")] * 1600), epex_file(*[epex_line("x")] * 1601), "more than 40000 prices: split it"),
    ],
    ids=["bytes", "prices"],
)
def test_a_larger_file_is_refused(most: bytes, more: bytes, reason: str) -> None:
    assert rows_of(FORMAT, most)
    with pytest.raises(UnreadableFile, match=reason):
        rows_of(FORMAT, more)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("EUR/MWh", "GBP/MWh", "the comment names 'GBP', expected prices in EUR/MWh"),
        ("EUR/MWh", "ct/kWh", "expected prices in EUR/MWh"),
        ("Prices in EUR/MWh", "Volumes in MWh", "the comment names 'Volumes', expected prices"),
        ("day-ahead", "intraday", "the comment names 'intraday'"),
        ("day-ahead", "IDA1", "the comment names 'IDA1'"),
        ("Germany-Luxembourg", "Germany/Austria", "the comment names AT, DE-LU, expected one"),
        ("Germany-Luxembourg", "Great Britain", "the comment names GB, expected one"),
        ("Hour 1,", "Hour 0,", "unknown column 'hour 0'"),
        ("Hour 24", "Hour 25", "unknown column 'hour 25'"),
        ("Hour 4", "Hour 4A", "unknown column 'hour 4a'"),
        ("Hour 4", "Hour 5", "two columns for 04"),
        ("Hour 4,Hour 5", "Hour 6,Hour 7", "two columns for 05"),
        ("Hour 3B", "Hour 3", "two columns for 02"),
        ("Hour 4", "Hour 4 Q1", "not both"),
        ("Delivery day", "Day", "no column Delivery day"),
    ],
)
def test_a_hostile_file_is_rejected_with_its_reason(old: str, new: str, reason: str) -> None:
    text = EPEX_HEADER.replace(old, new, 1) + epex_line(SUMMER)

    with pytest.raises(UnreadableFile, match=reason):
        rows_of(FORMAT, text.encode())
