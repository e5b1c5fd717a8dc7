"""`voltbook fees`: list and set the fees of the venues."""

from __future__ import annotations

from typing import BinaryIO

import click

from chalicelib.fees.model import FEE_FIELDS
from cli.client.connect import open_book
from cli.fee_input import fees_in
from cli.lazy_group import group
from cli.options import book_command
from cli.output.json import Json
from cli.output.listing import chosen, write_object
from cli.render.listings import fees_table
from cli.terminal import say


@group("fees", "voltbook fees list", "voltbook fees set fees.csv --revision 3")
def fees() -> None:
    """List and set what the venues charge for a MWh."""


@book_command("list", "voltbook fees list", "voltbook fees list -o json --output fees.json", of=fees)
def list_(output: str | None) -> None:
    """List the fee rates of all venues, with their revision, which counts the changes.

    The JSON and the CSV can be changed and set again.
    """
    _write(open_book().list_fees(), output)


@book_command(
    "set",
    "voltbook fees set fees.json",
    "voltbook fees set fees.csv --revision 3",
    "voltbook fees set - < fees.csv",
    of=fees,
)
@click.argument("source", metavar="FILE", type=click.File("rb"))
@click.option(
    "--revision",
    type=click.IntRange(min=0),
    metavar="N",
    help="Revision that FILE was made from (default: that of a JSON file, else 0, before the first).",
)
def set_(source: BinaryIO, revision: int | None, output: str | None) -> None:
    """Replace all fee rates by those of a FILE, CSV or JSON (- for stdin). Admins only.

    The columns are venue, kind (trading, clearing or other), valid_from (the first delivery day) and rate_eur_mwh (up
    to 4 decimals). A rate is valid until the next one of its venue and kind. If somebody else has changed the fees
    since that revision, nothing is changed: list them again. Setting the same fees again changes nothing. Prints the
    fees as they are now.
    """
    new = fees_in(source.read(), revision)
    _write(open_book().set_fees(new), output)


def _write(found: Json, output: str | None) -> None:
    form = chosen(output)
    if form != "json":
        say(f"revision {found['revision']}{'' if found['fees'] else ': no fees'}")
    write_object(found, form, lambda shown: f"{fees_table(shown['fees'])}\n", FEE_FIELDS, lambda shown: shown["fees"])
