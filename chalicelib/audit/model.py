"""Audit entries: who did what, when, and the state before and after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final, Protocol

SYSTEM_ACTOR: Final = "voltbook"
"""The actor when no person acts, as for the demo logins of a first start."""
State = Mapping[str, object]
"""Names and JSON values; never a password or its hash."""


class Act(StrEnum):
    USER_ADDED = "user added"
    USER_CHANGED = "user changed"
    USER_DISABLED = "user disabled"
    USER_ENABLED = "user enabled"
    PASSWORD_SET = "password set"  # noqa: S105 - names the act
    KEY_ADDED = "key added"
    KEY_REVOKED = "key revoked"
    FILE_LET_IN = "file let in"
    WITHDRAWAL_CONFIRMED = "withdrawal confirmed"
    FILE_ACCEPTED = "file accepted"
    FOOTER_REMEMBERED = "footer remembered"
    TRADE_WITHDRAWN = "trade withdrawn"
    TRADE_RESTORED = "trade restored"
    PRICES_SET = "prices set"
    FEES_SET = "fees set"
    POSITION_MENDED = "position mended"
    BOOK_IMPORTED = "book imported"


@dataclass(frozen=True, slots=True)
class Deed:
    by: str
    act: Act
    on: str


@dataclass(frozen=True, slots=True)
class Entry:
    deed: Deed
    at: datetime  # aware, in UTC
    before: State  # what the act changed
    after: State

    def as_json(self) -> dict[str, object]:
        return {
            "at": f"{self.at:%Y-%m-%dT%H:%M:%S.%f}"[:-3] + "Z",
            "by": self.deed.by,
            "act": self.deed.act.value,
            "on": self.deed.on,
            "before": dict(self.before),
            "after": dict(self.after),
        }


class Audit(Protocol):
    """Every administrative act; entries are never changed or removed."""

    def entries(self, first: date, last: date) -> Sequence[Entry]:
        """Return the entries of these UTC days, newest first."""
