"""The daily file's name, header and rows."""

from __future__ import annotations

import io
from datetime import date
from time import perf_counter

import pytest

from chalicelib.domain.daily_file import (
    MAX_LINE_BYTES,
    Header,
    Row,
    UnreadableFile,
    file_day_of,
    file_name,
    near_miss,
    read_header,
    read_rows,
)
from chalicelib.domain.trade import FIELDS
from tests.trades import trade

HEADER = Header(FIELDS, ())
GOOD = b"trade-1,5000,10,buy,2023-02-28,13,trader_1,2023-02-20T10:00:00Z"


def rows(content: bytes, header: Header = HEADER) -> list[Row]:
    return list(read_rows(io.BytesIO(content), header))


def test_a_file_day_and_its_name_belong_together() -> None:
    assert file_name(date(2023, 2, 20)) == "epex_trades_20230220.csv"
    assert file_day_of("epex_trades_20230220.csv") == date(2023, 2, 20)


@pytest.mark.parametrize(
    "name",
    [
        "epex_trades_20230220.csv.exe",
        "epex_trades_20230230.csv",
        "epex_trades_2023022.csv",
        "EPEX_trades_20230220.csv",
        "inbox/epex_trades_20230220.csv",
        "epex_trades_20230220.csv\n",
        "epex_trades_２０２３0220.csv",
        "epex_trades_00000000.csv",
        "",
    ],
)
def test_anything_else_is_no_daily_file(name: str) -> None:
    assert file_day_of(name) is None


@pytest.mark.parametrize(
    "name",
    [
        "epex_trades_20261120.CSV",
        "EPEX_trades_20261120.csv",
        "Epex_Trades_20261120.Csv",
        "epex_trades_20261120 (1).csv",
        "epex_trades_20261120(12).csv",
        "epex_trades_20261120.csv (1)",
        "epex_trades_20261120 - Kopie.csv",
        "epex_trades_20261120 - Copy (2).csv",
        "Copy of epex_trades_20261120.csv",
        "epex_trades_20261120_2.csv",
        "epex_trades_20261120_013000.csv",
        "epex_trades_2026-11-20.csv",
        "epex_trades_2026_11_20.csv",
        "epex_trades_20.11.2026.csv",
        "epex_trades_20261120.csv.gz",
        "epex_trades_20261120.csv.part",
        "epex-trades-20261120.csv",
        "epex trades 20261120.csv",
        "epextrades20261120.csv",
        "epex_trade_20261120.csv",
        "epex_trades__20261120.csv",
        " epex_trades_20261120.csv",
        "epex_trades_20261120.csv ",
        "epex_trades_20261120 .csv",
        "epex_trades_20261120.csv\n",
        "epex_trades_20261120.csv.csv",
        "epex_trades_20261120.csv.",
        "epex_trades_20261120.txt",
        "epex_trades_20261120.xlsx",
        "epex_trades_20261120",
        "epex_trades_２０２６1120.csv",
        "epex_trades_20261120.csv\u00a0",
        "2026/11/epex_trades_20261120.csv",
        "/epex_trades_20261120.csv",
    ],
)
def test_a_misspelt_name_tells_the_file_day_it_was_meant_for(name: str) -> None:
    assert file_day_of(name) is None
    assert near_miss(name) == date(2026, 11, 20)


@pytest.mark.parametrize(
    "name",
    [
        "epex_trades_20261120.csv",
        "",
        "epex_trades_.csv",
        "epex_trades_20261131.csv",
        "epex_trades_2026112.csv",
        "epex_trades_202611200.csv",
        "epex_trades_00000000.CSV",
        "epex_trades_2026-1120.csv",
        "epex_trades_20261120.csv.md5",
        "epex_trades_20261120.csv.sha256",
        "epex_trades_20261120/readme.csv",
        "test_epex_trades_20261120.csv",
        "epex_prices_20261120.csv",
        "reference_prices_20261120.csv",
        "reference_prices_20261120.CSV",
        "20261120.csv",
        "\udcff",
    ],
)
def test_a_right_name_and_an_unrelated_one_are_no_near_misses(name: str) -> None:
    assert near_miss(name) is None


def test_a_hostile_name_is_compared_in_no_time() -> None:
    began = perf_counter()
    right = "epex_trades_20261120"
    for name in (f"{right}{' 1' * 5_000}!", f"{right}_{'1' * 99}!", f"{' ' * 9_999}x", "epex" + "_" * 9_999):
        assert near_miss(name) is None
    assert perf_counter() - began < 1


@pytest.mark.parametrize(
    "line",
    [
        ",".join(FIELDS).encode() + b"\n",
        ",".join(FIELDS).encode() + b"\r\n",
        b"\xef\xbb\xbf" + ",".join(FIELDS).encode() + b"\n",
        ",".join(f'"{name}"' for name in FIELDS).encode() + b"\n",
    ],
)
def test_the_header_is_read_with_any_line_end_a_bom_and_quotes(line: bytes) -> None:
    assert read_header(line) == HEADER


