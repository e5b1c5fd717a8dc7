"""The daily file's name, header and rows."""

from __future__ import annotations

import io
from datetime import date
from time import perf_counter

import pytest

from chalicelib.common.csv_records import MAX_LINE_BYTES, Header, UnreadableFile
from chalicelib.feeds.feed import DAILY, file_day_of, file_name
from chalicelib.imports.formats.daily import Row, read_rows, read_trade_header
from chalicelib.positions.model import Direction
from chalicelib.trades.model import FIELDS
from tests.fixtures.trades import trade

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
def test_a_misspelt_file_name_yields_the_intended_file_day(name: str) -> None:
    assert file_day_of(name) is None
    assert DAILY.near_miss(name) == date(2026, 11, 20)


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
    assert DAILY.near_miss(name) is None


def test_a_hostile_name_is_compared_in_no_time() -> None:
    began = perf_counter()
    right = "epex_trades_20261120"
    for name in (f"{right}{' 1' * 5_000}!", f"{right}_{'1' * 99}!", f"{' ' * 9_999}x", "epex" + "_" * 9_999):
        assert DAILY.near_miss(name) is None
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
    assert read_trade_header(line) == HEADER


def test_columns_may_stand_in_another_order_and_unknown_ones_are_named() -> None:
    header = read_trade_header(",".join(["venue", *reversed(FIELDS)]).encode())
    assert header.ignored == ("venue",)
    cells = b"EPEX,2023-02-20T10:00:00Z,trader_1,13,2023-02-28,buy,10,5000,trade-1\n"
    assert [row.trade for row in rows(cells, header)] == [trade()]


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        (",".join(FIELDS[1:]).encode(), "missing columns: id"),
        (",".join([*FIELDS, "id"]).encode(), "id stands twice"),
        (b'id,"price\n', "not CSV"),
        (b"id;note,bar\n", "missing columns: id"),
        (b"id,\xff\n", "not UTF-8 at byte 4"),
    ],
)
def test_header_problems_name_their_columns(line: bytes, complaint: str) -> None:
    with pytest.raises(UnreadableFile, match=complaint):
        read_trade_header(line)


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
def test_a_bad_row_names_its_fields_and_affects_no_other(line: bytes, field: str, complaint: str) -> None:
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
            "line 1 is not the header of a daily file: missing columns: id",
        ),
        (
            ",".join([*FIELDS[2:], "id", "id"]).encode(),
            "line 1 is not the header of a daily file: missing columns: price; id stands twice",
        ),
    ],
)
def test_a_header_problem_is_reported_once(line: bytes, message: str) -> None:
    with pytest.raises(UnreadableFile) as refused:
        read_trade_header(line)
    assert str(refused.value) == message


FOUND = "id;price;quantity;direction;delivery_day;delivery_hour;trader_id;execution_time"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (
            b"\xef\xbb\xbf" + FOUND.encode() + b"\r\n",
            f"semicolons between its columns, expected commas, found {FOUND}:",
        ),
        (FOUND.encode(), "semicolons"),
        (FOUND.title().encode() + b"\n", "semicolons"),
        (f'"{FOUND}"'.replace(";", '";"').encode() + b"\n", "semicolons"),
        (b"id;price;qua", "semicolons"),
        (FOUND.replace(";", "\t").encode() + b"\n", r"tabs between its columns, expected commas, found id\\tprice"),
        (FOUND.replace(";", "|").encode() + b"\n", "pipes between its columns, expected commas"),
        (FOUND.replace(";", " | ").encode() + b"\n", "pipes"),
        (FOUND.replace(";", ",").encode() + b"\rtrade-1,5000", "line 1 ends with a carriage return alone"),
        (FOUND.encode("utf-16"), "the file is UTF-16, expected CSV text: export it as CSV with commas, in UTF-8"),
        (FOUND.encode("utf-16-le"), "the file is UTF-16"),
        (FOUND.encode("utf-16-be"), "the file is UTF-16"),
        (FOUND.encode("utf-32"), "the file is UTF-32"),
        (b"\x1f\x8b\x08\0\0\0\0\0", "the file is gzip, expected CSV text: put the file there unpacked"),
        (b"PK\x03\x04\x14\0", "the file is a zip archive, expected CSV text: put the file there unpacked"),
        (b"PK\x03\x04\x14\0[Content_Types].xml", r"the file is a workbook \(xlsx\)"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", r"a workbook \(xls\)"),
        (b"%PDF-1.7\n", "the file is PDF"),
        (b"\x89PNG\r\n", "a picture"),
        (b"  <!DOCTYPE html>\n", "the file is HTML"),
        (b"<HTML><body>502", "the file is HTML"),
        (b"<?xml version='1.0'?>", "XML"),
        (b'[{"id": "a"}]', "JSON"),
        (b'{"id": "a"}\n', "JSON"),
        (b"x" * 257 + b"ustar\x0000", "a tar archive"),
    ],
)
def test_a_file_of_another_format_is_named_with_what_to_do(line: bytes, message: str) -> None:
    with pytest.raises(UnreadableFile, match=message):
        read_trade_header(line)


