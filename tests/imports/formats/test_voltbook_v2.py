"""CSV of trades in the v2 form."""

from __future__ import annotations

import pytest

from chalicelib.common.csv_records import UnreadableFile
from chalicelib.imports.formats.voltbook_v2 import VoltbookV2
from chalicelib.trades.statement import FIELDS, STATED
from tests.fixtures.statements import stated, stated_trade
from tests.imports.formats.examples import V2_HEADER, fields_with_problems, reading_of, rows_of, v2_line

FORMAT = VoltbookV2()


def test_a_row_is_the_trade_that_its_cells_state() -> None:
    reading = reading_of(FORMAT, (V2_HEADER + v2_line(id="T-1") + "\n,,\n").encode())

    assert [(line, one.trade) for line, one in reading.statements] == [(2, stated_trade("T-1"))]
    assert reading.problems == []


def test_an_exported_trade_is_not_booked_a_second_time() -> None:
    row = v2_line(id="'-17", trader_id="'=bot")  # as a CSV export guards them from spreadsheets

    (_, one), *more = reading_of(FORMAT, (V2_HEADER + row).encode()).statements
    assert (one.trade.id, one.trade.trader_id, more) == ("-17", "=bot", [])


def test_columns_that_need_no_value_may_be_left_out() -> None:
    trade = stated(id="T-1")
    required = [field.name for field in FIELDS if field.required and field.name in STATED]
    text = f"{','.join(required)}\n{','.join(str(trade[name]) for name in required)}\n"

    assert len(reading_of(FORMAT, text.encode()).statements) == 1


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
@pytest.mark.parametrize("line_end", ["\r\n", "\r"])
def test_encodings_line_ends_and_capitals_do_not_matter(encoding: str, line_end: str) -> None:
    text = (V2_HEADER.upper() + v2_line(id="Ä")).replace("\n", line_end)

    assert [row.statements[0].trade.id for row in rows_of(FORMAT, text.encode(encoding))] == ["Ä"]


@pytest.mark.parametrize(
    ("row", "fields"),
    [
        (v2_line(quantity_mw="1,5"), ["row"]),
        (v2_line(quantity_mw='"1,5"'), ["quantity_mw"]),
        (v2_line(quantity_mw="1.250.000"), ["quantity_mw"]),
        (v2_line(quantity_mw="NaN", price_eur_mwh="1e3"), ["quantity_mw", "price_eur_mwh"]),
        (v2_line(price_eur_mwh="9" * 4000), ["price_eur_mwh"]),
        (v2_line(delivery_start="2026-06-15T15:45:00"), ["delivery_start"]),
        (v2_line(delivery_start="2026-06-15T13:40:00Z"), ["delivery_start"]),
        (v2_line(area="10YDE-RWENET---J"), ["area"]),
        (v2_line().rstrip("\n"), ["row"]),
        (v2_line(id='"a'), ["row"]),
        (v2_line(venue_revision="x" * 30), ["venue_revision"]),
    ],
    ids=lambda value: None if isinstance(value, str) else "-".join(value),
)
def test_a_hostile_row_is_quarantined_with_its_fields(row: str, fields: list[str]) -> None:
    assert fields_with_problems(rows_of(FORMAT, (V2_HEADER + row).encode())) == {2: fields}


def test_a_row_of_an_unknown_one_of_two_hours_is_quarantined() -> None:
    text = V2_HEADER.replace("\n", ",ambiguous_hour\n") + v2_line().replace("\n", ",true\n")

    assert fields_with_problems(rows_of(FORMAT, text.encode())) == {2: ["ambiguous_hour"]}


@pytest.mark.parametrize(
    ("header", "message"),
    [
        (V2_HEADER.replace("venue,", ""), "missing columns: venue"),
        (V2_HEADER.replace("strategy", "stratgy"), "unknown columns: stratgy"),
        (V2_HEADER.replace("strategy", "id"), "id stands twice"),
    ],
)
def test_a_wrong_header_is_refused_as_a_whole(header: str, message: str) -> None:
    with pytest.raises(UnreadableFile, match=message):
        rows_of(FORMAT, header.encode())


def test_a_file_of_another_encoding_is_refused() -> None:
    with pytest.raises(UnreadableFile, match="the file is not utf-8"):
        rows_of(FORMAT, (V2_HEADER + v2_line(id="Ä")).encode("cp1252"))


def test_a_line_without_end_is_refused() -> None:
    with pytest.raises(UnreadableFile, match="line 2 is longer than"):
        rows_of(FORMAT, (V2_HEADER + "x" * 20_000).encode())


def test_a_decimal_comma_that_splits_a_row_is_named() -> None:
    good = (V2_HEADER + v2_line(quantity_mw="5")).encode()
    [row] = rows_of(VoltbookV2(), good.replace(b",5,", b",5,25,"))

    assert [str(problem) for problem in row.problems] == [
        "row: must have 17 columns, got 18; if a number has a decimal comma, write it with a point"
    ]
