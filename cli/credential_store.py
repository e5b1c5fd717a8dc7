"""Passwords in the system's keyring, where the optional package that speaks to it is installed."""

from __future__ import annotations

from importlib.util import find_spec

import click

from cli.optional_deps import needed
from cli.terminal import say


def kept_password(api: str, user: str) -> str | None:
    """Give the password kept for a login, None where there is none or no keyring."""
    if find_spec("keyring") is None:
        return None
    import keyring
    from keyring.errors import KeyringError, NoKeyringError

    try:
        return keyring.get_password(_service(api), user)
    except NoKeyringError:
        return None
    except KeyringError as error:
        say(f"the system's keyring does not answer: {error}")
        return None


def keep_password(api: str, user: str, password: str) -> None:
    """Keep the password of a login; raises UsageError where there is no keyring to keep it in."""
    with needed("keyring", "keyring"):
        import keyring
    from keyring.errors import KeyringError

    try:
        keyring.set_password(_service(api), user, password)
    except KeyringError as error:
        raise _unusable(error) from error


def forget_password(api: str, user: str) -> bool:
    """Take it out, and tell whether there was one; raises UsageError without a keyring."""
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
