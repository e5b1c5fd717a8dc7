"""Workbooks: numbers are numbers as long as a spreadsheet can hold them exactly, and every column has its kind."""

from __future__ import annotations

import io
import sys
from datetime import date, datetime
from typing import Any

import openpyxl
import pytest

from chalicelib.reports.column import Kind
from cli.client.report import cell as cell_of
from cli.output.grid import Grid
from cli.output.parquet import PARQUET_TYPES
from cli.output.xlsx import NUMBER_FORMATS, workbook
from tests.cli.conftest import CommandLine
from tests.cli.open_books import FakeBook, a_report

ABOUT = {"as_of": "2026-06-17T06:00:00Z"}


def cell(column: str, value: object) -> Any:
    grid = Grid("report", [column], [{column: cell_of(column, value)}], ABOUT)
    book = openpyxl.load_workbook(io.BytesIO(workbook(grid)))
    return book["report"]["A2"]


@pytest.mark.parametrize(
    ("column", "value", "held", "shape"),
    [
        ("trades", 3, 3, "#,##0"),
        ("pnl_eur", "-1234.50", -1234.5, "#,##0.00"),
        ("pnl_eur", "9999999999.99", 9999999999.99, "#,##0.00"),
        ("buy_mw", "10", 10, "#,##0"),
        ("buy_mw", "3.5", 3.5, "#,##0.0##"),
        ("delivery_day", "2026-06-15", datetime(2026, 6, 15), "yyyy-mm-dd"),  # noqa: DTZ001 - a workbook has no zones
        (
            "start",
            "2026-06-14T22:00:00Z",
            datetime(2026, 6, 14, 22),  # noqa: DTZ001 - as above; the format says Z
            'yyyy-mm-dd"T"hh:mm:ss"Z"',
        ),
        ("vwap_buy", None, None, "General"),
        ("pnl_eur", "9999999999999.99", 9999999999999.99, "#,##0.00"),
        ("pnl_eur", "-10000000000000.01", "-10000000000000.01", "General"),
        ("trades", 999_999_999_999_999, 999_999_999_999_999, "#,##0"),
        ("trades", 9_007_199_254_740_993, "9007199254740993", "General"),
        ("pnl_eur", "12345678901234567890.12", "12345678901234567890.12", "General"),
        ("label", "=cmd|'/c calc'", "'=cmd|'/c calc'", "General"),
        ("label", "https://example.com", "https://example.com", "General"),
    ],
)
def test_a_cell(column: str, value: object, held: object, shape: str) -> None:
    found = cell(column, value)
    assert (found.value, found.number_format, found.hyperlink) == (held, shape, None)
    assert found.data_type != "f"


def test_the_same_report_is_the_same_file() -> None:
    grid = Grid("report", ["label"], [{"label": "x"}], ABOUT)
    assert workbook(grid) == workbook(grid)


def test_every_kind_of_column_has_a_type_in_files() -> None:
    assert set(PARQUET_TYPES) == set(Kind)
    assert set(NUMBER_FORMATS) == set(Kind) - {Kind.TEXT, Kind.NAMES}


@pytest.mark.parametrize(("form", "package"), [("xlsx", "xlsxwriter"), ("parquet", "duckdb")])
def test_what_is_not_installed_says_in_one_line_how_to_get_it(
    form: str, package: str, book: FakeBook, run: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    book.reports = [a_report((), date(2026, 6, 15))]
    result = run("report", "-o", form)
    assert result.exit_code == 2
    assert f"{package} is not installed: run .venv/bin/pip install -e '.[{form}]'" in result.stderr
