"""`voltbook trades`: list them, show one."""

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
        "list": (f"{__name__}:list_", "List trades, all or those of a trader or a day."),
        "show": (f"{__name__}:show", "Show one trade, and what was said of it before."),
        "book": ("cli.commands.trades_book:book", "Book one trade, or many from JSON."),
    }


@click.group(cls=_Trades)
def trades() -> None:
    """List, show and book trades."""


@command(
    "list",
    "voltbook trades list --trader trader_1 --day 2026-06-14",
    "voltbook trades list -o csv > trades.csv",
)
@click.option("--trader", help="Only this trader's.")
@click.option("--day", type=Day(), help="Only those that deliver on this day.")
@output_option
@which_book
@click.pass_obj
def list_(connection: ConnectionOptions, trader: str | None, day: date | None, output: str | None) -> int:
    """List trades, in delivery order where a trader or a day is named."""
    from chalicelib.domain.trade import FIELDS
    from cli.client import connect
    from cli.output.listing import Listing, write_listing
    from cli.render.trades import trades_table

    with connect.opened(connection) as book:
        write_listing(Listing(FIELDS, book.list_trades(trader, day), trades_table), output)
    return 0


@command("show", "voltbook trades show T-1", "voltbook trades show T-1 --history -o json")
@click.argument("trade_id", metavar="ID")
@click.option("--history", is_flag=True, help="Every word on it, the newest first.")
@output_option
@which_book
@click.pass_obj
def show(connection: ConnectionOptions, trade_id: str, history: bool, output: str | None) -> int:
    """Show one trade; with --history every word on it, corrections and their sources."""
    from chalicelib.domain.trade import FIELDS
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


def _write_history(words: Sequence[Json], output: str | None) -> None:
    from cli.output.listing import Listing, chosen, write_listing
    from cli.render.trades import WORD_COLUMNS, history_table, word_row

    rows = words if chosen(output) == "json" else [word_row(word) for word in words]
    write_listing(Listing(WORD_COLUMNS, rows, history_table), output)
