"""`voltbook notices` and `voltbook morning`: messages to the desk."""

from __future__ import annotations

from datetime import date

import click

from cli.lazy_group import command
from cli.options import Day, book_options, which_book
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


@command("morning", "voltbook morning 2026-06-15", "voltbook morning 2026-06-15 -o html > mail.html")
@click.argument("day", required=False, type=Day())
@click.option(
    "-o",
    "--output",
    "output",
    type=click.Choice(("text", "html", "json")),
    default="text",
    show_default=True,
    help="Output format: the text for the topic, the HTML for e-mail, or both as JSON.",
)
@which_book
@click.pass_obj
def morning(connection: ConnectionOptions, day: date | None, output: str) -> None:
    """Print the morning mail of delivery DAY as it would be written now; --book only.

    Default: yesterday (Berlin). Nothing is sent: the stage sends the mail once the
    day's data is complete, at 08:00 in Berlin at the latest, and again when the
    state or the numbers change. Mails that were sent are listed on stderr.
    """
    from chalicelib.common.clock import clock, yesterday
    from cli.client import connect
    from cli.output.listing import write, write_json
    from cli.terminal import say

    with connect.opened(connection) as book:
        mail = book.morning(day or yesterday(clock()))
    say(f"subject: {mail['subject']}")
    for letter in mail["letters"]:
        sent = f"sent at {letter['sent_at']}" if letter["sent_at"] else "not sent yet"
        say(f"version {letter['version']} by {letter['channel']}: {sent}")
    if not mail["letters"]:
        say("no mail was sent about this day")
    if output == "json":
        write_json(mail)
    else:
        write(mail[output])
