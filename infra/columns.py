"""`make columns`: writes what derives from declarations in the code.

From the catalogue of columns and the fields of a trade parts of the API's contract, and a module of the page; from the
views the routes of each role.
"""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from importlib import import_module
from typing import Any, Final

import yaml

from chalicelib.access.authorizer import declared_routes
from chalicelib.common.delivery import HOUR, QUARTER, Period, hours_of, slot_rows
from chalicelib.common.units import KW_PER_MW
from chalicelib.positions.model import NO_CHANGE, Direction, Position, PositionKey, change_of
from chalicelib.prices.slots import SlotPrice
from chalicelib.prices.zones import DE_LU
from chalicelib.reports.column import Column, Kind, View
from chalicelib.reports.columns import CARD, LINE, card_json, line_json
from chalicelib.reports.completeness import Completeness, State
from chalicelib.reports.open_positions import COLUMNS as POSITION_COLUMNS
from chalicelib.reports.pnl import build_report
from chalicelib.reports.scorecard import build_scorecard
from chalicelib.reports.valued_columns import VALUED, VALUED_LINES
from chalicelib.reports.valued_report import Shape, build_valued_report
from chalicelib.trades.areas import CODES, area_name
from chalicelib.trades.statement import FIELDS, Field
from infra import ROOT

CONTRACT: Final = ROOT / "chalicelib" / "web" / "openapi.yaml"
PAGE: Final = ROOT / "chalicelib" / "dashboard" / "js" / "catalogue.js"
ROUTES: Final = ROOT / "chalicelib" / "access" / "routes.json"

_MADE_OF: Final = "made of chalicelib/reports/columns.py by `make columns`"
_MADE_OF_FIELDS: Final = "made of chalicelib/trades/statement.py by `make columns`"
_STATED: Final = "A trade as it is stated in the v2 form; null and an absent field state nothing."
_SHOWN: Final = "A booked trade in the v2 form; null where nothing was stated."
_SCHEMAS: Final = (
    ("Line", "One line of a report.", LINE),
    ("ValuedLine", "One line of a report with the value of the positions.", VALUED),
    ("Card", "The results of one trader or of the desk; hours and days are those with trades.", CARD),
    ("PositionRow", "One row of a day's positions.", POSITION_COLUMNS),
)
_EXTENDED: Final = frozenset({"PositionRow"})
"""Schemas to which others add members."""
_TYPES: Final[Mapping[Kind, str]] = {
    Kind.DAY: "Day",
    Kind.INSTANT: "UtcTime",
    Kind.POWER: "Megawatts",
    Kind.ENERGY: "MegawattHours",
    Kind.MONEY: "Eur",
    Kind.PRICE: "EurPerMwh",
}
_PERCENT: Final = {"type": "string", "pattern": r"^(100|[0-9]{1,2})\.[0-9]{2}$"}
_PAGE_HEAD: Final = f"""// The columns of reports and scorecards that the page shows: {_MADE_OF}.
//
// `views` has the heading in each table, `inside` the path in a card, which also has the value of the trader's line;
// TERMS are their descriptions and the glossary's.

"""
_GLOSSARY: Final = ROOT / "docs" / "glossary.md"
_TERMS: Final = ("cash", "edge", "power", "share", "VWAP", "realised, open, total", "reference price", "completeness")
"""Of the glossary, on the page under their first word."""


def main() -> None:
    CONTRACT.write_text(contract(CONTRACT.read_text("utf-8")), "utf-8")
    PAGE.write_text(page_module(), "utf-8")
    ROUTES.write_text(routes(), "utf-8")


def routes() -> str:
    """Return each route behind the login with its roles, as the authorizer reads them."""
    import_module("app")  # registers the views
    lines = [json.dumps([*route, *sorted(roles)]) for route, roles in sorted(declared_routes().items())]
    return "[\n  " + ",\n  ".join(lines) + "\n]\n"


