"""Tables of trades: prices in EUR, power in MW, periods on the Berlin clock."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import zip_longest
from typing import Any, Final, NamedTuple

from chalicelib.common.delivery import HOUR, QUARTER, Period, SlotRow, berlin_day, hour_label, slot_rows
from chalicelib.positions.model import VENUE
from chalicelib.trades.areas import area_name
from chalicelib.trades.model import FIELDS, parse_trade
from chalicelib.trades.revision import Posted, Revision
from chalicelib.trades.statement import SHOWN, as_v2
from cli.output.page import grouped
from cli.output.table import fields_table, table, text_cell, time_cell

Trade = Mapping[str, Any]

_OF_REVISION: Final = ("revision", "said_at", "source", "matched_by", "withdrawn")
REVISION_COLUMNS: Final = (*_OF_REVISION, *FIELDS)
REVISION_COLUMNS_IN_FULL: Final = (*_OF_REVISION, "restored_by", *(name for name in SHOWN if name != "revision"))


_FILE: Final = "file of"


class _Column(NamedTuple):
    """A column; if every trade has `usual`, it is left out."""

    header: str
    cell: Callable[[Trade], object]
    align: str = "l"
    usual: object = ...


def _named(name: str) -> Callable[[Trade], object]:
    return lambda trade: trade.get(name)


_COLUMNS: Final = (
    _Column("ID", _named("id")),
    _Column("Venue", _named("venue"), usual=VENUE),
    _Column("Day", lambda trade: berlin_day(_start(trade))),
    _Column("Period", lambda trade: period_label(trade)),  # noqa: PLW0108 - defined below
    _Column("Side", _named("direction")),
    _Column("MW", lambda trade: grouped(trade["quantity_mw"]), "r"),
    _Column("EUR/MWh", lambda trade: grouped(trade["price_eur_mwh"]), "r"),
    _Column("Trader", _named("trader_id")),
    _Column("Area", lambda trade: trade["area"] and area_name(trade["area"]), usual=None),
    _Column("Strategy", _named("strategy"), usual=None),
    _Column("State", lambda trade: trade["state"].replace("_", " "), usual="active"),
    _Column("Executed", lambda trade: time_cell(trade["execution_time"], seconds=True)),
)
_REMARKS: Final = (
    _Column("Order", _named("order_id"), usual=None),
    _Column("Text", _named("text"), usual=None),
    _Column("Product", _named("product"), usual=None),
    _Column("Venue revision", _named("venue_revision"), usual=None),
)


def trades_table(trades: Sequence[Trade], *, remarks: bool = False) -> str:
    columns = _columns_of(trades, (*_COLUMNS, *_REMARKS) if remarks else _COLUMNS)
    rows = [[text_cell(column.cell(trade)) for column in columns] for trade in trades]
    return table(_headers(trades, columns), rows, "".join(column.align for column in columns))


def trade_table(trade: Trade) -> str:
    columns = _columns_of([trade], (*_COLUMNS, *_REMARKS))
    cells = [text_cell(column.cell(trade)) for column in columns]
    rows = list(zip(_headers([trade], columns), cells, strict=True))
    return table(("Field", "Value"), rows, "ll")


def _columns_of(trades: Sequence[Trade], columns: Sequence[_Column]) -> list[_Column]:
    return [column for column in columns if column.usual is ... or any(column.cell(t) != column.usual for t in trades)]


def _headers(trades: Sequence[Trade], columns: Sequence[_Column]) -> list[str]:
    in_hours = all(_minutes(trade) == HOUR for trade in trades)
    return ["Hour" if column.header == "Period" and in_hours else column.header for column in columns]


def in_full(trade: Trade) -> dict[str, Any]:
    """Return a trade of the v1 form in the full form."""
    return as_v2(Revision(parse_trade(trade, stored=True), 1, Posted(""), ""))


def trade_sentence(trade: Trade) -> str:
    """Return `buy 0.5 MW at 61.37 EUR/MWh for 2026-07-09 13:15 - 13:30 by trader_1` for a trade of either form."""
    full = trade if "quantity_mw" in trade else in_full(trade)
    terms = f"{full['direction']} {grouped(full['quantity_mw'])} MW at {grouped(full['price_eur_mwh'])} EUR/MWh"
    return f"{terms} for {berlin_day(_start(full))} {period_label(full)} by {full['trader_id']}"


def revision_row(revision: Mapping[str, Any]) -> Trade:
    return {**revision["trade"], **revision, "source": _by(revision["source"])}


def history_table(revisions: Sequence[Trade]) -> str:
    columns = _columns_of(revisions, _COLUMNS[1:])
    rows = [
        (
            text_cell(revision["revision"]),
            time_cell(revision["said_at"], seconds=True),
            _source(revision),
            _change(revision, before),
            *(text_cell(column.cell(revision)) for column in columns),
        )
        for revision, before in zip_longest(revisions, revisions[1:])
    ]
    headers = ("Revision", "Recorded", "Source", "Change", *_headers(revisions, columns))
    return table(headers, rows, f"rlll{''.join(column.align for column in columns)}")


def _by(source: Mapping[str, Any]) -> str:
    if "user" in source:
        reason = source.get("reason")
        return f"user {source['user']}{f': {reason}' if reason else ''}"
    return f"{_FILE} {source['file_day']}, version {source['version']}, line {source['line']}"


def _source(revision: Trade) -> str:
    matched = f"; so says the file of {revision['matched_by']}" if revision["matched_by"] else ""
    restored = f"; restored by {revision['restored_by']}" if revision.get("restored_by") else ""
    return text_cell(f"{revision['source']}{matched}{restored}")


def _change(revision: Trade, before: Trade | None) -> str:
    if revision["withdrawn"]:
        return "withdrawn"
    if revision["revision"] == 1:
        return "booked"
    if revision.get("restored_by") or (before is not None and before["withdrawn"]):
        return "restored"
    if before is not None and revision.get("state") != before.get("state"):
        return str(revision["state"]).replace("_", " ")
    if before is not None and _only_adds(revision, before):
        return "enriched"
    return "corrected" if revision["source"].startswith(_FILE) else "changed"


def _only_adds(revision: Trade, before: Trade) -> bool:
    changed = [name for name in SHOWN if name != "revision" and revision.get(name) != before.get(name)]
    return bool(changed) and all(before.get(name) is None for name in changed)


def outcomes_table(outcomes: Sequence[Mapping[str, Any]]) -> str:
    headers = {"id": "ID", "venue": "Venue", "direction": "Side", "outcome": "Outcome", "reason": "Reason"}
    if all(outcome["venue"] == VENUE for outcome in outcomes):
        del headers["venue"]
    rows: list[Mapping[str, object]] = []
    for outcome in outcomes:
        problems = [f"{problem['field']}: {problem['message']}" for problem in outcome["problems"]]
        first, *others = problems or [outcome["reason"] or ""]
        rows.append({**outcome, "outcome": outcome["outcome"].replace("_", " "), "reason": first})
        rows += [dict.fromkeys(headers, "") | {"reason": other} for other in others]
    return fields_table(headers, rows)


def period_label(trade: Trade) -> str:
    """Return `13 - 14` for an hour, `13:15 - 13:30` for any other run; A and B tell the hour that comes twice."""
    start, end = _start(trade), datetime.fromisoformat(trade["delivery_end"])
    if trade.get("ambiguous_hour"):
        return hour_label(Period(start, HOUR).local_hour)
    day, minutes = berlin_day(start), _minutes(trade)
    rows = {row.start: row for row in slot_rows(day, HOUR if minutes == HOUR else QUARTER)}
    if start in rows and minutes in {HOUR, QUARTER}:
        return rows[start].label
    covered = [row for row in slot_rows(day, QUARTER) if start <= row.start < end]
    return f"{_begin(covered[0])} - {_until(covered[-1])}"


def _begin(row: SlotRow) -> str:
    return row.period if len(row.period) == len("13:15") else f"{row.period[:-1]} {row.period[-1]}"


def _until(row: SlotRow) -> str:
    return row.label.split(" - ")[1]


def _minutes(trade: Trade) -> int:
    return (datetime.fromisoformat(trade["delivery_end"]) - _start(trade)) // timedelta(minutes=1)


def _start(trade: Trade) -> datetime:
    return datetime.fromisoformat(trade["delivery_start"])
