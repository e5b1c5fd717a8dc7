"""`voltbook users`: logins for the API and the page."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Final

import click

from chalicelib.access.identity import Role
from cli import exit_codes
from cli.client.connect import open_book
from cli.lazy_group import group
from cli.options import book_command
from cli.output.json import Json
from cli.output.listing import write_listing
from cli.passwords import ask_new
from cli.render.listings import keys_table, users_table
from cli.terminal import agrees, say

ROLES: Final = ("trader", "desk", "importer", "admin")
KEY_COLUMNS: Final = ("id", "label", "created_at", "last_used_at")
TOKEN_COLUMNS: Final = (*KEY_COLUMNS, "token")
USER_COLUMNS: Final = ("name", "role", "trader_id", "disabled")


@group("users", "voltbook users add anna --role trader --trader-id trader_1", "voltbook users list")
def users() -> None:
    """Add, list, change and disable logins and their API keys; --book only."""


@book_command(
    "add",
    "voltbook users add anna --role trader --trader-id trader_1",
    "voltbook users add night_import --role importer",
    of=users,
)
@click.argument("name")
@click.option(
    "--role", required=True, type=click.Choice(ROLES), help="Role, which decides what the login may see and do."
)
@click.option(
    "--trader-id", "--trader_id", "trader_id", help="Trader whose book the login may use; for the role trader."
)
def add(name: str, role: str, trader_id: str | None, output: str | None) -> None:
    """Add a login.

    The password is asked for twice, or taken from VOLTBOOK_NEW_PASSWORD. It must have at least 12 characters, and must
    not be common or easy to guess.
    """
    added = open_book().add_user(name, Role(role), trader_id, partial(ask_new, name, trader_id or ""))
    _write([added], output)


@book_command("list", "voltbook users list", "voltbook users list -o json", of=users)
def list_(output: str | None) -> None:
    """List all logins, including disabled ones."""
    _write(open_book().list_users(), output)


@book_command("set-password", "voltbook users set-password anna", of=users, output=False)
@click.argument("name")
def set_password(name: str) -> None:
    """Set the password of a login.

    It is asked for twice, or taken from VOLTBOOK_NEW_PASSWORD. The old one may be accepted for up to 60 seconds.
    """
    open_book().set_password(name, partial(ask_new, name))
    say(f"{name} has a new password")


@book_command(
    "change",
    "voltbook users change anna --role desk",
    "voltbook users change ben --role trader --trader-id trader_2",
    of=users,
)
@click.argument("name")
@click.option("--role", type=click.Choice(ROLES), help="New role; a role other than trader ends the trader's book.")
@click.option("--trader-id", "--trader_id", "trader_id", help="New trader whose book the login may use.")
def change(name: str, role: str | None, trader_id: str | None, output: str | None) -> None:
    """Change the role or the trader of a login. Requests may still use the old one for up to 60 seconds."""
    if role is None and trader_id is None:
        raise click.UsageError("there is nothing to change: give --role, --trader-id or both")
    _write([open_book().change_user(name, Role(role) if role else None, trader_id)], output)


@book_command("disable", "voltbook users disable anna", "voltbook users disable anna --yes", of=users, output=False)
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
def disable(name: str, yes: bool) -> int:
    """Disable a login. Requests may still succeed for up to 60 seconds.

    The last active admin cannot be disabled. The exit code is 1 if you answer no.
    """
    if not open_book().disable_user(name, lambda: yes or agrees(f"Disable {name}?")):
        say("nothing was changed")
        return exit_codes.FAILED
    say(f"{name} is disabled")
    return exit_codes.DONE


@book_command("enable", "voltbook users enable anna", of=users, output=False)
@click.argument("name")
def enable(name: str) -> None:
    """Enable a disabled login; its password is the one it had."""
    open_book().enable_user(name)
    say(f"{name} is enabled")


@book_command(
    "add-key",
    "voltbook users add-key night_import --label server_1",
    "voltbook users add-key night_import -o json",
    of=users,
)
@click.argument("name")
@click.option("--label", help="Where the key is used, to tell it from others.")
def add_key(name: str, label: str | None, output: str | None) -> None:
    """Add an API key of a login and print it, this once.

    A program sends the token as `Authorization: Bearer TOKEN`, and has the rights of the login. A login has at most two
    keys: to change a key, add another, use it, and revoke the old one.
    """
    write_listing(TOKEN_COLUMNS, [open_book().add_key(name, label)], keys_table, output)
    say("this token is stored nowhere: keep it in your secrets store now")


@book_command("keys", "voltbook users keys night_import", "voltbook users keys night_import -o json", of=users)
@click.argument("name")
def keys(name: str, output: str | None) -> None:
    """List the API keys of a login with their last use, which is stored at most once a minute."""
    write_listing(KEY_COLUMNS, open_book().list_keys(name), keys_table, output)


@book_command("revoke-key", "voltbook users revoke-key night_import 0f1e2d3c4b5a6978", of=users, output=False)
@click.argument("name")
@click.argument("key_id", metavar="KEY-ID")
def revoke_key(name: str, key_id: str) -> None:
    """Revoke an API key. Requests may still succeed for up to 60 seconds."""
    open_book().revoke_key(name, key_id)
    say(f"key {key_id} of {name} is revoked")


def _write(rows: Sequence[Json], output: str | None) -> None:
    write_listing(USER_COLUMNS, rows, users_table, output)
