"""Stores of users and failed logins, as Protocols."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final, Protocol

from chalicelib.audit.model import SYSTEM_ACTOR

if TYPE_CHECKING:  # a cold start needs neither
    from chalicelib.access.login_throttle import FailedLogin
    from chalicelib.access.model import ApiKey, User
    from chalicelib.access.user_change import UserChange


MAX_KEYS: Final = 2
"""Live keys of one user: one in use, and the next one while it is rolled out."""


class Directory(Protocol):
    """The users; each change and its audit entry are one transaction."""

    def find(self, name: str) -> User | None:
        """Return a user, also a disabled one."""

    def add(self, user: User, by: str = SYSTEM_ACTOR) -> None:
        """Raise AlreadyExists if the name is taken."""

    def change(self, name: str, change: UserChange, by: str = SYSTEM_ACTOR) -> User:
        """Return the changed user.

        Raises NotFound if there is no such user, InvalidRequest if the change cannot be or ends the last active admin.
        """

    def list(self) -> Iterator[User]:
        """Return all users."""


class Keys(Protocol):
    """The API keys; each key added or revoked and its audit entry are one transaction."""

    def find(self, key_id: str) -> ApiKey | None:
        """Return a key that is not revoked."""

    def add(self, key: ApiKey, by: str = SYSTEM_ACTOR) -> None:
        """Raise NotFound if there is no such user, InvalidRequest if the user has MAX_KEYS already."""

    def revoke(self, user: str, key_id: str, by: str = SYSTEM_ACTOR) -> ApiKey:
        """Delete a key and return it; raises NotFound if the user has no such key."""

    def record_use(self, key_id: str, at: datetime) -> None:
        """Store the last use, unless the store is busy or the key was revoked meanwhile."""

    def list(self) -> Iterator[ApiKey]:
        """Return the keys of all users."""


class LoginAttempts(Protocol):
    """Started and failed logins by source; entries expire."""

    def begin(self, source: str, moment: datetime, most: int) -> bool:
        """Count a check that starts, unless the source already has `most` in this interval; return whether it may."""

    def discount(self, source: str, moment: datetime) -> None:
        """Take back a check that was counted at this moment."""

    def since(self, source: str, moment: datetime, most: int) -> Sequence[FailedLogin]:
        """Return at most `most` failures after this moment, newest first."""

    def note(self, source: str, failed: FailedLogin) -> None:
        """Store a failure."""


class Passwords(Protocol):
    def hash(self, password: str) -> str:
        """Return a salted hash."""

    def verify(self, password_hash: str | None, password: str) -> bool:
        """Check a password; None (no such user) takes as long and is never right."""

    def is_proved(self, password_hash: str, password: str) -> bool:
        """Return whether `verify` recently found this password right, without computing the hash again."""
