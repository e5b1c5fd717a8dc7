"""CSV that programs read back and spreadsheets show."""

import csv
import io

import pytest

from chalicelib.domain.csv_text import csv_lines


def read(columns: tuple[str, ...], row: dict[str, object]) -> list[list[str]]:
    return list(csv.reader(io.StringIO("".join(csv_lines(columns, [row])), newline=""), strict=True))


def test_lines_end_as_rfc_4180_says() -> None:
    assert list(csv_lines(("id", "price"), [{"id": "a", "price": 1}])) == ["id,price\r\n", "a,1\r\n"]


def test_commas_quotes_and_unicode_read_back() -> None:
    assert read(("id",), {"id": 'Jörg, "the bot"'}) == [["id"], ['Jörg, "the bot"']]


@pytest.mark.parametrize("start", ["=", "+", "-", "@"])
def test_text_that_a_spreadsheet_would_run_is_defused(start: str) -> None:
    assert read(("id",), {"id": f"{start}1+1"})[1] == [f"'{start}1+1"]


@pytest.mark.parametrize(("start", "escape"), [("\t", "\\t"), ("\r", "\\r"), ("\x1b", "\\x1b")])
def test_control_characters_are_escaped(start: str, escape: str) -> None:
    assert read(("id",), {"id": f"{start}=1"})[1][0].lstrip("'") == f"{escape}=1"


def test_a_negative_number_stays_a_number() -> None:
    assert read(("price", "pnl_eur"), {"price": -5, "pnl_eur": "-0.05"})[1] == ["-5", "-0.05"]


def test_what_is_no_number_in_a_numbers_column_is_defused() -> None:
    assert read(("price",), {"price": "-1+cmd"})[1] == ["'-1+cmd"]


def test_what_does_not_exist_is_an_empty_cell() -> None:
    assert read(("id", "trader_id", "disabled"), {"id": "a", "trader_id": None, "disabled": False})[1] == [
        "a",
        "",
        "false",
    ]
