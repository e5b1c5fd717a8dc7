"""`voltbook check`: poll for daily files once."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

import click

from cli import exit_codes
from cli.client.connect import open_book
from cli.lazy_group import command
from cli.options import INSTANT, book_options
from cli.output.listing import write_object
from cli.render.poll import COLUMNS, poll_rows, poll_text
from cli.render.receipts import say_advice
from cli.terminal import agrees, say

_QUESTION: Final = (
    "--at is in the future: a notice of a file that is late by then is sent now, and not again when it is late. "
    "Continue?"
)


@command("check", "voltbook check", "voltbook check --at 2026-11-23T08:00")
@click.option("--at", type=INSTANT, help="Poll as of this time: Berlin time, or with Z or an offset.")
@click.option("--yes", is_flag=True, help="Do not ask if --at is in the future.")
@book_options
def check(at: datetime | None, yes: bool, output: str | None) -> int:
    """Poll for the daily files of the last seven days once, as the stage does every half hour.

    Imports new files, sends a notice for each file that is late (after 08:00 in
    Berlin), and sends notices that are still unsent. With --at files are imported
    and notices sent as well, as of that time. A time in the future is confirmed
    first: the notice of a late file is sent only once.

    Also imports the reference price files of those days, of today and of tomorrow,
    and lists each day of the last year that needs attention, and older days with
    an unfinished import. Prints lines, also when piped, unless -o is given. The
    exit code is that of the worst import, as for `voltbook import`, and 3 if a
    listed day has a file that is held, waiting, rejected or not finished, or
    quarantined rows. Late files alone do not change the exit code.
    """
    certain = yes or at is None or at <= datetime.now(UTC)
    polled = open_book().check(at, lambda: certain or agrees(_QUESTION))
    if polled is None:
        say("nothing was changed")
        return exit_codes.FAILED
    write_object(polled, output or "table", poll_text, COLUMNS, poll_rows)
    code = exit_codes.DONE
    for receipt in polled["imported"]:
        say_advice(receipt, output)
        code = exit_codes.worst(code, exit_codes.of_receipt(receipt))
    for day in polled["open"]:
        code = exit_codes.worst(code, exit_codes.of_open_day(day))
    rejected = any(one["reason"] is not None for one in polled.get("prices", ()))
    return exit_codes.worst(code, exit_codes.NEEDS_ATTENTION) if rejected else code
