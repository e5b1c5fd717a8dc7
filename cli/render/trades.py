"""Tables of trades: prices in EUR, other fields as posted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from chalicelib.common.units import CENTS_PER_EUR, rounded
from chalicelib.trades.model import FIELDS
from cli.output.page import grouped
from cli.output.table import fields_table, table, text_cell, time_cell

Trade = Mapping[str, Any]

REVISION_COLUMNS: Final = ("revision", "said_at", "source", "matched_by", "withdrawn", *FIELDS)
_HEADERS: Final = ("ID", "Day", "Hour", "Side", "MW", "EUR/MWh", "Trader", "Executed")
_ALIGNMENT: Final = "llllrrll"


def trades_table(trades: Sequence[Trade]) -> str:
    return table(_HEADERS, [_cells(trade) for trade in trades], _ALIGNMENT)


def trade_table(trade: Trade) -> str:
    rows = [(name, cell) for name, cell in zip(_HEADERS, _cells(trade), strict=True)]
    return table(("Field", "Value"), rows, "ll")


def revision_row(revision: Mapping[str, Any]) -> Trade:
    return {**revision, "source": _by(revision["source"]), **revision["trade"]}


def history_table(revisions: Sequence[Trade]) -> str:
    rows = [
        (
            text_cell(revision["revision"]),
            time_cell(revision["said_at"], seconds=True),
            _source(revision),
            _change(revision),
            *_cells(revision)[1:],
        )
        for revision in revisions
    ]
    return table(("Revision", "Recorded", "Source", "Change", *_HEADERS[1:]), rows, f"rlll{_ALIGNMENT[1:]}")


def _by(source: Mapping[str, Any]) -> str:
    if "user" in source:
        reason = source.get("reason")
        return f"user {source['user']}{f': {reason}' if reason else ''}"
    return f"file of {source['file_day']}, version {source['version']}, line {source['line']}"


def _source(revision: Trade) -> str:
    matched = f"; so says the file of {revision['matched_by']}" if revision["matched_by"] else ""
    return text_cell(f"{revision['source']}{matched}")


def _change(revision: Trade) -> str:
    if revision["withdrawn"]:
        return "withdrawn"
    return "booked" if revision["revision"] == 1 else "corrected"


def outcomes_table(outcomes: Sequence[Mapping[str, Any]]) -> str:
    rows: list[dict[str, str | None]] = []
    for outcome in outcomes:
        problems = [f"{problem['field']}: {problem['message']}" for problem in outcome["problems"]]
        first, *others = problems or [outcome["reason"] or ""]
        rows.append({"id": outcome["id"], "outcome": outcome["outcome"].replace("_", " "), "reason": first})
        rows += [{"id": "", "outcome": "", "reason": other} for other in others]
    return fields_table({"id": "ID", "outcome": "Outcome", "reason": "Reason"}, rows)


def _cells(trade: Trade) -> tuple[str, ...]:
    price, quantity, hour = (trade.get(name) for name in ("price", "quantity", "delivery_hour"))
    cells = (
        trade.get("id"),
        trade.get("delivery_day"),
        f"{hour:02d} - {hour + 1:02d}" if isinstance(hour, int) else hour,
        trade.get("direction"),
        grouped(quantity) if isinstance(quantity, int) else None,
        grouped(rounded(price, CENTS_PER_EUR, 2)) if isinstance(price, int) else price,
        trade.get("trader_id"),
        time_cell(trade.get("execution_time"), seconds=True),
    )
    return tuple(map(text_cell, cells))
