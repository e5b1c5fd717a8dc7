"""`voltbook files accept`: a person says that what is open of a file day is to stay as it is."""

from __future__ import annotations

from datetime import date

import click

from cli.lazy_group import command
from cli.options import Day, output_option, which_book
from cli.profiles import ConnectionOptions


@command(
    "accept",
    "voltbook files accept 2026-06-14",
    "voltbook files accept 2026-06-14 --footer",
    "voltbook files accept 2026-06-14 --yes -o json",
)
@click.argument("file_day", metavar="DAY", type=Day())
@click.option("--footer", is_flag=True, help="Count the text of the file's last line as blank from now on.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@output_option
@which_book
@click.pass_obj
def accept(connection: ConnectionOptions, file_day: date, footer: bool, yes: bool, output: str | None) -> int:
    """Accept what is open of the file of DAY, whatever it is; --book only.

    Quarantined rows stay out for good. A file that is held is imported, and
    trades that the newest file does not have are taken out of the book, where no
    other file has them. A day whose file will never come is no longer missing.

    Says what it will do and asks first. Prints the receipt. The exit code is 1
    where you answer no or there is nothing to accept, else as for
    `voltbook import`; who accepted what is in `voltbook audit list`.
    """
    from cli import exit_codes
    from cli.client import connect
    from cli.output.listing import Listing, write_listing
    from cli.render.receipts import COLUMNS, receipts_text, say_what_to_do
    from cli.terminal import agrees, say

    connect.refuse_over_http(connection, "files are accepted by the stage's operator, not over the API")

    def agreed(steps: list[str]) -> bool:
        say(f"Accepting the file of {file_day} will:")
        for step in steps:
            say(f"  - {step}")
        return yes or agrees("Do that?")

    with connect.opened(connection) as book:
        receipt = book.accept_file(file_day, footer, agreed)
    if receipt is None:
        say("nothing was changed")
        return exit_codes.FAILED
    write_listing(Listing(COLUMNS, [receipt], receipts_text), output or "table")
    say_what_to_do(receipt)
    return exit_codes.of_receipt(receipt)
