"""Reports and scorecards in cells (numbers, days and instants): of a book in process, or read from the API's JSON."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, NamedTuple, Protocol

from chalicelib.reports.column import Column, Kind
from chalicelib.reports.columns import CARD
from chalicelib.reports.valued_columns import VALUED, VALUED_KINDS
from cli.output.json import Json


class Shown(Protocol):
    """A report or a scorecard: `chalicelib.reports.pnl.Report`, or one that was read."""

    def as_json(self) -> Json: ...

    def as_cells(self) -> Json: ...


class ReadReport(NamedTuple):
    json: Json

    def as_json(self) -> Json:
        return self.json

    def as_cells(self) -> Json:
        report = self.json
        traders, groups = report["traders"], report.get("groups")
        return {
            **report,
            "best_hour": report["best_hour"] and _line(report["best_hour"]),
            "worst_hour": report["worst_hour"] and _line(report["worst_hour"]),
            "days": [{**day, "total": _line(day["total"])} for day in report["days"]],
            "hours": [_line(line) for line in report["hours"]],
            "traders": None if traders is None else [_line(line) for line in traders],
            **({"groups": [{**group, "total": _line(group["total"])} for group in groups]} if groups else {}),
            "total": _line(report["total"]),
        }


class ReadScorecard(NamedTuple):
    json: Json

    def as_json(self) -> Json:
        return self.json

    def as_cells(self) -> Json:
        traders = [_card(card) for card in self.json["traders"]]
        return {**self.json, "traders": traders, "total": _card(self.json["total"])}


_INSIDE: Final = {column.inside: column.name for column in VALUED if column.inside}


def _line(line: Mapping[str, Any]) -> Json:
    """Return a flat line."""
    nested = {name: line[name] or {} for name, _ in _INSIDE if name in line}
    own = {name: cell(name, value) for name, value in line.items() if name not in nested}
    inside = {name: cell(name, nested[of].get(member)) for (of, member), name in _INSIDE.items() if of in nested}
    return own | inside


def _card(card: Mapping[str, Any]) -> Json:
    """Return a flat card; None for what an older API does not send."""
    return {column.name: cell(column.name, _value(column, card)) for column in CARD}


def _value(column: Column[Any], card: Mapping[str, Any]) -> object:
    if column.inside is None:
        return card.get(column.name)
    name, member = column.inside
    return (card.get(name) or {}).get(member)


def cell(name: str, value: Any) -> Any:  # noqa: ANN401 - as a cell of the catalogue
    """Return the cell of a JSON value. Columns that only a newer API knows, and what cannot be read, stay as sent."""
    kind = VALUED_KINDS.get(name, Kind.TEXT)
    if kind is Kind.NAMES and isinstance(value, list):
        return " ".join(map(str, value))
    if not isinstance(value, str) or kind is Kind.TEXT:
        return value
    try:
        if kind is Kind.DAY:
            return date.fromisoformat(value)
        return datetime.fromisoformat(value) if kind is Kind.INSTANT else Decimal(value)
    except (ValueError, ArithmeticError):
        return value
