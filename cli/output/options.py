"""Output options of a report: format, file, page, and which of them exclude each other."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from cli.profiles import REPORT_FORMATS

if TYPE_CHECKING:
    from cli.output.grid import Grid
    from cli.output.page import Page

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class OutputOptions:
    """The values of the options; `form` is the resulting format."""

    form: str
    file: Path | None = None
    plain: bool = False
    decimal_comma: bool = False


def report_output_options(command: F) -> F:
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


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


def resolve_output(output: str | None, file: Path | None, *, plain: bool, decimal_comma: bool) -> OutputOptions:
    """Return the resulting options; raises UsageError if they exclude each other."""
    from cli.output.listing import chosen
    from cli.output.output_file import check_destination, form_of

    if plain and decimal_comma:
        raise click.UsageError("--plain is for tables and --decimal-comma for CSV: give one of them")
    otherwise = "table" if plain else "csv" if decimal_comma else chosen(None)
    form = form_of(output, file, otherwise)
    if plain and form != "table":
        raise click.UsageError(f"--plain requires -o table, not {form}")
    if decimal_comma and form != "csv":
        raise click.UsageError(f"--decimal-comma requires -o csv, not {form}")
    check_destination(form, file)
    return OutputOptions(form, file, plain, decimal_comma)


def page_of(options: OutputOptions) -> Page:
    """Return the page for a table: as wide as the terminal, or of the default width for a file."""
    from cli.output.page import WIDTH, Page
    from cli.terminal import in_colour

    if options.file is not None or options.plain:
        return Page(WIDTH, plain=options.plain)
    return Page(shutil.get_terminal_size((WIDTH, 24)).columns, in_colour())


def render(
    found: Mapping[str, Any], options: OutputOptions, as_table: Callable[[], str], as_grid: Callable[[], Grid]
) -> str | bytes:
    if options.form == "table":
        return as_table()
    if options.form == "json":
        from cli.output.json import json_text

        return f"{json_text(found)}\n"
    return _of_grid(as_grid(), options)


def _of_grid(grid: Grid, options: OutputOptions) -> str | bytes:
    if options.form == "xlsx":
        from cli.output.xlsx import workbook

        return workbook(grid)
    if options.form == "parquet":
        from cli.output.parquet import parquet

        return parquet(grid)
    from chalicelib.common.csv_writer import csv_lines
    from chalicelib.reports.columns import NUMBERS

    return "".join(csv_lines(grid.columns, grid.rows, NUMBERS, decimal_comma=options.decimal_comma))
