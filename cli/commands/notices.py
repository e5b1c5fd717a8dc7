"""`voltbook notices`: what the desk was told, and what still waits to be sent."""

from __future__ import annotations

import click

from cli.help import command
from cli.options import output_option, which_book
from cli.profiles import ConnectionOptions


@command("notices", "voltbook notices", "voltbook notices --days 7 --bodies")
@click.option("--days", type=click.IntRange(1, 366), default=30, show_default=True, help="Of how many file days.")
@click.option("--bodies", is_flag=True, help="Show each in full, not in a table.")
@output_option
@which_book
@click.pass_obj
def notices(connection: ConnectionOptions, days: int, bodies: bool, output: str | None) -> int:
    """List the notices on the last file days, the newest first; --book only.

    One that is unsent is sent by the next look: voltbook check.
    """
    from cli import books
    from cli.render.notices import COLUMNS, notices_table, notices_text
    from cli.render.output import Listing, write_listing

    with books.opened(connection) as book:
        found = book.list_notices(days)
    as_table = notices_text if bodies else notices_table
    columns = (*COLUMNS, "body") if bodies else COLUMNS
    write_listing(Listing(columns, found, as_table), output or ("table" if bodies else None))
    return 0
