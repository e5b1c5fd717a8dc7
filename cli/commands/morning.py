"""`voltbook morning`: the morning mail, to look at before or after it went out."""

from __future__ import annotations

from datetime import date

import click

from cli.lazy_group import command
from cli.options import Day, which_book
from cli.profiles import ConnectionOptions


@command("morning", "voltbook morning 2026-06-15", "voltbook morning 2026-06-15 -o html > mail.html")
@click.argument("day", required=False, type=Day())
@click.option(
    "-o",
    "--output",
    "output",
    type=click.Choice(("text", "html", "json")),
    default="text",
    show_default=True,
    help="Which part: what the topic gets, what a mail program shows, or all.",
)
@which_book
@click.pass_obj
def morning(connection: ConnectionOptions, day: date | None, output: str) -> int:
    """Print the morning mail of delivery DAY as it would be written now; --book only.

    Without DAY it is yesterday in Berlin. Nothing is sent: the stage does that by
    itself, once the day's data is complete, at 08:00 in Berlin at the latest, and
    again when the state or the numbers changed. What was sent stands on stderr.
    """
    from chalicelib import wiring
    from chalicelib.services.reporting import yesterday
    from cli.client import connect
    from cli.output.json import json_text
    from cli.output.listing import write
    from cli.terminal import say

    with connect.opened(connection) as book:
        mail = book.morning(day or yesterday(wiring.clock()))
    say(f"subject: {mail['subject']}")
    for letter in mail["letters"]:
        say(f"version {letter['version']} by {letter['channel']}: {_became(letter['sent_at'])}")
    if not mail["letters"]:
        say("nothing was sent about this day")
    write(f"{json_text(mail)}\n" if output == "json" else mail[output])
    return 0


def _became(sent_at: str | None) -> str:
    return f"sent at {sent_at}" if sent_at else "not sent yet"
