"""`voltbook users`: logins for the API and the page."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import click

from chalicelib.access.identity import Role
from chalicelib.common.errors import Unavailable
from cli import exit_codes
from cli.client.connect import open_book
from cli.client.user_operations import needs_login
from cli.keys import is_key, new_key_file
from cli.lazy_group import group
from cli.options import book_command
from cli.output.json import Json
from cli.output.listing import write_listing
from cli.passwords import ask, ask_new, replace_stored
from cli.render.listings import keys_table, users_table
from cli.terminal import agrees, say

ROLES: Final = ("trader", "desk", "importer", "admin")
KEY_COLUMNS: Final = ("id", "label", "created_at", "last_used_at")
TOKEN_COLUMNS: Final = (*KEY_COLUMNS, "token")
USER_COLUMNS: Final = ("name", "role", "trader_id", "disabled")
_give_up_admin = click.option(
    "--give-up-admin", is_flag=True, help="Confirm that you end your own rights as admin; with --api."
)


@group("users", "voltbook users add anna --role trader --trader-id trader_1", "voltbook users list")
def users() -> None:
    """Add, list, change and disable logins and their API keys.

    On the book itself with its operator's rights; with --api as the login's role allows: admins manage all logins,
    everybody their own keys.
    """


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
    _write([open_book().add_user(name, ask_new(name, trader_id or ""), Role(role), trader_id)], output)


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
    open_book().set_password(name, ask_new(name))
    say(f"{name} has a new password")


@book_command(
    "password",
    "voltbook users password --profile prod",
    "voltbook users password --api https://book.example.com --user anna",
    of=users,
    output=False,
)
def password() -> None:
    """Change your own password, over the API.

    The old one is asked for, or taken from VOLTBOOK_PASSWORD or the keyring; the new one is asked for twice, or taken
    from VOLTBOOK_NEW_PASSWORD. A password in the keyring is replaced there too. Your keys stay valid.
    """
    book = open_book()
    login = book.login
    if login is None:
        raise needs_login()
    if login.user is None:
        raise click.UsageError("a key does not say whose password to change: add --user NAME")
    secret = login.secret()
    old = ask(f"password of {login.user}", "VOLTBOOK_PASSWORD") if is_key(secret) else secret
    new = ask_new(login.user)
    try:
        book.change_own_password(old, new)
    except Unavailable as error:
        message = f"{error.message}; the password may have been changed: try the new one first"
        raise Unavailable(message) from error
    if replace_stored(login.api, login.user, old, new):
        say("the keyring has the new password")
    say(f"{login.user} has a new password")


@book_command(
    "change",
    "voltbook users change anna --role desk",
    "voltbook users change ben --role trader --trader-id trader_2",
    of=users,
)
@click.argument("name")
@click.option("--role", type=click.Choice(ROLES), help="New role; a role other than trader ends the trader's book.")
@click.option("--trader-id", "--trader_id", "trader_id", help="New trader whose book the login may use.")
@_give_up_admin
def change(name: str, role: str | None, trader_id: str | None, give_up_admin: bool, output: str | None) -> None:
    """Change the role or the trader of a login. Requests may still use the old one for up to 60 seconds."""
    if role is None and trader_id is None:
        raise click.UsageError("there is nothing to change: give --role, --trader-id or both")
    _write([open_book().change_user(name, Role(role) if role else None, trader_id, give_up_admin)], output)


@book_command("disable", "voltbook users disable anna", "voltbook users disable anna --yes", of=users, output=False)
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
@_give_up_admin
def disable(name: str, yes: bool, give_up_admin: bool) -> int:
    """Disable a login. Requests may still succeed for up to 60 seconds.

    The last active admin cannot be disabled. The exit code is 1 if you answer no.
    """
    book = open_book()
    if not yes and not agrees(f"Disable {name}?"):
        say("nothing was changed")
        return exit_codes.FAILED
    book.disable_user(name, give_up_admin)
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
    "voltbook users add-key night_import --label server_1 --save night_import.key",
    "voltbook users add-key night_import -o json",
    of=users,
)
@click.argument("name")
@click.option("--label", help="Where the key is used, to tell it from others.")
@click.option(
    "--save",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write the token to a new FILE for --key-file, which nobody else can read, in place of printing it.",
)
def add_key(name: str, label: str | None, save: Path | None, output: str | None) -> None:
    """Add an API key of a login and print it, this once.

    A program sends the token as `Authorization: Bearer TOKEN`, and has the rights of the login. A login has at most two
    keys: to change a key, add another, use it, and revoke the old one.
    """
    book = open_book()
    if save is None:
        write_listing(TOKEN_COLUMNS, [book.add_key(name, label)], keys_table, output)
        say("this token is stored nowhere: keep it in your secrets store now")
        return
    with new_key_file(save) as write:
        key = book.add_key(name, label)
        write(key.pop("token"))
    write_listing(KEY_COLUMNS, [key], keys_table, output)
    say(f"the token is in {save} and nowhere else: use it with --key-file {save}")


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