def test_columns_may_stand_in_another_order_and_unknown_ones_are_named() -> None:
    header = read_header(",".join(["venue", *reversed(FIELDS)]).encode())
    assert header.ignored == ("venue",)
    cells = b"EPEX,2023-02-20T10:00:00Z,trader_1,13,2023-02-28,buy,10,5000,trade-1\n"
    assert [row.trade for row in rows(cells, header)] == [trade()]


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        (b"id;price;quantity\n", "it lacks id"),
        (",".join(FIELDS[1:]).encode(), "it lacks id"),
        (",".join([*FIELDS, "id"]).encode(), "id stands twice"),
        (b'id,"price\n', "not CSV"),
        (b"\xff\xfei\x00d\x00\n", "not UTF-8 at byte 1"),
        (b"\x89PNG\r\n", "not UTF-8"),
    ],
)
def test_a_header_that_is_wrong_is_told_by_column(line: bytes, complaint: str) -> None:
    with pytest.raises(UnreadableFile, match=complaint):
        read_header(line)


def test_rows_are_read_with_their_line_numbers_and_blank_lines_left_out() -> None:
    assert [(row.line, row.trade) for row in rows(GOOD + b"\r\n\n" + GOOD)] == [(2, trade()), (4, trade())]


def test_only_a_last_row_without_a_line_end_may_be_cut() -> None:
    assert [row.cut for row in rows(GOOD + b"\n" + GOOD)] == [False, True]


@pytest.mark.parametrize(
    ("line", "field", "complaint"),
    [
        (b"trade-1,5000,10", "row", "must have 8 columns, got 3"),
        (GOOD + b",x", "row", "must have 8 columns, got 9"),
        (GOOD.replace(b"trader_1", b'"trader_1'), "row", "a quote is out of place"),
        (GOOD.replace(b"trader_1", b'trader"_"1'), "row", "a quote is out of place"),
        (GOOD.replace(b"trader_1", b'"trader"_1'), "row", "a quote is out of place"),
        (GOOD.replace(b"trader_1", b"trader\r1"), "row", "is not CSV"),
        (GOOD.replace(b"5000", b"50.00"), "price", "whole number"),
        (GOOD.replace(b"5000", b"5_000"), "price", "whole number"),
        (GOOD.replace(b"5000", "٥٠٠٠".encode()), "price", "whole number"),
        (GOOD.replace(b"5000", b" 5000"), "price", "whole number"),
        (GOOD.replace(b"5000", b"+5000"), "price", "whole number"),
        (GOOD.replace(b"5000", b""), "price", "got ''"),
        (GOOD.replace(b",10,", b",0,"), "quantity", "above 0"),
        (GOOD.replace(b"buy", b"BUY"), "direction", "buy or sell"),
        (GOOD.replace(b"trade-1", b"tra\x00de"), "id", "printable"),
    ],
)
def test_a_bad_row_is_told_by_field_and_spoils_no_other(line: bytes, field: str, complaint: str) -> None:
    bad, good = rows(line + b"\n" + GOOD + b"\n")
    assert good.trade == trade()
    assert [problem.field for problem in bad.problems] == [field]
    assert complaint in bad.problems[0].message


def test_text_stays_text_and_numbers_lose_only_leading_zeros() -> None:
    [row] = rows(b"007,-0050,010,buy,2023-02-28,03,NA,2023-02-20T10:00:00Z\n")
    assert row.trade == trade("007", price=-50, delivery_hour=3, trader_id="NA")


@pytest.mark.parametrize("content", [b"\xff\n", GOOD + b"\n" + GOOD.replace(b"trader", b"\xe9")])
def test_bytes_that_are_no_utf8_make_the_file_unreadable_and_name_the_line(content: bytes) -> None:
    with pytest.raises(UnreadableFile, match=r"line \d is not UTF-8"):
        rows(content)


def test_an_endless_line_is_not_read_to_its_end() -> None:
    with pytest.raises(UnreadableFile, match="line 2 is longer than"):
        rows(b"x" * (MAX_LINE_BYTES + 1))


def test_a_quoted_cell_may_hold_commas_and_doubled_quotes() -> None:
    [row] = rows(GOOD.replace(b"trader_1", b'"trader, ""one"""') + b"\n")
    assert row.trade == trade(trader_id='trader, "one"')


def test_of_a_cell_with_a_line_end_inside_neither_half_is_a_trade() -> None:
    assert [row.trade for row in rows(b'"trade\n' + GOOD.replace(b"trade-1", b'-1"') + b"\n")] == [None, None]


def test_a_row_of_the_longest_length_is_read() -> None:
    longest = GOOD.replace(b"trader_1", b"t" * (MAX_LINE_BYTES - len(GOOD) + len(b"trader_1") - 1)) + b"\n"
    assert len(longest) == MAX_LINE_BYTES
    assert [[problem.field for problem in row.problems] for row in rows(longest)] == [["trader_id"]]
    with pytest.raises(UnreadableFile, match="line 2 is longer than 16384 bytes"):
        rows(b"t" + longest)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b"\xff\n", "line 1 is not UTF-8 at byte 1"),
        (
            ",".join(FIELDS[1:]).encode(),
            "line 1 is not the header of a daily file: it lacks id",
        ),
        (
            ",".join([*FIELDS[2:], "id", "id"]).encode(),
            "line 1 is not the header of a daily file: it lacks price; id stands twice",
        ),
    ],
)
def test_what_is_wrong_with_a_header_is_said_once(line: bytes, message: str) -> None:
    with pytest.raises(UnreadableFile) as refused:
        read_header(line)
    assert str(refused.value) == message
