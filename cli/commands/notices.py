"""`voltbook notices`: list notices, sent and unsent."""

from __future__ import annotations

import click

from cli.lazy_group import command
from cli.options import book_options
from cli.profiles import ConnectionOptions


@command("notices", "voltbook notices", "voltbook notices --days 7 --bodies")
@click.option("--days", type=click.IntRange(1, 366), default=30, show_default=True, help="Number of file days.")
@click.option("--bodies", is_flag=True, help="Show the full text instead of a table.")
@book_options
def notices(connection: ConnectionOptions, days: int, bodies: bool, output: str | None) -> None:
    """List the notices about the last file days, newest first; --book only.

    Unsent notices are sent by the next poll, or by `voltbook check`.
    """
    from cli.client import connect
    from cli.output.listing import write_listing
    from cli.render.listings import NOTICE_COLUMNS, notices_table, notices_text

    with connect.opened(connection) as book:
        found = book.list_notices(days)
    as_table = notices_text if bodies else notices_table
    columns = (*NOTICE_COLUMNS, "body") if bodies else NOTICE_COLUMNS
    write_listing(columns, found, as_table, output or ("table" if bodies else None))
