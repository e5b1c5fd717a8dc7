"""`voltbook trades`: list and show trades."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import ClassVar

import click

from cli.lazy_group import LazyGroup, command
from cli.options import Day, output_option, which_book
from cli.output.json import Json
from cli.profiles import ConnectionOptions


class _Trades(LazyGroup):
    examples = ("voltbook trades list --trader trader_1 --day 2026-06-14", "voltbook trades list -o json")
    lazy: ClassVar = {
        "list": (f"{__name__}:list_", "List trades of a trader, a day, or all."),
        "show": (f"{__name__}:show", "Show one trade or its history."),
        "book": ("cli.commands.trades_book:book", "Book one trade, or many from JSON."),
    }


@click.group(cls=_Trades)
def trades() -> None:
    """List, show and book trades."""


@command("list", "voltbook trades list --trader trader_1 --day 2026-06-14", "voltbook trades list -o csv > trades.csv")
@click.option("--trader", help="Only trades of this trader.")
@click.option("--day", type=Day(), help="Only trades delivered on this day.")
@output_option
@which_book
@click.pass_obj
def list_(connection: ConnectionOptions, trader: str | None, day: date | None, output: str | None) -> int:
    """List trades; those of a trader or a day are in order of delivery."""
    from chalicelib.trades.model import FIELDS
    from cli.client import connect
    from cli.output.listing import Listing, write_listing
    from cli.render.trades import trades_table

    with connect.opened(connection) as book:
        write_listing(Listing(FIELDS, book.list_trades(trader, day), trades_table), output)
    return 0


@command("show", "voltbook trades show T-1", "voltbook trades show T-1 --history -o json")
@click.argument("trade_id", metavar="ID")
@click.option("--history", is_flag=True, help="Show all revisions, newest first.")
@output_option
@which_book
@click.pass_obj
def show(connection: ConnectionOptions, trade_id: str, history: bool, output: str | None) -> int:
    """Show one trade; with --history, all its revisions with their sources."""
    from chalicelib.trades.model import FIELDS
    from cli.client import connect
    from cli.output.json import json_text
    from cli.output.listing import Listing, chosen, write, write_listing
    from cli.render.trades import trade_table

    with connect.opened(connection) as book:
        if history:
            _write_history(book.trade_history(trade_id), output)
            return 0
        found = book.show_trade(trade_id)
    if chosen(output) == "json":
        write(f"{json_text(found)}\n")
    else:
        write_listing(Listing(FIELDS, [found], lambda rows: trade_table(rows[0])), output)
    return 0


def _write_history(revisions: Sequence[Json], output: str | None) -> None:
    from cli.output.listing import Listing, chosen, write_listing
    from cli.render.trades import REVISION_COLUMNS, history_table, revision_row

    rows = revisions if chosen(output) == "json" else [revision_row(revision) for revision in revisions]
    write_listing(Listing(REVISION_COLUMNS, rows, history_table), output)
