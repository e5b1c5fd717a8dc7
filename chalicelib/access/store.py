"""What is needed to know who may log in, as Protocols."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from chalicelib.audit.model import ITSELF

if TYPE_CHECKING:  # a cold start names all ports and uses two
    from chalicelib.access.identity import User
    from chalicelib.access.login_throttle import Failed


class Directory(Protocol):
    """The users who may log in."""

    def find(self, name: str) -> User | None:
        """Give a user, disabled ones too."""

    def add(self, user: User, by: str = ITSELF) -> None:
        """Add a user, and to the audit who did it, in one transaction; raises AlreadyExists."""

    def set_password(self, name: str, password_hash: str, by: str = ITSELF) -> None:
        """Give a user this hash for the one they have, and tell the audit in the same transaction; raises NotFound."""

    def disable(self, name: str, by: str = ITSELF) -> None:
        """Shut a user out, and tell the audit in the same transaction; raises NotFound."""

    def list(self) -> Iterator[User]:
        """Give all users by name."""


class Attempts(Protocol):
    """The logins that begin and those that failed, by the source they come from, for as long as they count."""

    def begin(self, source: str, moment: datetime) -> int:
        """Count a login before anybody knows how it ends; gives how many a source began in this stretch, with it."""

    def since(self, source: str, moment: datetime, most: int) -> Sequence[Failed]:
        """Give the newest failures from a source after this moment, newest first, at most so many."""

    def note(self, source: str, failed: Failed) -> None:
        """Keep one failure; it goes away by itself."""


class Passwords(Protocol):
    """Hashing of passwords, slow on purpose."""

    def hash(self, password: str) -> str:
        """Give a salted hash in a text form that `verify` reads."""

    def verify(self, password_hash: str | None, password: str) -> bool:
        """Check a password in the time of one hash; None (no such user) takes as long and is never right."""
