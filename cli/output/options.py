"""Output options of a report: format, file, page, and which of them exclude each other."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli.profiles import REPORT_FORMATS

if TYPE_CHECKING:
    from cli.output.grid import Grid
    from cli.output.page import Page


@dataclass(frozen=True, slots=True)
class OutputOptions:
    form: str
    file: Path | None = None
    plain: bool = False
    decimal_comma: bool = False


_OPTIONS: tuple[Callable[[Any], Any], ...] = (
    click.option(
        "-o",
        "--format",
        "output",
        type=click.Choice(REPORT_FORMATS),
        help="Output format (default: table on a terminal, CSV when piped).",
    ),
    click.option(
        "--output",
        "file",
        metavar="FILE",
        type=click.Path(path_type=Path),
        help="Write to FILE, replacing it. Without -o, its suffix chooses the format.",
    ),
    click.option("--plain", is_flag=True, help="Table for screen readers and grep: all columns, no lines or colours."),
    click.option(
        "--decimal-comma", is_flag=True, help="CSV for German spreadsheets: `;` between fields, decimal comma."
    ),
)


def report_output_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add `-o`, `--output`, `--plain` and `--decimal-comma`, and pass the resulting `options`."""

    @wraps(command)
    def resolved(
        *args: object, output: str | None, file: Path | None, plain: bool, decimal_comma: bool, **others: object
    ) -> object:
        return command(*args, **others, options=_resolved(output, file, plain=plain, decimal_comma=decimal_comma))

    for option in reversed(_OPTIONS):
        resolved = option(resolved)
    return resolved


def _resolved(output: str | None, file: Path | None, *, plain: bool, decimal_comma: bool) -> OutputOptions:
    from cli.output.listing import chosen
    from cli.output.output_file import check_destination, form_of

    if plain and decimal_comma:
        raise click.UsageError("--plain is for tables and --decimal-comma for CSV: give one of them")
    form = form_of(output, file, "table" if plain else "csv" if decimal_comma else chosen(None))
    if plain and form != "table":
        raise click.UsageError(f"--plain requires -o table, not {form}")
    if decimal_comma and form != "csv":
        raise click.UsageError(f"--decimal-comma requires -o csv, not {form}")
    check_destination(form, file)
    return OutputOptions(form, file, plain, decimal_comma)


def page_of(options: OutputOptions) -> Page:
    from cli.output.page import WIDTH, Page
    from cli.terminal import in_colour

    if options.file is not None or options.plain:
        return Page(WIDTH, plain=options.plain)
    return Page(shutil.get_terminal_size((WIDTH, 24)).columns, in_colour())


def render(
    found: Mapping[str, Any], options: OutputOptions, as_table: Callable[[], str], as_grid: Callable[[], Grid]
) -> str | bytes:
    match options.form:
        case "table":
            return as_table()
        case "json":
            from cli.output.json import json_text

            return f"{json_text(found)}\n"
        case "xlsx":
            from cli.output.xlsx import workbook

            return workbook(as_grid())
        case "parquet":
            from cli.output.parquet import parquet

            return parquet(as_grid())
    from chalicelib.common.csv_writer import csv_lines
    from chalicelib.reports.columns import NUMBERS

    grid = as_grid()
    return "".join(csv_lines(grid.columns, grid.rows, NUMBERS, decimal_comma=options.decimal_comma))
