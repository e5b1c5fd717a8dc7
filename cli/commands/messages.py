"""`voltbook notices` and `voltbook morning`: messages to the desk."""

from __future__ import annotations

from datetime import date

import click

from chalicelib.common.names import DAILY_NAME
from cli.client.connect import open_book
from cli.lazy_group import command
from cli.options import DAY, book_command, output_options, which_book
from cli.output.listing import chosen, write, write_json, write_listing
from cli.output.table import time_cell
from cli.render.listings import NOTICE_COLUMNS, notices_table, notices_text
from cli.terminal import say, warn_of_topics


@book_command("notices", "voltbook notices", "voltbook notices --days 7 --bodies")
@click.option("--days", type=click.IntRange(1, 366), default=30, show_default=True, help="Number of file days.")
@click.option("--bodies", is_flag=True, help="Show the full text instead of a table.")
def notices(days: int, bodies: bool, output: str | None) -> None:
    """List the notices about the last file days of all feeds, the last written first; --book only.

    Unsent notices are sent by the next poll, or by `voltbook check`.
    """
    book = open_book()
    found = book.list_notices(days)
    as_table = notices_text if bodies else notices_table
    columns = (*NOTICE_COLUMNS, *(["body"] if bodies else []), "feed")
    if chosen(output or ("table" if bodies else None)) == "csv":
        found = [{"feed": DAILY_NAME, **notice} for notice in found]
    write_listing(columns, found, as_table, output or ("table" if bodies else None))
    if any(notice["sent_at"] is None for notice in found):
        warn_of_topics(topic for topic in book.topics_without_receiver() if topic.endswith("-notices"))


@command("morning", "voltbook morning 2026-06-15", "voltbook morning 2026-06-15 -o html > mail.html")
@click.argument("day", default="yesterday", type=DAY)
@output_options(("text", "html", "json"), "text for the topic; html is for e-mail, json has both")
@which_book
def morning(day: date, output: str | None) -> None:
    """Print the morning mail of delivery DAY as it would be written now; --book only.

    Default: yesterday (Berlin). Nothing is sent: the stage sends the mail once the day's data is complete, at the
    latest when its files are late (08:00 in Berlin by default), and again when the state or the numbers change. Mails
    that were sent are listed on stderr.
    """
    mail = open_book().morning(day)
    say(f"subject: {mail['subject']}")
    for letter in mail["letters"]:
        sent = f"sent at {time_cell(letter['sent_at'])}" if letter["sent_at"] else "not sent yet"
        say(f"version {letter['version']} by {letter['channel']}: {sent}")
    if not mail["letters"]:
        say("no mail was sent about this day")
    if output == "json":
        write_json(mail)
    else:
        write(mail[output or "text"])
