"""`voltbook check`: one look for daily files, by hand."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

import click

from cli.lazy_group import command
from cli.options import Instant, output_option, which_book
from cli.profiles import ConnectionOptions

_QUESTION: Final = (
    "--at is later than now: a file that is late by then is told to the desk now, and not again when it is late. "
    "Look all the same?"
)


@command("check", "voltbook check", "voltbook check --at 2026-11-23T08:00")
@click.option("--at", type=Instant(), help="Look as if it were then: in Berlin, or with Z or an offset.")
@click.option("--yes", is_flag=True, help="Do not ask, where --at is later than now.")
@output_option
@which_book
@click.pass_obj
def check(connection: ConnectionOptions, at: datetime | None, yes: bool, output: str | None) -> int:
    """Look for the daily files of the last seven days once, as the stage does every half hour.

    Imports what is there and not in the book, tells the desk what is late from
    08:00 in Berlin, and sends the notices that were not sent. With --at all this
    is done in earnest, only the clock is set; later than now it asks first, since
    the desk is told of a late file once: the real alarm would be used up.

    Also imports the files of reference prices of those days, today and tomorrow,
    and names each day of the last year that is not in order, and every older one
    whose import did not end. Prints lines, also when piped, unless -o says
    otherwise. The exit code is that of the worst import, as for `voltbook import`,
    and 3 where a day named has a file that is held, waiting, rejected or not
    finished, or quarantined rows; a late file alone is 0.
    """
    from chalicelib.domain.csv_text import csv_lines
    from cli import exit_codes
    from cli.client import connect
    from cli.output.json import json_text
    from cli.output.listing import write
    from cli.render.poll import COLUMNS, look_rows, look_text
    from cli.render.receipts import say_notes, say_what_to_do
    from cli.terminal import agrees, say

    if at is not None and at > datetime.now(UTC) and not yes and not agrees(_QUESTION):
        say("nothing was changed")
        return exit_codes.FAILED
    with connect.opened(connection) as book:
        looked = book.check(at)
    if output == "csv":
        write("".join(csv_lines(COLUMNS, look_rows(looked))))
    else:
        write(f"{json_text(looked)}\n" if output == "json" else look_text(looked))
    code = exit_codes.DONE
    for receipt in looked["imported"]:
        if output in {"csv", "json"}:
            say_notes(receipt)
        say_what_to_do(receipt)
        code = exit_codes.worst(code, exit_codes.of_receipt(receipt))
    for day in looked["open"]:
        code = exit_codes.worst(code, exit_codes.of_open_day(day))
    rejected = any(one["reason"] is not None for one in looked.get("prices", ()))
    return exit_codes.worst(code, exit_codes.SET_ASIDE) if rejected else code
