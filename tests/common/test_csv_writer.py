"""CSV that programs read back and spreadsheets show."""

import csv
import io
import sys
import unicodedata

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from chalicelib.common.csv_writer import RUN_BY_SPREADSHEETS, csv_lines, without_guards


def read(columns: tuple[str, ...], row: dict[str, object]) -> list[list[str]]:
    return list(csv.reader(io.StringIO("".join(csv_lines(columns, [row])), newline=""), strict=True))


def test_lines_end_as_rfc_4180_says() -> None:
    assert list(csv_lines(("id", "price"), [{"id": "a", "price": 1}])) == ["id,price\r\n", "a,1\r\n"]


def test_commas_quotes_and_unicode_read_back() -> None:
    assert read(("id",), {"id": 'Jörg, "the bot"'}) == [["id"], ['Jörg, "the bot"']]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "＝", "＋", "－", "＠", "﹦", "﬩"])
def test_text_that_a_spreadsheet_would_run_is_defused(start: str) -> None:
    assert read(("id",), {"id": f"{start}1+1"})[1] == [f"'{start}1+1"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a;=1", "a;'=1"),
        ("a,=1", "a,'=1"),
        ("a|=1", "a|'=1"),
        ("a; =1", "a; '=1"),
        ('a;"=1', "a;\"'=1"),
        ("a;=1;＝2", "a;'=1;'＝2"),
        (";;-1", ";;'-1"),
        (" =1", " '=1"),
        ("=a;=b", "'=a;'=b"),
        ("a=1", "a=1"),
        ("a;b=1", "a;b=1"),
        ("13 - 14", "13 - 14"),
        ("a;'=1", "a;'=1"),
    ],
)
@pytest.mark.parametrize("decimal_comma", [False, True])
def test_what_another_separator_would_make_a_formula_is_defused(text: str, shown: str, decimal_comma: bool) -> None:
    lines = "".join(csv_lines(("id",), [{"id": text}], decimal_comma=decimal_comma))
    assert list(csv.reader(io.StringIO(lines, newline=""), delimiter=";" if decimal_comma else ","))[1] == [shown]


def test_what_is_run_is_all_that_unicode_folds_into_the_start_of_a_formula() -> None:
    characters = (chr(number) for number in range(sys.maxunicode + 1))
    folded = {one for one in characters if unicodedata.normalize("NFKC", one)[:1] in {"=", "+", "-", "@"}}
    assert set(RUN_BY_SPREADSHEETS) == folded


RISKY = st.text(st.sampled_from([*",;|\"' \t\r\n=+-@ab1", "＝", "﹣"]), max_size=12)


@given(RISKY, RISKY, st.booleans(), st.sampled_from(",;|\t"), st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_NONE]))
def test_no_cell_is_a_formula_whatever_separator_it_is_read_with(
    one: str, other: str, decimal_comma: bool, separator: str, quoting: int
) -> None:
    lines = csv_lines(("id", "trader_id", "price"), [{"id": one, "trader_id": other}], decimal_comma=decimal_comma)
    text = io.StringIO("".join(lines), newline="")
    for row in csv.reader(text, delimiter=separator, quoting=quoting):  # type: ignore[arg-type]  # one of its own constants
        assert [cell for cell in row if unicodedata.normalize("NFKC", cell).strip()[:1] in {"=", "+", "-", "@"}] == []


@given(RISKY)
def test_an_exported_cell_is_read_back_as_the_text_it_was(text: str) -> None:
    assume(text.isprintable())
    assume(without_guards(text) == text)  # such as '=1, which nothing tells from an exported =1
    assert without_guards(read(("id",), {"id": text})[1][0]) == text


def test_an_integer_is_a_number_in_any_column() -> None:
    assert list(csv_lines(("deadline_days", "id"), [{"deadline_days": -1, "id": "-1"}]))[1] == "-1,'-1\r\n"


@pytest.mark.parametrize("number", ["-5", "-0.05", "0", "1234567.89"])
@pytest.mark.parametrize("decimal_comma", [False, True])
def test_numbers_are_left_alone(number: str, decimal_comma: bool) -> None:
    line = list(csv_lines(("pnl_eur",), [{"pnl_eur": number}], ("pnl_eur",), decimal_comma=decimal_comma))[1]
    assert line.strip('"\r\n') == (number.replace(".", ",") if decimal_comma else number)


@pytest.mark.parametrize(("start", "escape"), [("\t", "\\t"), ("\r", "\\r"), ("\x1b", "\\x1b")])
def test_control_characters_are_escaped(start: str, escape: str) -> None:
    assert read(("id",), {"id": f"{start}=1"})[1][0].lstrip("'") == f"{escape}=1"


def test_a_negative_number_stays_a_number() -> None:
    assert read(("price", "effect_eur"), {"price": -5, "effect_eur": "-0.05"})[1] == ["-5", "-0.05"]


def test_what_is_no_number_in_a_numbers_column_is_defused() -> None:
    assert read(("price",), {"price": "-1+cmd"})[1] == ["'-1+cmd"]


def test_what_does_not_exist_is_an_empty_cell() -> None:
    assert read(("id", "trader_id", "disabled"), {"id": "a", "trader_id": None, "disabled": False})[1] == [
        "a",
        "",
        "false",
    ]
