"""The one place where data leaves: stdout, as a table for people and CSV for programs unless said."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import click

from chalicelib.domain.csv_text import csv_lines
from cli.output.json import json_lines
from cli.profiles import ConnectionOptions, settled
from cli.terminal import at_terminal, in_colour

Row = Mapping[str, Any]


def chosen(output: str | None) -> str:
    """Say how to print where `-o` does not: as the profile has it, else as fits who reads."""
    return output or _usual() or ("table" if at_terminal(sys.stdout) else "csv")


def _usual() -> str | None:
    context = click.get_current_context(silent=True)
    connection = context.find_object(ConnectionOptions) if context else None
    return settled(connection or ConnectionOptions()).output


def write(text: str) -> None:
    """Write to stdout, byte for byte; colours are in the text or not."""
    click.echo(text, nl=False, color=in_colour())


@dataclass(frozen=True, slots=True)
class Listing:
    """Rows and their columns, and how people see them."""

    columns: Sequence[str]
    rows: Iterable[Row]
    as_table: Callable[[Sequence[Row]], str]


def write_listing(listing: Listing, output: str | None) -> None:
    """Write rows as they come, except for a table, which must know them all to be aligned."""
    form = chosen(output)
    if form == "table":
        write(f"{listing.as_table(list(listing.rows))}\n")
        return
    pieces = json_lines(listing.rows) if form == "json" else csv_lines(listing.columns, listing.rows)
    for piece in pieces:
        write(piece)
