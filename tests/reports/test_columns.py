"""The catalogue of columns holds together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from chalicelib.reports.column import Column, Kind, View
from chalicelib.reports.columns import CARD, CARD_COLUMNS, KINDS, LINE, NUMBERS, REPORT_COLUMNS

BOTH = pytest.mark.parametrize("columns", [LINE, CARD], ids=["line", "card"])
Columns = Sequence[Column[Any]]


@BOTH
def test_column_names_are_unique(columns: Columns) -> None:
    names = [column.name for column in columns]
    assert len(set(names)) == len(names)


@BOTH
def test_a_column_of_a_name_is_of_one_kind(columns: Columns) -> None:
    assert {column.name: column.kind for column in columns}.items() <= KINDS.items()


@BOTH
def test_columns_that_leave_a_terminal_together_are_of_one_rank(columns: Columns) -> None:
    on_terminal = [column for column in columns if View.TERMINAL in column.views]
    assert [column.name for column in on_terminal if not column.group] == []
    ranks = {(column.group, column.rank) for column in on_terminal}
    assert len({group for group, _ in ranks}) == len(ranks)


@BOTH
def test_price_and_percent_columns_are_nullable(columns: Columns) -> None:
    ratios = {Kind.PRICE, Kind.PERCENT}
    assert [column.name for column in columns if column.kind in ratios and not column.nullable] == []


def test_each_figure_of_the_mail_has_its_place() -> None:
    places = [column.mail for column in LINE if column.mail is not None]
    assert sorted(places) == list(range(1, len(places) + 1))


def test_power_and_money_have_units_on_a_terminal_and_when_alone() -> None:
    shown = {column.name: (column.heading_in(View.TERMINAL), column.labelled) for column in LINE}
    assert shown["buy_mw"] == ("Buy MW", "Buy [MW]")
    assert shown["pnl_eur"] == ("PnL EUR", "PnL [EUR]")
    assert shown["net_mwh"] == ("Net", "Net [MWh]")
    assert shown["eur_per_mwh"] == ("EUR/MWh", "PnL per MWh [EUR/MWh]")
    assert shown["trades"] == ("Trades", "Trades")


def test_a_view_may_have_a_heading_of_its_own() -> None:
    [bought] = [column for column in LINE if column.name == "buy_mwh"]
    assert (bought.heading_in(View.PAGE_TRADERS), bought.heading_in(View.MAIL_TRADERS)) == ("Bought", "Buy")


def test_every_column_of_a_file_has_a_kind() -> None:
    assert {*REPORT_COLUMNS, *CARD_COLUMNS} == set(KINDS)
    assert set(KINDS) - NUMBERS == {
        *("kind", "delivery_day", "completeness", "label", "start", "trader_id", "best_day", "worst_day")
    }
