"""Workbooks (xlsx): numbers stay numbers, days stay dates, and text is never run as a formula."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from chalicelib.common.csv_writer import spreadsheet_safe
from chalicelib.reports.column import Kind
from chalicelib.reports.valued_columns import VALUED_KINDS
from cli.environment import needed
from cli.output.grid import Grid

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

NUMBER_FORMATS: Final[Mapping[Kind, str]] = {
    Kind.DAY: "yyyy-mm-dd",
    Kind.INSTANT: 'yyyy-mm-dd"T"hh:mm:ss"Z"',
    Kind.COUNT: "#,##0",
    Kind.POWER: "#,##0.0##",
    Kind.ENERGY: "#,##0.0#####",
    Kind.MONEY: "#,##0.00",
    Kind.PRICE: "#,##0.00",
    Kind.PERCENT: "#,##0.00",
}
"""A whole number of MW or MWh is written as a count."""
_WHOLE: Final = NUMBER_FORMATS[Kind.COUNT]
_MAY_BE_WHOLE: Final = frozenset({Kind.COUNT, Kind.POWER, Kind.ENERGY})
_EXACT_DIGITS: Final = 15
"""Spreadsheet programs keep this many digits of a number; longer ones are written as text."""


def workbook(grid: Grid) -> bytes:
    with needed("xlsx", "xlsxwriter"):
        import xlsxwriter
    held = io.BytesIO()
    book = xlsxwriter.Workbook(held, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    # The time of the report, not of the writing: the same report is the same file.
    book.set_properties({"title": f"Voltbook {grid.title}", "created": _moment(grid.about["as_of"])})
    for sheet in (grid, *grid.others):
        _write_rows(book, sheet)
    _write_about(book, grid)
    book.close()
    return held.getvalue()


def _write_rows(book: Workbook, grid: Grid) -> None:
    sheet = book.add_worksheet(grid.title)
    bold = book.add_format({"bold": True})
    formats = cache(lambda shape: book.add_format({"num_format": shape}))
    for at, name in enumerate(grid.columns):
        sheet.write_string(0, at, name, bold)
        for line, row in enumerate(grid.rows, start=1):
            _write(sheet, line, at, _cell(name, row.get(name)), formats)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, len(grid.rows), len(grid.columns) - 1)
    sheet.autofit()


def _write_about(book: Workbook, grid: Grid) -> None:
    sheet = book.add_worksheet("about")
    for line, (name, value) in enumerate(grid.about.items()):
        sheet.write_string(line, 0, name)
        sheet.write_string(line, 1, spreadsheet_safe(value))
    sheet.autofit()


def _write(
    sheet: Worksheet, line: int, at: int, cell: tuple[Any, str | None], formats: Callable[[str], Format]
) -> None:
    value, shape = cell
    if isinstance(value, str):
        sheet.write_string(line, at, value)
    elif isinstance(value, Decimal):
        sheet.write_number(line, at, value, formats(shape or _WHOLE))
    elif value is not None:
        sheet.write_datetime(line, at, value, formats(shape or _WHOLE))


def _cell(name: str, value: object) -> tuple[Decimal | date | datetime | str | None, str | None]:
    kind = VALUED_KINDS[name]
    if value is None:
        return None, None
    if kind in {Kind.TEXT, Kind.NAMES}:
        return spreadsheet_safe(str(value)), None
    if kind is Kind.DAY:
        return date.fromisoformat(str(value)), NUMBER_FORMATS[kind]
    if kind is Kind.INSTANT:
        return _moment(str(value)), NUMBER_FORMATS[kind]
    number = value if isinstance(value, Decimal) else Decimal(str(value))
    if len(number.as_tuple().digits) > _EXACT_DIGITS:
        return str(value), None
    whole = kind in _MAY_BE_WHOLE and number == number.to_integral_value()
    return number, _WHOLE if whole else NUMBER_FORMATS[kind]


def _moment(instant: str) -> datetime:
    """Return the time without a zone, as workbooks have none: it is UTC, and its format shows that."""
    return datetime.fromisoformat(instant).astimezone(UTC).replace(tzinfo=None)
