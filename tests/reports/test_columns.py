"""The catalogue of columns holds together."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from operator import itemgetter
from typing import Any

import pytest

from chalicelib.common.units import UNITS
from chalicelib.reports.column import Column, Kind, Value, View, json_objects
from chalicelib.reports.columns import CARD, CARD_COLUMNS, KINDS, LINE, NUMBERS, REPORT_COLUMNS
from chalicelib.reports.open_positions import COLUMNS
from chalicelib.reports.valued_columns import VALUED, VALUED_KINDS, VALUED_NUMBERS, valued_report_columns

EACH = pytest.mark.parametrize("columns", [LINE, CARD, VALUED], ids=["line", "card", "valued line"])
Columns = Sequence[Column[Any]]


@EACH
def test_column_names_are_unique(columns: Columns) -> None:
    names = [column.name for column in columns]
    assert len(set(names)) == len(names)


@EACH
def test_a_column_of_a_name_is_of_one_kind(columns: Columns) -> None:
    assert {column.name: column.kind for column in columns}.items() <= VALUED_KINDS.items()


@EACH
def test_columns_that_leave_a_terminal_together_are_of_one_rank(columns: Columns) -> None:
    on_terminal = [column for column in columns if View.TERMINAL in column.views]
    assert [column.name for column in on_terminal if not column.group] == []
    ranks = {(column.group, column.rank) for column in on_terminal}
    assert len({group for group, _ in ranks}) == len(ranks)


@pytest.mark.parametrize(
    ("columns", "dropped"),
    [
        (LINE, ["net MWh", "edges", "EUR/MWh", "VWAP", "trades", "MW"]),
        (CARD, ["hours", "worst day", "best day", "drawdown", "trades", "MWh", "EUR/MWh, hit rate"]),
        (VALUED, ["net MWh", "edges", "EUR/MWh", "VWAP", "trades", "MW", "fees", "open, realised"]),
    ],
    ids=["line", "card", "valued line"],
)
def test_a_narrow_terminal_drops_groups_of_columns_in_this_order(columns: Columns, dropped: list[str]) -> None:
    groups: dict[int, set[str]] = {}
    for column in columns:
        if View.TERMINAL in column.views:
            groups.setdefault(column.rank, set()).add(column.group)
    assert sorted(groups) == list(range(len(dropped) + 1))
    assert [", ".join(sorted(groups[rank])) for rank in range(len(dropped), 0, -1)] == dropped


def test_a_table_without_reference_prices_leaves_out_what_needs_them() -> None:
    edges = ["edge_buy", "edge_sell", "edge_buy_eur", "edge_sell_eur"]
    assert [column.name for column in LINE if column.if_known] == ["reference_price", *edges]


@pytest.mark.parametrize("columns", [LINE, CARD, VALUED, COLUMNS], ids=["line", "card", "valued line", "position"])
def test_gains_losses_and_net_amounts_are_signed(columns: Columns) -> None:
    names = r"net_.*|(best_day_|worst_day_)?pnl_eur|eur_per_mwh|edge_.*|(un)?realised_.*|total_eur|open_mwh|cash_eur"
    signed = [column.name for column in columns if re.fullmatch(names, column.name)]
    assert [column.name for column in columns if column.signed] == signed


@EACH
def test_price_and_percent_columns_are_nullable(columns: Columns) -> None:
    ratios = {Kind.PRICE, Kind.PERCENT}
    assert [column.name for column in columns if column.kind in ratios and not column.nullable] == []


@EACH
def test_the_members_of_a_nested_object_are_null_together(columns: Columns) -> None:
    objects: dict[str, set[bool]] = {}
    for column in columns:
        if column.inside:
            objects.setdefault(column.inside[0], set()).add(column.nullable)
    assert all(nullable == {True} for nullable in objects.values())


def test_the_mail_s_table_of_traders_has_these_columns() -> None:
    assert [column.name for column in LINE if View.MAIL_TRADERS in column.views] == [
        *("trades", "buy_mwh", "sell_mwh", "vwap_buy", "vwap_sell", "pnl_eur", "eur_per_mwh"),
        *("edge_buy_eur", "edge_sell_eur"),
    ]


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
    assert set(valued_report_columns(("trader", "strategy", "area", "venue"))) <= set(VALUED_KINDS)
    assert set(KINDS) - NUMBERS == {
        *("kind", "delivery_day", "completeness", "label", "start", "trader_id", "best_day", "worst_day")
    }


def test_names_are_a_list_in_json_and_one_text_in_a_cell() -> None:
    column: Column[tuple[Value]] = Column("x", Kind.NAMES, itemgetter(0), "X")
    names: list[tuple[Value]] = [((),), (("epex", "otc"),)]
    assert column.cells(names) == ["", "epex otc"]
    assert list(column.json_texts(names)) == ["[]", '["epex","otc"]']
    assert [row["x"] for row in json_objects([column], names)] == [[], ["epex", "otc"]]
    assert not {"slots_without_reference", "venues_without_rate"} & VALUED_NUMBERS


@pytest.mark.parametrize(
    ("kind", "exact", "shown"),
    [
        (Kind.POWER, [0, 12_000, 3_500, 100, -10_000, 1], ["0", "12", "3.5", "0.1", "-10", "0.001"]),
        (Kind.ENERGY, [0, 600_000, 150_000, -300_000, 15, 1], ["0", "10", "2.5", "-5", "0.00025", "0.000017"]),
        (Kind.MONEY, [0, -1, 1_440 * UNITS, -30_000, 30_000, None], ["0.00", "0.00", "14.40", "-0.01", "0.01", None]),
        (
            Kind.PRICE,
            [(5_005, 1), (-1, 1), (0, 0), (None, 1), (-1250 * UNITS, UNITS)],
            ["50.05", "-0.01", None, None, "-12.50"],
        ),
        (Kind.MONEY, [(-1_440 * UNITS, 7), (None, 1), (1, 10**9)], ["-2.06", None, "0.00"]),
        (Kind.PRICE, [4_950, None, -1], ["49.50", None, "-0.01"]),
        (Kind.PERCENT, [(1, 3), (2, 3), (1, 1), (0, 0)], ["33.33", "66.67", "100.00", None]),
    ],
)
def test_a_number_is_rounded_once_in_the_unit_of_its_kind(
    kind: Kind, exact: list[Value], shown: list[str | None]
) -> None:
    column: Column[tuple[Value]] = Column("x", kind, itemgetter(0), "X")
    assert [row["x"] for row in json_objects([column], [(value,) for value in exact])] == shown
    assert column.cells([(value,) for value in exact]) == [None if text is None else Decimal(text) for text in shown]
