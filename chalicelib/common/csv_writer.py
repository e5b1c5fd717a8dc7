"""CSV as RFC 4180 has it, safe to open in a spreadsheet program."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from chalicelib.common.printable import shown

NUMBERS: Final = frozenset(
    {
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
        "effect_eur",
    }
)
"""Columns of trades, prices and receipts that hold numbers only; those of reports are in their catalogue."""
_NUMBER: Final = re.compile(r"-?\d+(\.\d+)?", re.ASCII)
_BOM: Final = "\ufeff"
RUN_BY_SPREADSHEETS: Final = (
    "=+-@\u207a\u207c\u208a\u208c\u2a75\u2a76\ufb29\ufe62\ufe63\ufe66\ufe6b\uff0b\uff0d\uff1d\uff20"
)
"""What a formula begins with, and what Unicode folds into it (NFKC): a Japanese Excel runs the full-width sign."""
_MAY_RUN: Final = re.compile(rf'(^ *|[,;|][ "]*)(?=[{re.escape(RUN_BY_SPREADSHEETS)}])')
"""Such a character where a cell begins, also for a program that takes another separator than the file has."""
_CUT_OFF: Final = ("\t", "\r")
"""What a spreadsheet program may drop at the start of a cell, before it looks for a formula."""


def csv_lines(
    columns: Sequence[str],
    rows: Iterable[Mapping[str, Any]],
    numbers: Collection[str] = NUMBERS,
    *,
    decimal_comma: bool = False,
) -> Iterator[str]:
    """Yield the header and a line a row, each with its CRLF; what does not exist is an empty cell.

    Columns named in `numbers` hold numbers, every other holds text, also one that is not known here. With
    `decimal_comma` as a German spreadsheet program opens it: `;` between cells, `,` in numbers, and a byte order mark,
    without which it takes UTF-8 for something else.
    """
    delimiter = ";" if decimal_comma else ","
    yield f"{_BOM if decimal_comma else ''}{_line(columns, delimiter)}"
    point = "," if decimal_comma else "."
    for row in rows:
        yield _line([_cell(row.get(name), point, is_number=name in numbers) for name in columns], delimiter)


def _cell(value: object, point: str, *, is_number: bool) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    if is_number and _NUMBER.fullmatch(text):
        return text.replace(".", point)
    return defused(text)


def defused(text: str) -> str:
    """Give text that a spreadsheet program shows and does not run, nor a terminal obeys."""
    guarded = _MAY_RUN.sub(r"\1'", text)
    return shown(f"'{guarded}" if text.startswith(_CUT_OFF) else guarded)


def _line(cells: Sequence[str], delimiter: str) -> str:
    held = io.StringIO()
    csv.writer(held, delimiter=delimiter).writerow(cells)
    return held.getvalue()
