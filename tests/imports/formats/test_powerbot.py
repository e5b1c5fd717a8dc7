"""PowerBot's own trades."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chalicelib.common.csv_records import UnreadableFile
from chalicelib.imports.formats.powerbot import PowerBot
from chalicelib.imports.formats.recognition import recognise
from chalicelib.positions.model import Direction
from tests.fixtures.vectors2 import vector
from tests.imports.formats.examples import as_stated, fields_with_problems, reading_of, rows_of
from tests.imports.formats.test_head import head_of

EXAMPLE = vector("W43")
SETTINGS = EXAMPLE["input"]["settings"]
FORMAT = PowerBot("desk", SETTINGS["trader_by_portfolio"], SETTINGS["strategy_from"])
ENTRY: dict[str, Any] = EXAMPLE["input"]["body"][0]


def body(**changes: Any) -> bytes:
    return json.dumps([{**ENTRY, **changes}]).encode()


def problems_of(content: bytes) -> list[str]:
    return fields_with_problems(rows_of(FORMAT, content)).get(1, [])


def test_the_worked_example_is_read() -> None:
    content = json.dumps(EXAMPLE["input"]["body"]).encode()

    assert recognise(head_of(content)).name == "powerbot"
    assert as_stated(reading_of(FORMAT, content)) == EXAMPLE["expected"]["trades"]


def test_without_settings_the_portfolio_is_the_trader() -> None:
    (row,) = rows_of(PowerBot(), body())

    assert (row.statements[0].trade.trader_id, row.statements[0].trade.text) == ("P1", "mm-7")
    assert row.statements[0].trade.strategy is None


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"buy": "true"}, ["buy"]),
        ({"buy": False}, ["row"]),
        ({"buy_portfolio_id": "P9"}, ["buy_portfolio_id"]),
        ({"buy_portfolio_id": None}, ["buy_portfolio_id"]),
        ({"state": "XXXX"}, ["state"]),
        ({"state": ["ACTI"]}, ["state"]),
        ({"exchange": "southpool"}, ["exchange"]),
        ({"price": "-5,03"}, ["price"]),
        ({"price": -5.035}, ["price"]),
        ({"quantity": True}, ["quantity"]),
        ({"quantity": 100_000}, ["quantity"]),
        ({"quantity": 0}, ["quantity"]),
        ({"quantity": int("9" * 2000)}, ["quantity"]),
        ({"exec_time": "2026-06-15T08:03:11"}, ["exec_time"]),
        ({"delivery_start": "2026-06-15T13:45:00"}, ["delivery_start"]),
        ({"delivery_end": "2026-06-15T13:45:00Z"}, ["delivery_end"]),
        ({"buy_delivery_area": "10YDE-RWENET---J"}, ["buy_delivery_area"]),
        ({"buy_txt": "a b"}, ["buy_txt"]),
        ({"buy": True, "sell": True}, ["sell_portfolio_id"]),
    ],
    ids=str,
)
def test_a_hostile_entry_is_quarantined_with_its_names(changes: dict[str, Any], fields: list[str]) -> None:
    assert problems_of(body(**changes)) == fields


def test_a_number_is_read_as_it_is_written() -> None:
    content = body().replace(b"-5.03", b"-5.0300").replace(b": 0.1,", b": 1.50,")

    assert [(one.trade.price, one.trade.kw) for _, one in reading_of(FORMAT, content).statements] == [(-503, 1500)]
    assert problems_of(body().replace(b"-5.03", b"5.03e1")) == ["price"]


FIRST, BOTH = (("1363439822", Direction.BUY),), (("7", Direction.BUY), ("7", Direction.SELL))
PRICE = "price: must be a price from -99999.99 to 99999.99 EUR/MWh, with a point and up to 2 decimals, such as 12.5, "
NO_TRADER = "_portfolio_id: must be a portfolio of the mapping, got "


@pytest.mark.parametrize(
    ("content", "form", "problems", "about"),
    [
        (body(buy="true"), FORMAT, ["buy: must be true or false, got 'true'"], (("1363439822", None),)),
        (
            body(buy=False, exchange=3),
            FORMAT,
            ["row: is no own trade: buy and sell are both false"],
            (),
        ),
        (
            body(buy_portfolio_id="P9", price="x"),
            FORMAT,
            [f"buy{NO_TRADER}'P9'; it has P1, P2", f"{PRICE}got 'x'"],
            FIRST,
        ),
        (
            body(sell=True, price="x", trade_id=7),
            FORMAT,
            [f"{PRICE}got 'x'", f"sell{NO_TRADER}null; it has P1, P2"],
            BOTH,
        ),
        (body(buy_portfolio_id=None), PowerBot(), ["buy_portfolio_id: must be text, got null"], FIRST),
        (
            body(buy_portfolio_id="a\tb"),
            PowerBot(),
            ["buy_portfolio_id: must be text of 1 to 128 printable characters, got 'a\\tb'"],
            FIRST,
        ),
        (body().replace(b"-5.03", b"5.1e10"), FORMAT, [f"{PRICE}got '5.1e10'"], FIRST),
    ],
    ids=["no truth", "no side", "no portfolio", "both sides", "no trader", "trader", "exponent"],
)
def test_an_entry_has_every_problem_and_says_which_sides_it_is_about(
    content: bytes, form: PowerBot, problems: list[str], about: tuple[tuple[str, Direction | None], ...]
) -> None:
    [row] = rows_of(form, content)

    assert ([str(problem) for problem in row.problems], row.about) == (problems, about)


def test_whole_numbers_are_ids_and_numbers_as_well() -> None:
    [row] = rows_of(FORMAT, body(trade_id=123, price=50, quantity=2, buy_order_id=77))

    trade = row.statements[0].trade
    assert (trade.id, trade.price, trade.kw, trade.order_id) == ("123", 5000, 2000, "77")


def test_a_larger_file_is_refused() -> None:
    with pytest.raises(UnreadableFile, match="the file has 67108865 bytes, at most 67108864 are read"):
        rows_of(FORMAT, b" " * (64 * 1024 * 1024 + 1))


def test_an_entry_that_is_no_object_is_quarantined() -> None:
    assert fields_with_problems(rows_of(FORMAT, b'[1, null, "x"]')) == {1: ["row"], 2: ["row"], 3: ["row"]}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (body()[:-9], "the file is not JSON"),
        (body().replace(b'"price"', b'"quantity"'), "the file names 'quantity' twice"),
        (body().replace(b"-5.03", b"NaN"), "NaN is no JSON number"),
        (b"[" * 100_000, "nested too deep"),
        (json.dumps({"trades": [ENTRY]}).encode(), "must be a JSON list of trades, got an object"),
        (body().decode().encode("utf-16"), "must be UTF-8"),
    ],
    ids=["truncated", "duplicate key", "NaN", "recursion", "object", "utf-16"],
)
def test_a_file_that_is_no_strict_json_is_refused(content: bytes, message: str) -> None:
    with pytest.raises(UnreadableFile, match=message):
        rows_of(FORMAT, content)
