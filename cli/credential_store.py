"""Passwords in the system's keyring, if the optional package `keyring` is installed."""

from __future__ import annotations

from importlib.util import find_spec

import click

from cli.optional_deps import needed
from cli.terminal import say


def kept_password(api: str, user: str) -> str | None:
    """Return the stored password of a login; None if there is none, or no keyring."""
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


def keep_password(api: str, user: str, password: str) -> None:
    with needed("keyring", "keyring"):
        import keyring
    from keyring.errors import KeyringError

    try:
        keyring.set_password(_service(api), user, password)
    except KeyringError as error:
        raise _unusable(error) from error


def forget_password(api: str, user: str) -> bool:
    """Delete the password of a login and return whether there was one; raises UsageError without a keyring."""
    with needed("keyring", "keyring"):
        import keyring
    from keyring.errors import KeyringError, PasswordDeleteError

    try:
        keyring.delete_password(_service(api), user)
    except PasswordDeleteError:
        return False
    except KeyringError as error:
        raise _unusable(error) from error
    return True


def _service(api: str) -> str:
    return f"voltbook {api}"


def _unusable(error: Exception) -> click.UsageError:
    return click.UsageError(f"the system's keyring cannot be used ({error}): set VOLTBOOK_PASSWORD instead")
