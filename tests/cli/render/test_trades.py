"""Tables of trades in the full form."""

from __future__ import annotations

import re
from typing import Any

import pytest

from chalicelib.trades.model import Trade
from chalicelib.trades.revision import Posted, Revision
from chalicelib.trades.statement import as_v2, parse_statement
from cli.render.trades import in_full, period_label, trade_table, trades_table
from tests.fixtures.statements import stated
from tests.fixtures.trades import fields

TABLE = [
    ["ID", "Venue", "Day", "Period", "Side", "MW", "EUR/MWh", "Trader", "Area", "Strategy", "State", "Executed"],
    ["v1", "nordpool", "2026-06-15", "12:00 - 12:15", "buy", "0.1", "-9 999.99", "trader_1", "AMP", "solar"],
    ["v2", "epex", "2026-06-15", "12 - 13", "buy", "10", "-50.00", "trader_1", "-", "-"],
]


def shown(**changes: Any) -> dict[str, Any]:
    trade: Trade = parse_statement(stated(**changes)).trade
    return as_v2(Revision(trade, 1, Posted("anna"), "2026-06-15T08:00:01Z"))


def test_a_table_has_only_the_columns_that_its_trades_need() -> None:
    full = shown(venue="nordpool", strategy="solar", state="recall_sent")
    hour = {"delivery_end": "2026-06-15T11:00:00Z", "quantity_mw": "10", "price_eur_mwh": "-50", "area": None}
    heads, _, *rows = [re.split("  +", line) for line in trades_table([full, shown(id="v2", **hour)]).splitlines()]
    assert [heads, *(row[:-2] for row in rows)] == TABLE
    assert [row[-2:] for row in rows] == [[state, "15 Jun 2026 10:00:00 CEST"] for state in ("recall sent", "active")]
    assert trades_table([shown(**hour)]).split("\n")[0].split() == [
        *("ID", "Day", "Hour", "Side", "MW", "EUR/MWh", "Trader", "Executed")
    ]


def test_one_trade_is_shown_with_its_remarks() -> None:
    lines = trade_table(shown(order_id="O-7", text="by phone", venue_revision=3)).splitlines()
    assert [line.split(maxsplit=1) for line in lines if line.startswith(("Order", "Text"))] == [
        ["Order", "O-7"],
        ["Text", "by phone"],
    ]
    assert lines[-1].split() == ["Venue", "revision", "3"]


@pytest.mark.parametrize(
    ("start", "end", "label"),
    [
        ("2026-06-15T10:00Z", "2026-06-15T11:00Z", "12 - 13"),
        ("2026-06-15T10:15Z", "2026-06-15T10:30Z", "12:15 - 12:30"),
        ("2026-06-15T10:30Z", "2026-06-15T11:30Z", "12:30 - 13:30"),
        ("2026-06-15T06:00Z", "2026-06-15T18:00Z", "08:00 - 20:00"),
        ("2026-06-14T22:00Z", "2026-06-15T22:00Z", "00:00 - 24:00"),
        ("2026-10-25T00:00Z", "2026-10-25T01:00Z", "02 - 03 A"),
        ("2026-10-25T01:00Z", "2026-10-25T02:00Z", "02 - 03 B"),
        ("2026-10-25T00:45Z", "2026-10-25T01:15Z", "02:45 A - 02:15 B"),
        ("2026-10-24T22:00Z", "2026-10-25T23:00Z", "00:00 - 24:00"),
    ],
)
def test_a_period_is_named_on_the_berlin_clock(start: str, end: str, label: str) -> None:
    assert period_label(shown(delivery_start=start, delivery_end=end)) == label


def test_an_ambiguous_hour_has_no_letter() -> None:
    assert period_label(in_full(fields(delivery_day="2026-10-25", delivery_hour=2))) == "02 - 03"
