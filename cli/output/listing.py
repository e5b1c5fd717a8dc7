"""Output of rows to stdout; the default is a table on a terminal and CSV when piped."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import click

from chalicelib.common.csv_writer import csv_lines
from cli.output.json import json_lines, json_text
from cli.profiles import ConnectionOptions, resolve
from cli.terminal import at_terminal, in_colour

Row = Mapping[str, Any]


def chosen(output: str | None) -> str:
    """Return the format: `-o`, else the profile's, else table on a terminal and CSV when piped."""
    return output or _usual() or ("table" if at_terminal(sys.stdout) else "csv")


def _usual() -> str | None:
    context = click.get_current_context(silent=True)
    connection = context.find_object(ConnectionOptions) if context else None
    return resolve(connection or ConnectionOptions()).output


def write(text: str) -> None:
    """Write text to stdout unchanged; colours are part of it."""
    click.echo(text, nl=False, color=in_colour())


def write_json(value: object) -> None:
    write(f"{json_text(value)}\n")


def write_object(
    found: Row,
    form: str,
    as_text: Callable[[Row], str],
    columns: Sequence[str],
    as_rows: Callable[[Row], Iterable[Row]],
) -> None:
    if form == "json":
        write_json(found)
    else:
        write(as_text(found) if form == "table" else "".join(csv_lines(columns, as_rows(found))))


def write_listing(
    columns: Sequence[str], rows: Iterable[Row], as_table: Callable[[Sequence[Row]], str], output: str | None
) -> None:
    form = chosen(output)
    if form == "table":
        write(f"{as_table(list(rows))}\n")
        return
    for piece in json_lines(rows) if form == "json" else csv_lines(columns, rows):
        write(piece)
