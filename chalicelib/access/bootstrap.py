"""Builds what proves who is calling."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.common.once import once

if TYPE_CHECKING:
    from chalicelib.access.store import Attempts, Directory, Passwords


@once
def directory() -> Directory:
    """Who may log in."""
    from chalicelib.access.dynamodb import UserItem, UserTable
    from chalicelib.audit.dynamodb import AuditItem
    from chalicelib.aws.client import connect
    from chalicelib.common.clock import clock

    connect(UserItem, "users")
    connect(AuditItem, "audit")
    return UserTable(clock())


@once
def attempts() -> Attempts:
    """The logins that failed."""
    from chalicelib.access.dynamodb import AttemptItem, AttemptTable
    from chalicelib.aws.client import connect

    connect(AttemptItem, "attempts")
    return AttemptTable()


@once
def passwords() -> Passwords:
    """Hashing of passwords."""
    from chalicelib.access.passwords import Argon2Passwords

    return Argon2Passwords()
