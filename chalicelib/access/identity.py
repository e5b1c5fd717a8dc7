"""Who is asking and what they may see and do: promise 6, in one place."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from chalicelib.common.errors import NotAllowed


class Role(StrEnum):
    """A trader has their own book, the desk reads all, the importer books for all, the admin does everything."""

    TRADER = "trader"
    DESK = "desk"
    IMPORTER = "importer"
    ADMIN = "admin"


EVERY_ROLE: Final = frozenset(Role)
READS_ALL: Final = frozenset({Role.DESK, Role.IMPORTER, Role.ADMIN})
BOOKS_FOR_ALL: Final = frozenset({Role.IMPORTER, Role.ADMIN})
BOOKS: Final = BOOKS_FOR_ALL | {Role.TRADER}


@dataclass(frozen=True, slots=True)
class Caller:
    """A user who proved who they are; `trader_id` is whose book is theirs, set for traders only.

    `seal` is a secret that the book's answers to this user are signed with, and no client ever sees it.
    """

    name: str
    role: Role
    trader_id: str | None = None
    seal: str = field(default="", compare=False, repr=False)

    def may_read(self, trader_id: str) -> bool:
        """Tell whether this trader's book is theirs to see."""
        return self.role in READS_ALL or (self.role is Role.TRADER and self.trader_id == trader_id)

    def may_book(self, trader_id: str) -> bool:
        """Tell whether they may book trades for this trader."""
        return self.role in BOOKS_FOR_ALL or (self.role is Role.TRADER and self.trader_id == trader_id)

    def reading(self, trader_id: str | None) -> str | None:
        """Whose book a request reads: the one named, else all that is theirs (None is the whole desk's).

        Raises NotAllowed where a trader names another's, whether or not that trader exists.
        """
        if trader_id is None:
            return None if self.role in READS_ALL else self._own()
        if not self.may_read(trader_id):
            message = "this trader's book is not yours to see"
            raise NotAllowed(message)
        return trader_id

    def require_booking(self, trader_id: str) -> None:
        """Raise NotAllowed where they may not book for this trader."""
        if not self.may_book(trader_id):
            message = "you may not book trades for this trader"
            raise NotAllowed(message)

    def require_pricing(self) -> None:
        """Raise NotAllowed where they may not say what the market's reference prices are."""
        if self.role not in BOOKS_FOR_ALL:
            message = "the reference prices are not yours to set"
            raise NotAllowed(message)

    def require_files(self) -> None:
        """Raise NotAllowed where they may not see what became of the daily files, which speak of every trader."""
        if self.role not in READS_ALL:
            message = "the daily files are not yours to see"
            raise NotAllowed(message)

    def _own(self) -> str:
        if self.trader_id is None:
            message = "this login has no trader_id of its own"
            raise NotAllowed(message)
        return self.trader_id


@dataclass(frozen=True, slots=True)
class User:
    """A login as the directory keeps it; `password_hash` is an argon2id hash in its own text form."""

    caller: Caller
    password_hash: str
    disabled: bool = False