def contract(text: str) -> str:
    for name, description, columns in _SCHEMAS:
        described = _schema(description, columns)
        if name in _EXTENDED:
            del described["additionalProperties"]
        text = _with_schema(text, name, described, _MADE_OF)
    text = _with_schema(text, "NewTradeV2", _trade_schema(_STATED, stated=True), _MADE_OF_FIELDS)
    text = _with_schema(text, "TradeV2", _trade_schema(_SHOWN, stated=False), _MADE_OF_FIELDS)
    for anchor, example in examples().items():
        members = "".join(rf"\1  {name}: {json.dumps(value)}\n" for name, value in example.items())
        text = _replaced(text, rf"^( +)- &{anchor}\n(?:\1  .*\n)+", rf"\1- &{anchor}\n{members}")
    return text


def _with_schema(text: str, name: str, described: dict[str, Any], origin: str) -> str:
    schema = yaml.safe_dump(described, sort_keys=False, allow_unicode=True, width=110)
    made = f"    {name}: # {origin}\n{textwrap.indent(schema, ' ' * 6)}"
    return _replaced(text, rf"^    {name}:.*\n(?: {{6}}.*\n)+", made.replace("\\", r"\\"))


def _trade_schema(description: str, *, stated: bool) -> dict[str, Any]:
    fields = [field for field in FIELDS if (field.read if stated else field.show)]
    return {
        "type": "object",
        "description": description,
        "additionalProperties": False,
        "required": [field.name for field in fields if (field.required if stated else not field.if_true)],
        "properties": {field.name: _field_schema(field, stated=stated) for field in fields},
    }


def _field_schema(field: Field, *, stated: bool) -> dict[str, Any]:
    name = field.stated_as if stated else field.shown_as or field.stated_as
    value = {"$ref": f"#/components/schemas/{name}"}
    return {"oneOf": [value, {"type": "null"}]} if field.nullable else value


def page_module() -> str:
    line = _page_columns(VALUED, {"hours": View.PAGE_HOURS, "traders": View.PAGE_TRADERS})
    of_cards = {column.name for column in CARD}
    card = _page_columns(
        (*CARD, *(column for column in VALUED if column.name not in of_cards)), {"cards": View.PAGE_CARDS}
    )
    terms = "".join(
        f"  {json.dumps(name)}: {json.dumps(text, ensure_ascii=False)},\n" for name, text in _terms().items()
    )
    areas = "".join(f"  {json.dumps(code)}: {json.dumps(area_name(code))},\n" for code in dict.fromkeys(CODES.values()))
    return (
        f"{_PAGE_HEAD}export const LINE = [\n{line}];\n\nexport const CARD = [\n{card}];\n\n"
        f"export const TERMS = {{\n{terms}}};\n\n"
        f"// The shortest name of each area: made of chalicelib/trades/areas.py.\nexport const AREAS = {{\n{areas}}};\n"
    )


def _terms() -> dict[str, str]:
    """Return the definitions that the page shows, by the names of columns and terms."""
    shown = View.PAGE_HOURS | View.PAGE_TRADERS | View.PAGE_CARDS
    of_reports: Sequence[Column[Any]] = (*VALUED, *CARD)
    columns = [column for column in of_reports if column.views & shown]
    columns += [column for column in POSITION_COLUMNS if column.kind.is_number]
    described = {column.name: column.description for column in reversed(columns) if column.description}
    rows = (
        re.split(r" *\| *", line)[1:3] for line in _GLOSSARY.read_text("utf-8").splitlines() if line.startswith("|")
    )
    glossary = dict(rows)
    of_glossary = {re.split(r"\W", term)[0].lower(): glossary[term] for term in _TERMS}
    return {name: _as_sentence(text) for name, text in (of_glossary | described).items()}


def _as_sentence(text: str) -> str:
    first = text.partition(". ")[0].replace("`null`", "none").replace("`", "")
    return f"{first[0].upper()}{first[1:].rstrip('.')}."


