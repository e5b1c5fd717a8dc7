"""`voltbook check`: one look for daily files, by hand."""

from __future__ import annotations

from datetime import datetime

import click

from cli.help import command
from cli.options import Instant, Wish, output_option, which_book


@command("check", "voltbook check", "voltbook check --at 2026-11-24T08:00")
@click.option("--at", type=Instant(), help="Look as if it were then: in Berlin, or with Z or an offset.")
@output_option
@which_book
@click.pass_obj
def check(wish: Wish, at: datetime | None, output: str | None) -> int:
    """Look for the daily files of the last seven days once, as the stage does every half hour.

    Imports what is there and not in the book, tells the desk what is late from
    08:00 in Berlin, and sends the notices that were not sent. With --at all this
    is done in earnest, only the clock is set.

    Prints lines, also when piped, unless -o says otherwise. The exit code is that
    of the worst import, as for `voltbook import`; a late file alone is 0.
    """
    from cli import books, exits
    from cli.render.csv import csv_lines
    from cli.render.json import json_text
    from cli.render.look import COLUMNS, look_rows, look_text
    from cli.render.output import write
    from cli.render.receipts import say_what_to_do

    with books.opened(wish) as book:
        looked = book.check(at)
    if output == "csv":
        write("".join(csv_lines(COLUMNS, look_rows(looked))))
    else:
        write(f"{json_text(looked)}\n" if output == "json" else look_text(looked))
    code = exits.DONE
    for receipt in looked["imported"]:
        say_what_to_do(receipt)
        code = exits.worst(code, exits.of_receipt(receipt))
    return code
