"""How a report is to be printed: format, file, page; the options for it, and what does not go together."""

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
class Manner:
    """What the options say; `form` is the format they come to."""

    form: str
    file: Path | None = None
    plain: bool = False
    decimal_comma: bool = False


def manner_options(command: F) -> F:
    """Add `-o`, `--output`, `--plain` and `--decimal-comma`."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


_OPTIONS: tuple[Callable[[Any], Any], ...] = (
    click.option(
        "-o",
        "--format",
        "output",
        type=click.Choice(REPORT_FORMATS),
        help="How to print: a table on a terminal and csv when piped, unless said.",
    ),
    click.option(
        "--output",
        "file",
        metavar="FILE",
        type=click.Path(path_type=Path),
        help="Write to FILE, in place of what it holds; its suffix says the format where -o does not.",
    ),
    click.option("--plain", is_flag=True, help="A table for screen readers and grep: every column, nothing drawn."),
    click.option("--decimal-comma", is_flag=True, help="CSV as German spreadsheets open it: `;` and `,`."),
)


def manner_of(output: str | None, file: Path | None, *, plain: bool, decimal_comma: bool) -> Manner:
    """Settle what the options say; raises UsageError for what does not go together."""
    from cli.output.listing import chosen
    from cli.output.output_file import check_destination, form_of

    if plain and decimal_comma:
        raise click.UsageError("--plain is a table and --decimal-comma a csv: give one of them")
    otherwise = "table" if plain else "csv" if decimal_comma else chosen(None)
    form = form_of(output, file, otherwise)
    if plain and form != "table":
        raise click.UsageError(f"--plain goes with -o table, not {form}")
    if decimal_comma and form != "csv":
        raise click.UsageError(f"--decimal-comma goes with -o csv, not {form}")
    check_destination(form, file)
    return Manner(form, file, plain, decimal_comma)


def page_of(manner: Manner) -> Page:
    """Give the page to draw a table on: the terminal's, or one of the usual width for a file."""
    from cli.output.page import WIDTH, Page
    from cli.terminal import in_colour

    if manner.file is not None or manner.plain:
        return Page(WIDTH, plain=manner.plain)
    return Page(shutil.get_terminal_size((WIDTH, 24)).columns, in_colour())


def render(
    found: Mapping[str, Any], manner: Manner, as_table: Callable[[], str], as_grid: Callable[[], Grid]
) -> str | bytes:
    """Give a report or a scorecard in its JSON shape in the format that is wanted."""
    if manner.form == "table":
        return as_table()
    if manner.form == "json":
        from cli.output.json import json_text

        return f"{json_text(found)}\n"
    return _of_grid(as_grid(), manner)


def _of_grid(grid: Grid, manner: Manner) -> str | bytes:
    if manner.form == "xlsx":
        from cli.output.xlsx import workbook

        return workbook(grid)
    if manner.form == "parquet":
        from cli.output.parquet import parquet

        return parquet(grid)
    from chalicelib.domain.csv_text import csv_lines

    return "".join(csv_lines(grid.columns, grid.rows, decimal_comma=manner.decimal_comma))
