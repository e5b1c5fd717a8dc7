"""Output of rows to stdout; the default is a table on a terminal and CSV when piped."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import click

from chalicelib.common.csv_writer import csv_lines
from cli.output.json import json_lines
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


@dataclass(frozen=True, slots=True)
class Listing:
    """Rows, their columns, and how to draw them as a table."""

    columns: Sequence[str]
    rows: Iterable[Row]
    as_table: Callable[[Sequence[Row]], str]


def write_listing(listing: Listing, output: str | None) -> None:
    """Write rows one by one; a table needs all of them, to align its columns."""
    form = chosen(output)
    if form == "table":
        write(f"{listing.as_table(list(listing.rows))}\n")
        return
    pieces = json_lines(listing.rows) if form == "json" else csv_lines(listing.columns, listing.rows)
    for piece in pieces:
        write(piece)
