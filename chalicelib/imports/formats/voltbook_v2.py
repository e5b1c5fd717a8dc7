"""CSV with the fields of a trade in the v2 form."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import BinaryIO, Final

from chalicelib.common.csv_records import UnreadableFile
from chalicelib.common.csv_writer import without_guards
from chalicelib.common.errors import InvalidTrade, Problem
from chalicelib.imports.formats.head import Head, encoding_of
from chalicelib.imports.formats.reading import Kind, Row, about
from chalicelib.imports.formats.separated import Layout, Table
from chalicelib.trades.statement import FIELDS, SHOWN, STATED, V1_FIELDS, fields_of_cells, parse_statement

_REQUIRED: Final = frozenset(field.name for field in FIELDS if field.required and field.read)
_TELLING: Final = frozenset({"delivery_start", "quantity_mw", "price_eur_mwh"})
_EXPORTED: Final = tuple(name for name in SHOWN if name not in STATED)
"""Columns of exported trades that a statement does not have."""
_AMBIGUOUS: Final = Problem("ambiguous_hour", "must not be true: nobody knows which of the two hours is meant")


class VoltbookV2:
    name = "voltbook-v2"
    kind = Kind.TRADES
    mapping: str | None = None
    recognised_by = f"the columns {', '.join(sorted(_REQUIRED))}"

    def recognises(self, head: Head) -> bool:
        return not head.found and set(head.columns(",")) >= _TELLING

    def likeness(self, head: Head) -> int:
        return len(_REQUIRED & set(head.columns(head.separator)))

    def read(self, content: BinaryIO, head: Head, file_day: date | None = None) -> Iterator[Row]:  # noqa: ARG002 - a Format
        table = Table(content, Layout(",", encoding_of(head, "utf-8")))
        names = table.columns
        missing = [name for name in STATED if name in _REQUIRED and name not in names]
        unknown = [name for name in names if name not in {*STATED, *_EXPORTED, *V1_FIELDS}]
        doubled = [name for name in STATED if names.count(name) > 1]
        faults = [
            *([f"missing columns: {', '.join(missing)}"] if missing else []),
            *([f"unknown columns: {', '.join(unknown)}; expected: {', '.join(STATED)}"] if unknown else []),
            *(f"{name} stands twice" for name in doubled),
        ]
        if faults:
            raise UnreadableFile(f"line {table.header_line} is not the header of {self.name}: {'; '.join(faults)}")
        stated = [(place, name) for place, name in enumerate(names) if name not in _EXPORTED]
        marked = names.index(_AMBIGUOUS.field) if _AMBIGUOUS.field in names else None
        for line, cells, problems in table.records():
            if problems:
                yield Row(line, problems=problems)
            else:
                ambiguous = marked is not None and cells[marked].lower() == "true"
                fields = {name: without_guards(cells[place]) for place, name in stated if cells[place]}
                yield _row(line, fields, ambiguous=ambiguous)


def _row(line: int, fields: dict[str, str], *, ambiguous: bool) -> Row:
    try:
        statement = parse_statement(fields_of_cells(fields))
    except InvalidTrade as invalid:
        return Row(line, problems=(*invalid.problems, *([_AMBIGUOUS] if ambiguous else [])), about=about(fields))
    return Row(line, problems=(_AMBIGUOUS,), about=about(fields)) if ambiguous else Row(line, (statement,))
