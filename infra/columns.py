"""Writes the files that are made of the catalogue of columns: parts of the API's contract, a module of the page.

python -m infra.columns; `make columns` bundles the page too.
"""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from chalicelib.reports.column import Column, Kind, View
from chalicelib.reports.columns import CARD, LINE
from infra.column_examples import examples

ROOT: Final = Path(__file__).resolve().parents[1]
CONTRACT: Final = ROOT / "chalicelib" / "web" / "openapi.yaml"
PAGE: Final = ROOT / "chalicelib" / "dashboard" / "js" / "catalogue.js"

_WIDTH: Final = 120
_MADE_OF: Final = "made of chalicelib/reports/columns.py by `make columns`"
_SCHEMAS: Final = (
    ("Line", "One line of a report.", LINE),
    ("Card", "The results of one trader or of the desk; hours and days are those with trades.", CARD),
)
_NAMED: Final[Mapping[Kind, str]] = {
    Kind.DAY: "Day",
    Kind.INSTANT: "UtcTime",
    Kind.POWER: "Megawatts",
    Kind.ENERGY: "MegawattHours",
    Kind.MONEY: "Eur",
    Kind.PRICE: "EurPerMwh",
}
_PERCENT: Final = r"{type: string, pattern: '^(100|[0-9]{1,2})\.[0-9]{2}$'}"
_LINE_VIEWS: Final = {"hours": View.PAGE_HOURS, "traders": View.PAGE_TRADERS}
_CARD_VIEWS: Final = {"cards": View.PAGE_CARDS}
_PAGE_HEAD: Final = f"""// The columns of reports and scorecards that the page shows: {_MADE_OF}.
//
// `views` has the heading in each table, `inside` the path in a card.

"""


def main() -> None:
    CONTRACT.write_text(contract(CONTRACT.read_text("utf-8")), "utf-8")
    PAGE.write_text(page_module(), "utf-8")


def contract(text: str) -> str:
    """Return the contract with schemas and examples of lines and cards as the catalogue has them."""
    for name, description, columns in _SCHEMAS:
        schema = "".join(f"{line}\n" for line in _schema(name, description, columns)).replace("\\", r"\\")
        text = _replaced(text, rf"^    {name}:.*\n(?: {{6}}.*\n)+", schema)
    for anchor, example in examples().items():
        members = "".join(rf"\1  {name}: {json.dumps(value)}\n" for name, value in example.items())
        text = _replaced(text, rf"^( +)- &{anchor}\n(?:\1  .*\n)+", rf"\1- &{anchor}\n{members}")
    return text


def _replaced(text: str, what: str, by: str) -> str:
    replaced, found = re.subn(what, by, text, flags=re.MULTILINE)
    if found != 1:
        message = f"{CONTRACT} matches {what!r} {found} times"
        raise ValueError(message)
    return replaced


def page_module() -> str:
    line, card = _page_columns(LINE, _LINE_VIEWS), _page_columns(CARD, _CARD_VIEWS)
    return f"{_PAGE_HEAD}export const LINE = [\n{line}];\n\nexport const CARD = [\n{card}];\n"


def _schema(name: str, description: str, columns: Sequence[Column[Any]]) -> Iterator[str]:
    yield f"    {name}: # {_MADE_OF}"
    yield "      type: object"
    yield f"      description: {description}"
    yield "      additionalProperties: false"
    members = {column.inside[0] if column.inside else column.name: column for column in reversed(columns)}
    yield "      required:"
    yield from (f"        - {member}" for member in reversed(members))
    yield "      properties:"
    for member, column in reversed(members.items()):
        yield from _property(member, column)


def _property(name: str, column: Column[Any]) -> Iterator[str]:
    if column.kind is Kind.COUNT:
        yield from _count(name, column)
        return
    schema = '{$ref: "#/components/schemas/DayResult"}' if column.inside else _value(column)
    if not column.nullable and not column.description:
        yield f"        {name}: {schema}"
        return
    yield f"        {name}:"
    inner = schema.strip("{}")
    if column.kind is Kind.TEXT and not column.nullable:
        yield f"          {inner}"
    yield from _described(column)
    if column.nullable:
        yield f'          oneOf: [{schema}, {{type: "null"}}]'
    elif column.kind is not Kind.TEXT:
        yield f"          {inner}"


def _value(column: Column[Any]) -> str:
    name = column.schema or _NAMED.get(column.kind)
    if name is not None:
        return f'{{$ref: "#/components/schemas/{name}"}}'
    return _PERCENT if column.kind is Kind.PERCENT else "{type: string}"


def _count(name: str, column: Column[Any]) -> Iterator[str]:
    """Describe a count on one line where there is room."""
    short = f"        {name}: {{type: integer, minimum: {column.minimum}, description: {column.description}}}"
    if len(short) <= _WIDTH and "," not in column.description:
        yield short
        return
    yield f"        {name}:"
    yield "          type: integer"
    yield from _described(column)
    yield f"          minimum: {column.minimum}"


def _described(column: Column[Any]) -> Iterator[str]:
    if not column.description:
        return
    line = f"          description: {column.description}"
    if len(line) <= _WIDTH and ": " not in column.description:
        yield line
        return
    yield "          description: >-"
    yield from textwrap.wrap(column.description, _WIDTH, initial_indent=" " * 12, subsequent_indent=" " * 12)


def _page_columns(columns: Sequence[Column[Any]], views: Mapping[str, View]) -> str:
    shown = [_page_column(column, views) for column in columns if any(view in column.views for view in views.values())]
    return "".join(f"  {json.dumps(column)},\n" for column in shown)


def _page_column(column: Column[Any], views: Mapping[str, View]) -> dict[str, object]:
    known = {
        "name": column.name,
        "kind": column.kind.name.lower(),
        "unit": column.kind.unit,
        "rank": column.rank,
        "signed": column.signed,
        "lasting": not column.of_trades,
        "inside": column.inside,
        "views": {name: column.heading_in(view) for name, view in views.items() if view in column.views},
    }
    return {name: value for name, value in known.items() if value}


if __name__ == "__main__":
    main()
