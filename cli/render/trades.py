"""Trades as people see them: prices in EUR, the rest as posted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from chalicelib.domain.amounts import CENTS_PER_EUR, rounded
from chalicelib.domain.trade import FIELDS
from cli.render.numbers import grouped
from cli.render.table import table, text_cell
from cli.terminal import shown

Trade = Mapping[str, Any]

WORD_COLUMNS: Final = ("revision", "said_at", "source", *FIELDS)
_HEADERS: Final = ("ID", "Day", "Hour", "Side", "MW", "EUR/MWh", "Trader", "Executed")
_ALIGNMENT: Final = "llllrrll"


def trades_table(trades: Sequence[Trade]) -> str:
    """One trade a row."""
    return table(_HEADERS, [_cells(trade) for trade in trades], _ALIGNMENT)


def trade_table(trade: Trade) -> str:
    """One trade, a field a row."""
    rows = [(name, cell) for name, cell in zip(_HEADERS, _cells(trade), strict=True)]
    return table(("Field", "Value"), rows, "ll")


def history_table(words: Sequence[Trade]) -> str:
    """All words on a trade, newest first."""
    rows = [
        (*(text_cell(word.get(name)) for name in ("revision", "said_at", "source")), *_cells(word)[1:])
        for word in words
    ]
    return table(("Rev.", "Said", "By", *_HEADERS[1:]), rows, f"rll{_ALIGNMENT[1:]}")


def outcomes_table(outcomes: Sequence[Mapping[str, Any]]) -> str:
    """What became of each trade that was to be booked, the reasons of a refused one a line each."""
    rows: list[tuple[str, str, str]] = []
    for outcome in outcomes:
        reasons = [f"{one['field']}: {one['message']}" for one in outcome["problems"]] or [outcome["reason"] or ""]
        named = (text_cell(outcome["id"]), outcome["outcome"].replace("_", " "))
        rows.append((*named, shown(reasons[0])))
        rows += [("", "", shown(reason)) for reason in reasons[1:]]
    return table(("ID", "Outcome", "Reason"), rows, "lll")


def _cells(trade: Trade) -> tuple[str, ...]:
    price, hour = trade.get("price"), trade.get("delivery_hour")
    return (
        text_cell(trade.get("id")),
        text_cell(trade.get("delivery_day")),
        text_cell(f"{hour:02d} - {hour + 1:02d}" if isinstance(hour, int) else hour),
        text_cell(trade.get("direction")),
        text_cell(grouped(trade["quantity"]) if isinstance(trade.get("quantity"), int) else None),
        text_cell(grouped(rounded(price, CENTS_PER_EUR, 2)) if isinstance(price, int) else price),
        text_cell(trade.get("trader_id")),
        text_cell(trade.get("execution_time")),
    )
