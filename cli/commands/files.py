"""`voltbook files`: list, show and confirm daily files."""

from __future__ import annotations

from datetime import date
from functools import partial

import click

from cli import exit_codes
from cli.client.connect import open_book
from cli.lazy_group import command, group
from cli.options import DAY, book_options, days_options
from cli.output.listing import chosen, write_listing, write_object
from cli.render.files import (
    SHOW_COLUMNS,
    WITHDRAWN_COLUMNS,
    file_rows,
    file_text,
    files_table,
    withdrawn_rows,
    withdrawn_table,
)
from cli.render.receipts import COLUMNS, receipts_text, say_advice
from cli.terminal import agrees, say


@group("files", "voltbook files list", "voltbook files show 2026-06-14")
def files() -> None:
    """List, show and accept the exchange's daily files, one for each file day."""


@command("list", "voltbook files list", "voltbook files list --start-day 2026-06-13 --end-day 2026-06-16", of=files)
@days_options("file day")
@book_options
def list_(start_day: date | None, end_day: date | None, output: str | None) -> None:
    """List file days with their newest receipts, newest first.

    Default: the last 30 days up to yesterday (Berlin). For a single day, give just
    one option.
    """
    found = open_book().list_files(start_day, end_day)
    if start_day is None and end_day is None:
        say("showing the last 30 file days; use --start-day for earlier ones")
    if not found:
        say("none")
    write_listing(COLUMNS, found, files_table, output)


@command(
    "show",
    "voltbook files show 2026-06-14",
    "voltbook files show 2026-06-14 --version 1",
    "voltbook files show 2026-06-14 -o json",
    of=files,
)
@click.argument("file_day", metavar="DAY", type=DAY)
@click.option("--version", type=click.IntRange(min=0), help="Show the quarantined rows and changes of this version.")
@book_options
def show(file_day: date, version: int | None, output: str | None) -> None:
    """Show the file of DAY with all its versions and notices.

    Quarantined rows are shown with their lines and all reasons, changes with the
    terms before and after and the effect in EUR: those of the newest version, or
    of the one given by --version. In CSV, `kind` distinguishes the rows.
    """
    found = open_book().show_file(file_day, version)
    as_text, as_rows = partial(file_text, version=version), partial(file_rows, version=version)
    write_object(found, chosen(output), as_text, SHOW_COLUMNS, as_rows)


@command(
    "confirm-withdrawn",
    "voltbook files confirm-withdrawn 2026-06-14",
    "voltbook files confirm-withdrawn 2026-06-14 --yes -o json",
    of=files,
)
@click.argument("file_day", metavar="DAY", type=DAY)
@click.option("--yes", is_flag=True, help="Do not ask.")
@book_options
def confirm_withdrawn(file_day: date, yes: bool, output: str | None) -> int:
    """Withdraw the trades that the newest file of DAY does not have; --book only.

    A held version is imported first. Withdrawn trades no longer count and stay in
    their history. Repeating it changes nothing. Prints the withdrawn trades; the
    exit code is 1 if you answer no.
    """
    receipt = open_book().confirm_withdrawn(file_day, agrees if not yes else lambda _: True)
    if receipt is None:
        say("nothing was changed")
        return exit_codes.FAILED
    rows = withdrawn_rows(receipt)
    trades = "1 trade is" if len(rows) == 1 else f"{len(rows)} trades are"
    say(f"{trades} withdrawn by version {receipt['version']} of the file of {file_day}")
    write_listing(WITHDRAWN_COLUMNS, rows, withdrawn_table, output)
    return exit_codes.DONE


@command(
    "accept",
    "voltbook files accept 2026-06-14",
    "voltbook files accept 2026-06-14 --footer",
    "voltbook files accept 2026-06-14 --yes -o json",
    of=files,
)
@click.argument("file_day", metavar="DAY", type=DAY)
@click.option("--footer", is_flag=True, help="Count the text of the file's last line as blank from now on.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@book_options
def accept(file_day: date, footer: bool, yes: bool, output: str | None) -> int:
    """Accept what is open of the file of DAY, whatever it is; --book only.

    Quarantined rows stay out for good. A file that is held is imported, and
    trades that the newest file does not have are taken out of the book, where no
    other file has them. A day whose file will never come is no longer missing.

    Says what it will do and asks first. Prints the receipt. The exit code is 1
    where you answer no or there is nothing to accept, else as for
    `voltbook import`; who accepted what is in `voltbook audit list`.
    """

    def agreed(steps: list[str]) -> bool:
        say(f"Accepting the file of {file_day} will:")
        for step in steps:
            say(f"  - {step}")
        return yes or agrees("Do that?")

    receipt = open_book().accept_file(file_day, footer, agreed)
    if receipt is None:
        say("nothing was changed")
        return exit_codes.FAILED
    write_listing(COLUMNS, [receipt], receipts_text, output or "table")
    say_advice(receipt)
    return exit_codes.of_receipt(receipt)
