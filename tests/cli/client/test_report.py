"""Reports in cells: of a book in process without a way through text, and the same from the API's JSON."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from chalicelib.reports.columns import CARD, NUMBERS
from chalicelib.reports.pnl import AnyReport
from cli.client.operations import Client
from cli.client.report import ReadReport, ReadScorecard, cell
from tests.cli.stores import Stores
from tests.fixtures.trades import trade

DAY = date(2023, 2, 28)
LINES = ("best_hour", "worst_hour", "hours", "traders", "total")


def lines_of(shown: dict[str, Any]) -> dict[str, Any]:
    return {name: shown[name] for name in LINES} | {"days": [day["total"] for day in shown["days"]]}


@pytest.fixture
def book(stores: Stores) -> Client:
    client = Client()
    for number, side in enumerate(("buy", "sell")):
        client.book_trade(trade(str(number), direction=side, price=5003 + number, quantity=3))
    return client


def test_a_report_in_process_is_the_model_and_has_the_cells_of_its_json(book: Client) -> None:
    report = book.report(None, DAY, date(2023, 3, 1))
    assert isinstance(report, AnyReport)
    read = ReadReport(report.as_json()).as_cells()
    assert lines_of(report.as_cells()) == lines_of(read)
    assert report.as_cells()["total"]["pnl_eur"] == Decimal("0.03")


def test_a_value_in_process_has_the_cells_of_its_json(book: Client) -> None:
    value = book.report_value(None, DAY, date(2023, 3, 1), "hour", "strategy")
    shown, read = value.as_cells(), ReadReport(value.as_json()).as_cells()
    assert lines_of(shown) == lines_of(read)
    assert shown["groups"] == read["groups"]
    assert (shown["total"]["venues_without_rate"], shown["total"]["reference_set"]) == ("epex", None)


def test_in_process_a_scorecard_has_the_cells_of_its_json(book: Client) -> None:
    scorecard = book.scorecard(None, DAY, date(2023, 3, 1))
    shown, read = scorecard.as_cells(), ReadScorecard(scorecard.as_json()).as_cells()
    assert (shown["traders"], shown["total"]) == (read["traders"], read["total"])
    assert (shown["total"]["best_day"], shown["total"]["best_day_pnl_eur"]) == (DAY, Decimal("0.03"))


def test_numbers_in_process_are_never_text(book: Client) -> None:
    report, scorecard = book.report(None, DAY, DAY).as_cells(), book.scorecard(None, DAY, DAY).as_cells()
    for line in (*report["hours"], *report["traders"], report["total"], report["best_hour"], scorecard["total"]):
        assert [name for name, value in line.items() if name in NUMBERS and isinstance(value, str)] == []


def test_a_json_value_is_read_by_the_kind_of_its_column() -> None:
    assert (cell("pnl_eur", "-1.50"), cell("trades", 2), cell("vwap_buy", None)) == (Decimal("-1.50"), 2, None)
    assert cell("start", "2023-02-28T12:00:00Z") == datetime(2023, 2, 28, 12, tzinfo=UTC)
    assert (cell("best_day", "2023-02-28"), cell("label", "1.50")) == (DAY, "1.50")


@pytest.mark.parametrize("name", ["pnl_eur", "start", "best_day", "a_column_of_tomorrow"])
def test_what_cannot_be_read_stays_as_it_was_sent(name: str) -> None:
    assert cell(name, "soon") == "soon"


def test_a_list_of_a_column_that_only_a_newer_api_knows_stays_one() -> None:
    assert cell("of_tomorrow", ["a", "b"]) == ["a", "b"]


def test_a_card_of_an_older_api_has_nothing_where_a_column_is_new() -> None:
    card = {"trader_id": "x", "best_day": None, "worst_day": {"delivery_day": "2025-03-29", "pnl_eur": "1.00"}}
    cells = ReadScorecard({"traders": [], "total": card}).as_cells()["total"]
    known = {"trader_id": "x", "worst_day": date(2025, 3, 29), "worst_day_pnl_eur": Decimal("1.00")}
    assert cells == {column.name: None for column in CARD} | known
