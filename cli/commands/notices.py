"""`voltbook notices`: what the desk was told, and what still waits to be sent."""

from __future__ import annotations

import click

from cli.lazy_group import command
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
    from cli.client import connect
    from cli.output.listing import Listing, write_listing
    from cli.render.listings import NOTICE_COLUMNS, notices_table, notices_text

    with connect.opened(connection) as book:
        found = book.list_notices(days)
    as_table = notices_text if bodies else notices_table
    columns = (*NOTICE_COLUMNS, "body") if bodies else NOTICE_COLUMNS
    write_listing(Listing(columns, found, as_table), output or ("table" if bodies else None))
    return 0