def test_a_long_header_is_shown_in_part() -> None:
    with pytest.raises(UnreadableFile, match=r"found id;price;x;x.*x\.\.\.:") as refused:
        read_trade_header(b"id;price" + b";x" * 5_000)
    assert len(refused.value.message) < 300
    whole = "id;price;".ljust(160, "x")
    for header, found in ((whole, f"found {whole}:"), (f"{whole}x", f"found {whole}...:")):
        with pytest.raises(UnreadableFile) as refused:
            read_trade_header(header.encode())
        assert found in refused.value.message


@pytest.mark.parametrize(
    "blank", [b",,,,,,,", b",,", b",,,,,,,,,,", b" ", b"  \t ", b", ,,,  ,,,", b'"","",,,,,,', b'""']
)
def test_rows_of_only_commas_or_blanks_are_blank_lines(blank: bytes) -> None:
    assert [row.line for row in rows(GOOD + b"\n" + blank + b"\n" + GOOD + b"\r\n" + blank + b"\r\n")] == [2, 4]


@pytest.mark.parametrize("other", [b'"', b',,",,,,,', b",,,x,,,,", b'" """', b"\0", b"-"])
def test_a_row_with_anything_in_it_is_no_blank_line(other: bytes) -> None:
    assert [row.line for row in rows(other + b"\n")] == [2]


@pytest.mark.parametrize(
    ("cut", "lines"), [(b"  ", [2]), (b",,,,,,,", [2]), (b",,,,,,,,,", [2]), (b",", [2, 3]), (b",,,,,,", [2, 3])]
)
def test_a_line_cut_among_its_commas_may_have_held_more(cut: bytes, lines: list[int]) -> None:
    assert [row.line for row in rows(GOOD + b"\n" + cut)] == lines


SPACED = b"trade-1, 5000, 10, buy, 2023-02-28, 13, trader_1, 2023-02-20T10:00:00Z"


def test_initial_spaces_are_skipped_if_the_header_has_one_after_each_comma() -> None:
    header = read_trade_header(", ".join(FIELDS).encode() + b"\n")
    assert header.columns == FIELDS
    quoted = SPACED.replace(b" trader_1", b'  "trader_1"')
    for line in (SPACED, GOOD, quoted, SPACED.replace(b", ", b",   ")):
        assert [row.trade for row in rows(line + b"\n", header)] == [trade()]
    [inside] = rows(SPACED.replace(b"trader_1", b'"a, b"') + b"\n", header)
    assert inside.trade == trade(trader_id="a, b")
    quoted_header = read_trade_header(b'id, "price", ' + ", ".join(FIELDS[2:]).encode())
    assert (quoted_header.columns, quoted_header.spaced) == (FIELDS, True)


@pytest.mark.parametrize("line", [b" " + GOOD.replace(b"trade-1", b'"trade-1"'), SPACED.replace(b"10,", b"10 ,")])
def test_other_spaces_are_never_skipped(line: bytes) -> None:
    assert [row.trade for row in rows(line + b"\n", read_trade_header(", ".join(FIELDS).encode()))] == [None]


def test_a_header_with_some_spaces_skips_none() -> None:
    header = read_trade_header(f"id, price,{','.join(FIELDS[2:])}".encode())
    assert header == HEADER
    [row] = rows(GOOD.replace(b",buy", b", buy") + b"\n", header)
    assert [problem.field for problem in row.problems] == ["direction"]


@pytest.mark.parametrize("line", [SPACED, SPACED.replace(b" trader_1", b' "trader_1"')])
def test_a_row_alone_with_spaces_after_its_commas_has_one_problem(line: bytes) -> None:
    [row] = rows(line + b"\n")
    assert [str(problem) for problem in row.problems] == [
        "row: has spaces after the commas, which the header has not: write both with spaces, or both without"
    ]


def test_a_row_with_spaces_that_is_wrong_besides_has_all_its_problems() -> None:
    [row] = rows(SPACED.replace(b"buy", b"hold") + b"\n")
    assert [problem.field for problem in row.problems] == [
        "price",
        "quantity",
        "direction",
        "delivery_day",
        "delivery_hour",
        "trader_id",
        "execution_time",
    ]


def test_a_hostile_row_of_spaces_is_read_in_no_time() -> None:
    began = perf_counter()
    header = read_trade_header(", ".join(FIELDS).encode())
    for line in (b", " * 8_000 + b'x"', b"," + b" " * 16_000 + b'x"', b'"' * 16_000, b'" ,' * 5_000 + b'"x'):
        assert [row.trade for row in rows(line + b"\n", header)] == [None]
    assert perf_counter() - began < 1


@pytest.mark.parametrize("name", ["[note]", "<x>", "{y}"])
def test_a_column_may_be_called_as_it_likes(name: str) -> None:
    assert read_trade_header(f"{name},{','.join(FIELDS)}".encode()).ignored == (name,)


@pytest.mark.parametrize(
    ("cell", "direction"), [("buy", Direction.BUY), ("sell", Direction.SELL), ("up", None), ("", None), ("Buy", None)]
)
def test_a_row_that_is_no_trade_still_names_its_side(cell: str, direction: Direction | None) -> None:
    [row] = rows(GOOD.replace(b"5000", b"x").replace(b"buy", cell.encode()) + b"\n")
    assert (row.trade, row.trade_id, row.direction) == (None, "trade-1", direction)
