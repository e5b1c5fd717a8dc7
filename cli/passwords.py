"""Passwords and keys from a variable, the system's keyring or a hidden prompt; never from an option: `ps` shows those.

The keyring needs the optional package `keyring`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from types import ModuleType

import click

from cli.environment import needed, variable
from cli.terminal import at_terminal, say


def ask_new(user: str, *about: str) -> str:
    """Return a new password, asked for twice; raises InvalidRequest if it is common or easy to guess.

    `about` lists what an attacker knows beside the name, such as the trader.
    """
    from chalicelib.access.password_policy import require_strong

    password = ask(f"new password of {user}", "VOLTBOOK_NEW_PASSWORD", confirm=True)
    require_strong(password, user, *about)
    return password


def ask(what: str, name: str, *, confirm: bool = False) -> str:
    password = variable(name)
    if password is not None:
        return password
    if not at_terminal(sys.stdin):
        raise click.UsageError(f"there is no terminal to ask for the {what}: set {name}")
    answer: str = click.prompt(what[0].upper() + what[1:], hide_input=True, confirmation_prompt=confirm, err=True)
    return answer


def ask_login(api: str, user: str) -> str:
    """Return the password of a login, or the key that the keyring has of it."""
    if variable("VOLTBOOK_PASSWORD") is None and (stored := stored_password(api, user)) is not None:
        return stored
    return ask(f"password of {user}", "VOLTBOOK_PASSWORD")


def stored_password(api: str, user: str) -> str | None:
    if find_spec("keyring") is None:
        return None
    import keyring
    from keyring.errors import KeyringError, NoKeyringError

    try:
        return keyring.get_password(_service(api), user)
    except NoKeyringError:
        return None
    except KeyringError as error:
        say(f"the system's keyring failed: {error}")
        return None


def store_password(api: str, user: str, password: str) -> None:
    with _keyring() as keyring:
        keyring.set_password(_service(api), user, password)


def replace_stored(api: str, user: str, old: str, new: str) -> bool:
    """Replace a password that the keyring has; return whether it has it."""
    if stored_password(api, user) != old:
        return False
    store_password(api, user, new)
    return True


def delete_password(api: str, user: str) -> bool:
    """Delete a stored password; return whether there was one."""
    with _keyring() as keyring:
        try:
            keyring.delete_password(_service(api), user)
        except keyring.errors.PasswordDeleteError:
            return False
    return True


@contextmanager
def _keyring() -> Iterator[ModuleType]:
    with needed("keyring", "keyring"):
        import keyring
        import keyring.errors
    try:
        yield keyring
    except keyring.errors.KeyringError as error:
        message = f"the system's keyring cannot be used ({error}): set VOLTBOOK_PASSWORD instead"
        raise click.UsageError(message) from error


def _service(api: str) -> str:
    return f"voltbook {api}"
