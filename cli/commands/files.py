"""`voltbook files`: what became of the daily files."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

import click

from cli.help import command
from cli.lazy import LazyGroup
from cli.options import Day, output_option, which_book
from cli.profiles import ConnectionOptions


class _Files(LazyGroup):
    examples = ("voltbook files list", "voltbook files show 2026-06-14")
    lazy: ClassVar = {
        "list": (f"{__name__}:list_", "List file days with their newest receipts."),
        "show": (f"{__name__}:show", "Show all that is known of one file day."),
        "accept": ("cli.commands.files_accept:accept", "Accept what is open of one file day."),
        "confirm-withdrawn": (
            "cli.commands.files_confirm:confirm_withdrawn",
            "Withdraw the trades that a newer file lacks.",
        ),
    }


@click.group(cls=_Files)
def files() -> None:
    """What became of the exchange's daily files, one a file day."""


@command(
    "list",
    "voltbook files list",
    "voltbook files list --start-day 2026-06-13 --end-day 2026-06-16",
)
@click.option("--start-day", "--start_day", "start_day", type=Day(), help="First file day.")
@click.option("--end-day", "--end_day", "end_day", type=Day(), help="Last file day, itself included.")
@output_option
@which_book
@click.pass_obj
def list_(connection: ConnectionOptions, start_day: date | None, end_day: date | None, output: str | None) -> int:
    """List file days with their newest receipts, the newest day first.

    Without days it is the last 30 up to yesterday in Berlin; of one day only the
    one is needed.
    """
    from cli import books
    from cli.render.files import files_table
    from cli.render.output import Listing, write_listing
    from cli.render.receipts import COLUMNS
    from cli.terminal import say

    with books.opened(connection) as book:
        found = book.list_files(start_day, end_day)
    if start_day is None and end_day is None:
        say("the last 30 file days; earlier ones with --start-day")
    if not found:
        say("none")
    write_listing(Listing(COLUMNS, found, files_table), output)
    return 0


@command(
    "show",
    "voltbook files show 2026-06-14",
    "voltbook files show 2026-06-14 --version 1",
    "voltbook files show 2026-06-14 -o json",
)
@click.argument("file_day", metavar="DAY", type=Day())
@click.option("--version", type=click.IntRange(min=0), help="Show the rows and changes of this version.")
@output_option
@which_book
@click.pass_obj
def show(connection: ConnectionOptions, file_day: date, version: int | None, output: str | None) -> int:
    """Show what became of the file of DAY, each version of it, and what the desk was told.

    Quarantined rows are named by their lines with every reason, and what changed
    by trade, with the terms before and after and the effect in EUR: those of the
    newest version, or of the one that --version names. As csv, `kind` tells the
    rows apart.
    """
    from chalicelib.domain.csv_text import csv_lines
    from cli import books
    from cli.render.files import SHOW_COLUMNS, file_rows, file_text
    from cli.render.json import json_text
    from cli.render.output import chosen, write

    with books.opened(connection) as book:
        found = book.show_file(file_day, version)
    form = chosen(output)
    if form == "table":
        write(file_text(found, version))
    elif form == "json":
        write(f"{json_text(found)}\n")
    else:
        write("".join(csv_lines(SHOW_COLUMNS, file_rows(found, version))))
    return 0
