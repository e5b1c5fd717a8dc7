"""Trades as the command line states them: in options, in JSON, or in CSV."""

from __future__ import annotations

import csv
import re
from codecs import BOM_UTF8
from collections.abc import Mapping
from datetime import date
from json import JSONDecodeError, JSONDecoder
from typing import Final

from chalicelib.common.csv_records import column_count
from chalicelib.common.csv_writer import without_guards
from chalicelib.common.errors import InvalidJson, InvalidRequest
from chalicelib.common.foreign_format import describe_foreign_format
from chalicelib.common.strict_json import read_object
from chalicelib.trades.model import FIELDS as V1
from chalicelib.trades.statement import SHOWN, STATED, V1_FIELDS, fields_of_cells

Fields = dict[str, object]

_WHOLE: Final = re.compile(r"-?\d{1,15}", re.ASCII)
_NUMBERS: Final = frozenset({"price", "quantity", "delivery_hour", "venue_revision"})
_SHOWN_ONLY: Final = frozenset(SHOWN) - frozenset(STATED)
"""Fields that a list in the full form has and a statement has not."""
_NAMES: Final = tuple(dict.fromkeys((*STATED, *V1)))
_SPACE: Final = " \t\r\n"
_BETWEEN: Final = re.compile(r"[ \t\r\n,]*")
# Only finds where a value ends, so numbers of any length pass.
_DECODER: Final = JSONDecoder(parse_int=len, parse_float=len)


def fields_of(options: Mapping[str, str | date | None]) -> Fields:
    """Return the given fields; text in place of a number is kept, so that the error can name its field."""
    given = {name: str(value) for name, value in options.items() if value is not None}
    return {name: int(text) if name in _NUMBERS and _WHOLE.fullmatch(text) else text for name, text in given.items()}


def in_v1_form(fields: Fields) -> bool:
    """Check whether a trade is meant in the v1 form: it has fields of it, and none of the full form alone."""
    return any(name in V1_FIELDS for name in fields) and not any(name in STATED and name not in V1 for name in fields)


def fields_in(body: bytes) -> list[Fields]:
    """Parse one trade or many, in JSON or CSV; raises InvalidRequest or TooLarge before anything is booked."""
    first, _, _ = body.partition(b"\n")
    is_json = body.removeprefix(BOM_UTF8).lstrip().startswith((b"[", b"{"))
    if not is_json and (foreign := describe_foreign_format(first, _NAMES)):
        raise InvalidRequest(foreign)
    try:
        text = body.decode("utf-8-sig").strip(_SPACE)
    except UnicodeDecodeError as error:
        raise InvalidJson(f"the input must be UTF-8, byte {error.start} is not") from error
    if not text:
        raise InvalidJson("the input is empty: expected trades in JSON or CSV")
    if not is_json and "," in text:
        return _rows(text)
    elements = _elements(text) if text.startswith("[") else [text]
    return [_stated(read_object(element.encode("utf-8"))) for element in elements]


def _stated(fields: Fields) -> Fields:
    return fields if in_v1_form(fields) else {name: value for name, value in fields.items() if name not in _SHOWN_ONLY}


def _rows(text: str) -> list[Fields]:
    """Return the fields of each row of CSV; the columns are named by the first one."""
    try:
        columns, *rows = csv.reader(text.splitlines(), strict=True)
    except csv.Error as error:
        raise InvalidRequest(f"the input is neither JSON nor CSV: {error}") from error
    columns = [column.strip() for column in columns]
    if len(set(columns)) < len(columns) or "id" not in columns:
        raise InvalidRequest("line 1 is no header of trades in CSV: expected the names of fields, each once, with id")
    for number, row in enumerate(rows, 2):
        if row and len(row) != len(columns):
            raise InvalidRequest(f"line {number} {column_count(row, len(columns))}")
    return [_fields_of_row(dict(zip(columns, map(without_guards, row), strict=True))) for row in rows if row]


def _fields_of_row(cells: dict[str, str]) -> Fields:
    return fields_of(cells) if in_v1_form(dict(cells)) else _stated(fields_of_cells(cells))


def _elements(array: str) -> list[str]:
    """Return the text of each element of a JSON array, for the strict reader."""
    try:
        _DECODER.decode(array)
    except JSONDecodeError as error:
        raise InvalidJson(f"the input is not JSON: {error.msg}, at line {error.lineno}") from error
    except RecursionError as error:
        raise InvalidJson("the input is nested too deeply") from error
    elements, at = [], 1
    while (at := _BETWEEN.match(array, at).end()) < len(array) - 1:  # type: ignore[union-attr]  # matches anything
        end = _DECODER.raw_decode(array, at)[1]
        elements.append(array[at:end])
        at = end
    return elements
