"""Builds what authentication needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.common.once import once

if TYPE_CHECKING:
    from chalicelib.access.identity import Identity
    from chalicelib.access.store import Directory, Keys, LoginAttempts, Passwords
    from chalicelib.common.single_flight import SingleFlight


@once
def directory() -> Directory:
    from chalicelib.access.dynamodb import UserItem, UserTable
    from chalicelib.audit.dynamodb import AuditItem
    from chalicelib.aws.client import connect
    from chalicelib.common.clock import clock

    connect(UserItem, "users")
    connect(AuditItem, "audit")
    return UserTable(clock())


@once
def keys() -> Keys:
    from chalicelib.access.dynamodb import KeyItem, KeyTable, UserItem
    from chalicelib.audit.dynamodb import AuditItem
    from chalicelib.aws.client import connect
    from chalicelib.common.clock import clock

    connect(UserItem, "users")
    connect(KeyItem, "users")
    connect(AuditItem, "audit")
    return KeyTable(clock())


@once
def attempts() -> LoginAttempts:
    from chalicelib.access.dynamodb import AttemptItem, AttemptTable
    from chalicelib.aws.client import connect

    connect(AttemptItem, "attempts")
    return AttemptTable()


@once
def passwords() -> Passwords:
    from chalicelib.access.passwords import Argon2Passwords

    return Argon2Passwords()


@once
def checks() -> SingleFlight[Identity]:
    """Return what joins simultaneous checks of one header."""
    from chalicelib.common.single_flight import SingleFlight

    return SingleFlight()
