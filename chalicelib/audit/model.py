"""The audit: who did what to the book's own rules, when, and how it was before and after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final, Protocol

ITSELF: Final = "voltbook"
"""Who acts where no person does: a first start that makes the demo logins."""
State = Mapping[str, object]
"""Names and JSON values; never a password, nor a hash of one."""


class Act(StrEnum):
    """What an administrator does."""

    USER_ADDED = "user added"
    USER_DISABLED = "user disabled"
    PASSWORD_SET = "password set"  # noqa: S105 - names the act
    FILE_LET_IN = "file let in"
    WITHDRAWAL_CONFIRMED = "withdrawal confirmed"
    FILE_ACCEPTED = "file accepted"
    FOOTER_REMEMBERED = "footer remembered"
    PRICES_SET = "prices set"
    POSITION_MENDED = "position mended"
    BOOK_IMPORTED = "book imported"


@dataclass(frozen=True, slots=True)
class Deed:
    """An act about to be done: by whom, and on what."""

    by: str
    act: Act
    on: str


@dataclass(frozen=True, slots=True)
class Entry:
    """An act that was done, at that instant (aware, in UTC); `before` and `after` hold what it changed."""

    deed: Deed
    at: datetime
    before: State
    after: State

    def as_json(self) -> dict[str, object]:
        """Give the entry as the CLI shows it."""
        return {
            "at": f"{self.at:%Y-%m-%dT%H:%M:%S.%f}"[:-3] + "Z",
            "by": self.deed.by,
            "act": self.deed.act.value,
            "on": self.deed.on,
            "before": dict(self.before),
            "after": dict(self.after),
        }


class Audit(Protocol):
    """Every administrative act, written in the transaction that did it; nothing here is changed or removed."""

    def entries(self, first: date, last: date) -> Sequence[Entry]:
        """Give what was done on these days (of UTC), newest first."""
