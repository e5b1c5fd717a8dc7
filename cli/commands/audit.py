"""`voltbook audit`: what administrators did."""

from __future__ import annotations

import click

from cli.lazy_group import command, group
from cli.options import book_options
from cli.profiles import ConnectionOptions


@group(
    "voltbook audit list",
    "voltbook audit list --days 7 -o json",
    commands={"list": (f"{__name__}:list_", "List what administrators did.")},
)
def audit() -> None:
    """List what administrators did; --book only."""


@command("list", "voltbook audit list", "voltbook audit list --days 7 -o json")
@click.option("--days", type=click.IntRange(1, 3660), default=30, show_default=True, help="Number of days.")
@book_options
def list_(connection: ConnectionOptions, days: int, output: str | None) -> None:
    """List each act with its time, its user and the state before and after, newest first.

    Acts are logins added or disabled, passwords set, withdrawals confirmed, files accepted, prices set by hand, and
    repairs and imports of a whole book. An entry is written in the same transaction as the act, and holds no passwords.
    """
    from cli.client import connect
    from cli.output.listing import write_listing
    from cli.render.listings import AUDIT_COLUMNS, audit_table

    with connect.opened(connection) as book:
        found = book.list_audit(days)
    write_listing(AUDIT_COLUMNS, found, audit_table, output)
