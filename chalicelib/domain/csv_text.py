"""CSV as RFC 4180 has it, safe to open in a spreadsheet program."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from chalicelib.domain.printable import shown

NUMBERS: Final = frozenset(
    {
        "hours_in_period",
        "trades",
        "buy_mw",
        "sell_mw",
        "buy_mwh",
        "sell_mwh",
        "net_mwh",
        "traded_mwh",
        "vwap_buy",
        "vwap_sell",
        "pnl_eur",
        "eur_per_mwh",
        "reference_price",
        "edge_buy",
        "edge_sell",
        "edge_buy_eur",
        "edge_sell_eur",
        "hours_without_reference",
        "hours_traded",
        "hours_won",
        "hit_rate_percent",
        "best_day_pnl_eur",
        "worst_day_pnl_eur",
        "max_drawdown_eur",
        "price",
        "quantity",
        "delivery_hour",
        "revision",
        "version",
        "rows",
        "booked",
        "already_there",
        "corrected",
        "withdrawn",
        "quarantined",
        "line",
    }
)
"""Columns that hold numbers only; every other is text, also one that is not known here."""
_NUMBER: Final = re.compile(r"-?\d+(\.\d+)?", re.ASCII)
_RUN_BY_SPREADSHEETS: Final = ("=", "+", "-", "@", "\t", "\r")


def csv_lines(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Give the header and a line a row, each with its CRLF; what does not exist is an empty cell."""
    yield _line(columns)
    for row in rows:
        yield _line([_cell(name, row.get(name)) for name in columns])


def _cell(name: str, value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    return text if name in NUMBERS and _NUMBER.fullmatch(text) else defused(text)


def defused(text: str) -> str:
    """Give text that a spreadsheet program shows and does not run, nor a terminal obeys."""
    return shown(f"'{text}" if text.startswith(_RUN_BY_SPREADSHEETS) else text)


def _line(cells: Sequence[str]) -> str:
    held = io.StringIO()
    csv.writer(held).writerow(cells)
    return held.getvalue()
