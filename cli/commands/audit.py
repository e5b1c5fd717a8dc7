"""`voltbook audit`: what administrators did, which nothing here can change."""

from __future__ import annotations

from typing import ClassVar

import click

from cli.lazy_group import LazyGroup, command
from cli.options import output_option, which_book
from cli.profiles import ConnectionOptions


class _Audit(LazyGroup):
    examples = ("voltbook audit list", "voltbook audit list --days 7 -o json")
    lazy: ClassVar = {"list": (f"{__name__}:list_", "List what administrators did.")}


@click.group(cls=_Audit)
def audit() -> None:
    """What administrators did; --book only."""


@command("list", "voltbook audit list", "voltbook audit list --days 7 -o json")
@click.option("--days", type=click.IntRange(1, 3660), default=30, show_default=True, help="Of how many days.")
@output_option
@which_book
@click.pass_obj
def list_(connection: ConnectionOptions, days: int, output: str | None) -> int:
    """List who did what, when, and how it was before and after, the newest first.

    Written together with the act: logins added, disabled and given a password, withdrawals confirmed, prices said by a
    person. Passwords are not in it.
    """
    from cli.client import connect
    from cli.output.listing import Listing, write_listing
    from cli.render.listings import AUDIT_COLUMNS, audit_table

    with connect.opened(connection) as book:
        found = book.list_audit(days)
    write_listing(Listing(AUDIT_COLUMNS, found, audit_table), output)
    return 0
