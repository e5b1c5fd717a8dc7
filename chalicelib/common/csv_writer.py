"""CSV (RFC 4180) that is safe to open in a spreadsheet program."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from chalicelib.common.printable import shown
from chalicelib.common.timestamps import format_utc

NUMBERS: Final = frozenset(
    {
        "quantity_mw",
        "effect_eur",
        "price_eur_mwh",
        "rate_eur_mwh",
    }
)
"""Columns of numbers that are text; `reports/columns.py` has those of reports. An integer is never run."""
_NUMBER: Final = re.compile(r"-?\d+(\.\d+)?", re.ASCII)
_BOM: Final = "\ufeff"
RUN_BY_SPREADSHEETS: Final = (
    "=+-@\u207a\u207c\u208a\u208c\u2a75\u2a76\ufb29\ufe62\ufe63\ufe66\ufe6b\uff0b\uff0d\uff1d\uff20"
)
"""First characters of a formula, and what NFKC folds into them: a Japanese Excel runs full-width signs."""
_CELL_START: Final = r'(^ *|[,;|][ "]*)'
"""Whichever separator the program assumes."""
_RUNS: Final = f"(?=[{re.escape(RUN_BY_SPREADSHEETS)}])"
_MAY_RUN: Final = re.compile(f"{_CELL_START}{_RUNS}")
_GUARD: Final = re.compile(f"{_CELL_START}'{_RUNS}")
_CUT_OFF: Final = ("\t", "\r")
"""Characters that a spreadsheet program may drop before it checks for a formula."""


def csv_lines(
    columns: Sequence[str],
    rows: Iterable[Mapping[str, Any]],
    numbers: Collection[str] = NUMBERS,
    *,
    decimal_comma: bool = False,
) -> Iterator[str]:
    """Yield the header and the rows with CRLF; a missing value is an empty cell.

    `decimal_comma` is for German spreadsheet programs: `;` between cells, `,` in numbers, and the byte order
    mark that UTF-8 needs there.
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
    if isinstance(value, int):
        return str(value)
    text = format_utc(value) if isinstance(value, datetime) else str(value)
    if is_number and _NUMBER.fullmatch(text):
        return text.replace(".", point)
    return spreadsheet_safe(text)


def spreadsheet_safe(text: str) -> str:
    """Return text that neither a spreadsheet program runs nor a terminal interprets."""
    guarded = _MAY_RUN.sub(r"\1'", text)
    return shown(f"'{guarded}" if text.startswith(_CUT_OFF) else guarded)


def without_guards(cell: str) -> str:
    """Return the text of an exported cell, without the apostrophes that keep a spreadsheet from running it."""
    return _GUARD.sub(r"\1", cell) if "'" in cell else cell


def _line(cells: Sequence[str], delimiter: str) -> str:
    line = io.StringIO()
    csv.writer(line, delimiter=delimiter).writerow(cells)
    return line.getvalue()
