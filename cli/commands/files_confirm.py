"""`voltbook files confirm-withdrawn`: a person says that what the exchange took back is meant so."""

from __future__ import annotations

from datetime import date

import click

from cli.help import command
from cli.options import Day, output_option, which_book
from cli.profiles import ConnectionOptions


@command(
    "confirm-withdrawn",
    "voltbook files confirm-withdrawn 2026-06-14",
    "voltbook files confirm-withdrawn 2026-06-14 --yes -o json",
)
@click.argument("file_day", metavar="DAY", type=Day())
@click.option("--yes", is_flag=True, help="Do not ask.")
@output_option
@which_book
@click.pass_obj
def confirm_withdrawn(connection: ConnectionOptions, file_day: date, yes: bool, output: str | None) -> int:
    """Take the trades that the newest file of DAY lacks out of the book; --book only.

    A version that is held is imported first. Withdrawn trades count for nothing
    and stay readable in their history. Doing it again changes nothing. Prints the
    trades that are withdrawn; the exit code is 1 where you answer no.
    """
    from cli import books, exits
    from cli.render.files import WITHDRAWN_COLUMNS, withdrawn_rows, withdrawn_table
    from cli.render.output import Listing, write_listing
    from cli.terminal import agrees, say

    with books.opened(connection) as book:
        receipt = book.confirm_withdrawn(file_day, agrees if not yes else lambda _: True)
    if receipt is None:
        say("nothing was changed")
        return exits.FAILED
    rows = withdrawn_rows(receipt)
    trades = "1 trade is" if len(rows) == 1 else f"{len(rows)} trades are"
    say(f"{trades} withdrawn by version {receipt['version']} of the file of {file_day}")
    write_listing(Listing(WITHDRAWN_COLUMNS, rows, withdrawn_table), output)
    return exits.DONE
