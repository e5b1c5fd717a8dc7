"""`voltbook positions`: the rows with trades in a table, all rows in CSV."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import pytest

from tests.cli.conftest import CommandLine
from tests.cli.open_books import FakeBook, a_report
from tests.fakes.clock import FakeClock

FLAT = {
    "start": "2023-02-28T11:00:00Z",
    "minutes": 15,
    "label": "12:00 - 12:15",
    "buy_mw": "0",
    "sell_mw": "0",
    "net_mw": "0",
    "gross_mw": "0",
    "open_mwh": "0",
    "cash_eur": "0.00",
    "reference": None,
    "window": "open",
}
LONG = FLAT | {
    "start": "2023-02-28T11:15:00Z",
    "label": "12:15 - 12:30",
    "buy_mw": "0.7",
    "net_mw": "0.7",
    "gross_mw": "0.7",
    "open_mwh": "0.175",
    "cash_eur": "-11.37",
    "reference": {"set": "desk", "price_eur_mwh": "64.00"},
}
TABLE = """\
Delivery       Buy MW  Sell MW  Net MW  Open MWh  Cash EUR  Reference  Window
-------------  ------  -------  ------  --------  --------  ---------  ------
12:15 - 12:30     0.7        0     0.7     0.175    -11.37      64.00  open
"""


def test_a_table_shows_the_rows_with_trades(book: FakeBook, run: CommandLine) -> None:
    book.positions = {"slots": [FLAT, LONG]}
    result = run("positions", "2023-02-28", "--trader", "trader_1", "-o", "table")
    assert (result.exit_code, result.stdout) == (0, TABLE)
    assert book.asked == [("2023-02-28", 15, "trader_1")]


def test_hours_are_shown_with_their_energy_and_not_the_sum_of_four_powers(book: FakeBook, run: CommandLine) -> None:
    hour = LONG | {"minutes": 60, "label": "12 - 13", "sell_mw": "43.5", "sell_mwh": "10.875", "buy_mwh": "0.175"}
    book.positions = {"slots": [hour | {"open_mwh": "-10.7"}]}
    assert run("positions", "2023-02-28", "--grain", "hour", "-o", "table").stdout.splitlines() == [
        "Delivery  Buy MWh  Sell MWh  Open MWh  Cash EUR  Reference  Window",
        "--------  -------  --------  --------  --------  ---------  ------",
        "12 - 13     0.175    10.875     -10.7    -11.37      64.00  open",
    ]


def test_an_unknown_trader_is_named(book: FakeBook, run: CommandLine) -> None:
    book.positions = {"slots": [FLAT]}
    book.reports = [a_report((), date(2023, 2, 28), trader_id=None)]
    assert "no trader 'nobody'" in run("positions", "--trader", "nobody").stderr
    assert "for the day: voltbook positions yesterday\n" in run("positions", "--trader", "yesterday").stderr


def test_positions_are_of_the_area_strategy_and_venue_that_are_named(book: FakeBook, run: CommandLine) -> None:
    book.positions = {"slots": [FLAT]}
    scope = ("--area", "TTG", "--strategy", "solar", "--venue", "otc")
    assert run("positions", "2023-02-28", *scope).exit_code == 0
    assert book.asked == [("2023-02-28", 15, None, "10YDE-EON------1", "solar", "otc")]
    for wrong in (("--area", "nowhere"), ("--strategy", "a b"), ("--venue", "nyse")):
        assert run("positions", *wrong).exit_code == 2


def test_tomorrow_is_a_day(book: FakeBook, run: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chalicelib.common.clock.clock", lambda: FakeClock(datetime(2023, 2, 28, 12, tzinfo=UTC)))
    book.positions = {"slots": [FLAT]}
    assert run("positions", "tomorrow").exit_code == 0
    assert book.asked == [("2023-03-01", 15, None)]


def test_csv_and_json_have_every_row(book: FakeBook, run: CommandLine) -> None:
    book.positions = {"slots": [FLAT, LONG]}
    lines = run("positions", "2023-02-28", "--grain", "hour", "-o", "csv").stdout.splitlines()
    assert lines[0] == "start,minutes,label,buy_mw,sell_mw,net_mw,open_mwh,cash_eur,reference_price,window"
    assert lines[2] == "2023-02-28T11:15:00Z,15,12:15 - 12:30,0.7,0,0.7,0.175,-11.37,64.00,open"
    assert json.loads(run("positions", "2023-02-28", "-o", "json").stdout) == book.positions
    assert [grain for _, grain, _ in book.asked] == [60, 15]


def test_a_day_without_trades_says_so(book: FakeBook, run: CommandLine) -> None:
    book.positions = {"slots": [FLAT]}
    assert run("positions", "2023-02-28", "-o", "table").stdout == "no trades\n"
