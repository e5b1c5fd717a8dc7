"""Callers and what their roles may see and do."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from chalicelib.common.errors import NotAllowed


class Role(StrEnum):
    """A trader has their own book; the desk reads all; importer and admin also book for all."""

    TRADER = "trader"
    DESK = "desk"
    IMPORTER = "importer"
    ADMIN = "admin"


EVERY_ROLE: Final = frozenset(Role)
READS_ALL: Final = frozenset({Role.DESK, Role.IMPORTER, Role.ADMIN})
BOOKS_FOR_ALL: Final = frozenset({Role.IMPORTER, Role.ADMIN})
BOOKS: Final = BOOKS_FOR_ALL | {Role.TRADER}


@dataclass(frozen=True, slots=True)
class Identity:
    name: str
    role: Role
    trader_id: str | None = None  # for traders only
    seal: str = field(default="", compare=False, repr=False)  # a secret that signs cursors; never sent to a client
    key_id: str | None = field(default=None, compare=False)  # of the key that logged in; None for a password

    def may_read(self, trader_id: str) -> bool:
        return self.role in READS_ALL or (self.role is Role.TRADER and self.trader_id == trader_id)

    def may_book(self, trader_id: str) -> bool:
        return self.role in BOOKS_FOR_ALL or (self.role is Role.TRADER and self.trader_id == trader_id)

    def reading(self, trader_id: str | None) -> str | None:
        """Return whose trades a request reads: those of the named trader, else all the caller may (None: everybody's).

        Raises NotAllowed if a trader names another, whether or not that trader exists.
        """
        if trader_id is None:
            return None if self.role in READS_ALL else self._own()
        if not self.may_read(trader_id):
            raise NotAllowed("this trader's book is not yours to see")
        return trader_id

    def require_booking(self, trader_id: str) -> None:
        if not self.may_book(trader_id):
            raise NotAllowed("you may not book trades for this trader")

    def require_withdrawing(self) -> None:
        if self.role not in BOOKS_FOR_ALL:
            raise NotAllowed("you may not withdraw or restore trades")

    def require_accepting(self) -> None:
        if self.role not in BOOKS_FOR_ALL:
            raise NotAllowed("the daily files are not yours to accept")

    def require_pricing(self) -> None:
        if self.role not in BOOKS_FOR_ALL:
            raise NotAllowed("the reference prices are not yours to set")

    def require_fees(self) -> None:
        if self.role is not Role.ADMIN:
            raise NotAllowed("the fees are not yours to set")

    def require_managing(self) -> None:
        if self.role is not Role.ADMIN:
            raise NotAllowed("the logins are not yours to see or change")

    def require_keys_of(self, user: str) -> None:
        if self.role is not Role.ADMIN and self.name != user:
            raise NotAllowed("these keys are not yours to see or change")

    def require_password(self) -> None:
        """Raise NotAllowed for a key: a stolen one must not make a key or a login that outlives it."""
        if self.key_id is not None:
            raise NotAllowed("a key can neither add keys nor add or change logins: log in with your password")

    def require_files(self) -> None:
        """Raise NotAllowed for a trader: the daily files hold everybody's trades."""
        if self.role not in READS_ALL:
            raise NotAllowed("the daily files are not yours to see")

    def _own(self) -> str:
        if self.trader_id is None:
            raise NotAllowed("this login has no trader_id of its own")
        return self.trader_id