def examples() -> Mapping[str, dict[str, Any]]:
    """Return objects of the API by their anchors in the contract: an hour without trades, one with two, and a card."""
    eve, day, read_at = date(2023, 2, 27), date(2023, 2, 28), datetime(2023, 3, 1, 7, tzinfo=UTC)
    completeness = dict.fromkeys((eve, day), Completeness(State.COMPLETE, (), ()))
    references = {day: dict.fromkeys(range(24), 4890) | {13: 5200}}
    traded = {day: [_position(day, 13, buy=5000, sell=5550)]}
    report = build_report("trader_1", traded, {day: completeness[day]}, references, read_at)
    on_eve = {eve: [_position(eve, 8, buy=5000, sell=4650), _position(eve, 9, sell=50)]}
    card = build_scorecard("trader_1", on_eve | traded, completeness, read_at).total
    periods = report.days[0].periods
    return {
        "quiet": line_json(periods[0]),
        "traded": line_json(periods[13]),
        "card": card_json(card),
        **_valued(day, completeness[day], read_at),
    }


def _valued(day: date, completeness: Completeness, read_at: datetime) -> dict[str, dict[str, Any]]:
    """Return an hour without trades, and one in which 10 MW were bought and 4 MW sold."""
    bought, sold = _position(day, 13, buy=5000), _position(day, 13, sell=5550)
    sold = sold._replace(change=change_of(5550, 4 * KW_PER_MW, Direction.SELL, HOUR))
    prices = {DE_LU: {day: [SlotPrice("id3", 5200)] * len(slot_rows(day, QUARTER))}}
    report = build_valued_report(
        "trader_1", {day: [bought, sold]}, {day: completeness}, prices, lambda _venue, _day: 850, Shape(), read_at
    )
    periods = report.days[0].periods
    return dict(zip(("idle", "valued"), VALUED_LINES.objects([periods[0], periods[13]]), strict=True))


def _position(day: date, hour: int, **prices: int) -> Position:
    period = Period(hours_of(day)[hour].start, HOUR)
    changes = [change_of(price, 10 * KW_PER_MW, Direction(side), period.minutes) for side, price in prices.items()]
    return Position(PositionKey("trader_1", day, period), sum(changes, NO_CHANGE))


def _replaced(text: str, pattern: str, by: str) -> str:
    replaced, count = re.subn(pattern, by, text, flags=re.MULTILINE)
    if count != 1:
        raise ValueError(f"{CONTRACT} matches {pattern!r} {count} times")
    return replaced


def _schema(description: str, columns: Sequence[Column[Any]]) -> dict[str, Any]:
    members = {column.inside[0] if column.inside else column.name: column for column in reversed(columns)}
    properties = {name: _property(members[name]) for name in reversed(members)}
    return {
        "type": "object",
        "description": description,
        "additionalProperties": False,
        "required": list(properties),
        "properties": properties,
    }


def _property(column: Column[Any]) -> dict[str, Any]:
    about = {"description": column.description} if column.description else {}
    if column.kind is Kind.COUNT:
        return {"type": "integer", "minimum": column.minimum, **about}
    if column.kind is Kind.NAMES:
        return {"type": "array", "items": {"type": "string"}, **about}
    named = column.schema or ("DayResult" if column.inside else _TYPES.get(column.kind))
    if named is not None:
        value: dict[str, Any] = {"$ref": f"#/components/schemas/{named}"}
    else:
        value = _PERCENT if column.kind is Kind.PERCENT else {"type": "string"}
    return about | ({"oneOf": [value, {"type": "null"}]} if column.nullable else value)


def _page_columns(columns: Sequence[Column[Any]], views: Mapping[str, View]) -> str:
    shown = (column for column in columns if any(view in column.views for view in views.values()))
    return "".join(f"  {json.dumps(_page_column(column, views))},\n" for column in shown)


def _page_column(column: Column[Any], views: Mapping[str, View]) -> dict[str, object]:
    members = {
        "name": column.name,
        "kind": column.kind.name.lower(),
        "unit": column.kind.unit,
        "rank": column.rank,
        "signed": column.signed,
        "lasting": not column.of_trades,
        "inside": column.inside,
        "views": {name: column.heading_in(view) for name, view in views.items() if view in column.views},
    }
    return {name: value for name, value in members.items() if value}


if __name__ == "__main__":
    main()
