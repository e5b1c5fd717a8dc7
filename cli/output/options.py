"""Output options of a report: format, file, page, and which of them exclude each other."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Final

import click

from chalicelib.common.csv_writer import csv_lines
from chalicelib.reports.valued_columns import VALUED_NUMBERS
from cli.options import output_options
from cli.output.grid import Grid
from cli.output.json import json_text
from cli.output.listing import chosen, output_file
from cli.output.page import WIDTH, Page
from cli.profiles import FORMATS
from cli.terminal import at_terminal, in_colour

BINARY: Final = ("xlsx", "parquet")
REPORT_FORMATS: Final = (*FORMATS, *BINARY)


@dataclass(frozen=True, slots=True)
class OutputOptions:
    form: str
    plain: bool = False
    decimal_comma: bool = False


def report_output_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add `-o`, `--output`, `--plain` and `--decimal-comma`, and pass the resulting `options`."""

    @click.option("--plain", is_flag=True, help="Table for screen readers and grep: all columns, no lines or colours.")
    @click.option(
        "--decimal-comma", is_flag=True, help="CSV for German spreadsheets: `;` between fields, decimal comma."
    )
    @wraps(command)
    def resolved(*args: object, output: str | None, plain: bool, decimal_comma: bool, **others: object) -> object:
        return command(*args, **others, options=_resolved(output, plain=plain, decimal_comma=decimal_comma))

    return output_options(REPORT_FORMATS)(resolved)


def _resolved(output: str | None, *, plain: bool, decimal_comma: bool) -> OutputOptions:
    if plain and decimal_comma:
        raise click.UsageError("--plain is for tables and --decimal-comma for CSV: give one of them")
    form = output or ("table" if plain else "csv" if decimal_comma else chosen(None))
    if plain and form != "table":
        raise click.UsageError(f"--plain requires -o table, not {form}")
    if decimal_comma and form != "csv":
        raise click.UsageError(f"--decimal-comma requires -o csv, not {form}")
    if form in BINARY and output_file() is None and at_terminal(sys.stdout):
        raise click.UsageError(f"{form} cannot be shown on a terminal: add --output FILE")
    return OutputOptions(form, plain, decimal_comma)


def page_of(options: OutputOptions) -> Page:
    if output_file() is not None or options.plain:
        return Page(WIDTH, plain=options.plain)
    return Page(shutil.get_terminal_size((WIDTH, 24)).columns, in_colour())


def render(
    as_json: Callable[[], object], options: OutputOptions, as_table: Callable[[], str], as_grid: Callable[[], Grid]
) -> str | bytes:
    match options.form:
        case "table":
            return as_table()
        case "json":
            return f"{json_text(as_json())}\n"
        case "xlsx":
            from cli.output.xlsx import workbook

            return workbook(as_grid())
        case "parquet":
            from cli.output.parquet import parquet

            return parquet(as_grid())
    grid = as_grid()
    return "".join(csv_lines(grid.columns, grid.rows, VALUED_NUMBERS, decimal_comma=options.decimal_comma))
