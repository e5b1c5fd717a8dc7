"""Trades from options and from JSON, as strict as everywhere."""

import json

import pytest

from chalicelib.common.errors import InvalidJson, InvalidRequest, InvalidTrade
from chalicelib.trades.model import parse_trade
from cli.trade_input import fields_in, fields_of
from tests.fixtures.trades import fields


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"venue;id;direction;quantity_mw\r\nepex;A;buy;0,5\r\n", "line 1 has semicolons between its columns"),
        (b"PK\x03\x04xl/workbook.xml", "the file is a workbook"),
        ("venue,id,direction\n".encode("utf-16"), "the file is UTF-16"),
        (b"\xef\xbb\xbf \n", "the input is empty: expected trades in JSON or CSV"),
    ],
)
def test_another_format_is_named(content: bytes, found: str) -> None:
    with pytest.raises((InvalidRequest, InvalidJson), match=found):
        fields_in(content)


def test_one_object_is_one_trade() -> None:
    assert fields_in(json.dumps(fields()).encode()) == [fields()]


@pytest.mark.parametrize("text", ["[{0}]", "[{0},{0}]", " [\r\n\t{0} , {0}\n] \n", "\ufeff[{0}]"])
def test_an_array_is_as_many_trades(text: str) -> None:
    one = json.dumps(fields())
    assert fields_in(text.replace("{0}", one).encode()) == [fields()] * text.count("{0}")


@pytest.mark.parametrize("full", ["", ",delivery_start"])
def test_an_exported_id_is_the_id_that_the_book_has(full: str) -> None:
    content = f"id,price,trader_id{full}\n'-17,-5,'=bot{',x' if full else ''}\n"
    (one,) = fields_in(content.encode())
    assert (one["id"], one["trader_id"]) == ("-17", "=bot")


def test_an_empty_array_is_no_trades() -> None:
    assert fields_in(b"[ ]") == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[",
        "[{}",
        "[{},]",
        "[,{}]",
        "[{} {}]",
        "[{}] x",
        "[{}],[{}]",
        "[1]",
        "[[{}]]",
        "[NaN]",
        '[{"price": NaN}]',
        '[{"id": 1, "id": 2}]',
        "[" * 200_000,
        '{"id": "a"',
        "[{}]]",
    ],
)
def test_what_is_not_strict_json_is_refused(text: str) -> None:
    with pytest.raises(InvalidJson):
        fields_in(text.encode())


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(InvalidJson, match="UTF-8, byte 1"):
        fields_in(b"[\xff]")


def test_absurd_numbers_are_refused_by_name() -> None:
    (given,) = fields_in(b'[{"price": ' + b"9" * 10_000 + b"}]")
    with pytest.raises(InvalidTrade, match="cannot be booked"):
        parse_trade(given)


@pytest.mark.parametrize("text", ["1_000", "１２", " 5", "1.0", "1e3", "", "9" * 16])
def test_what_is_no_whole_number_is_refused_by_name(text: str) -> None:
    given = {name: str(value) for name, value in fields().items()} | {"price": text}
    with pytest.raises(InvalidTrade) as raised:
        parse_trade(fields_of(given))
    assert [problem.field for problem in raised.value.problems] == ["price"]


def test_an_option_that_was_not_given_is_no_field() -> None:
    assert fields_of({"id": "7", "price": "-5", "quantity": None}) == {"id": "7", "price": -5}
