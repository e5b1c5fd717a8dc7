"""Notices: messages to the desk about something that happened, each sent once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from chalicelib.common.delivery import on_both_clocks
from chalicelib.common.timestamps import format_utc

LONGEST_SUBJECT: Final = 99
"""SNS takes ASCII subjects of less than 100 characters."""


class Kind(StrEnum):
    """`prices` is about a file of reference prices that could not be used, all others are about a daily file."""

    LATE = "late"
    RECOVERED = "recovered"
    REJECTED = "rejected"
    HELD = "held"
    QUARANTINED = "quarantined"
    CORRECTED = "corrected"
    WITHDRAWN = "withdrawn"
    RESTORED = "restored"
    WARNING = "warning"
    PRICES = "prices"


@dataclass(frozen=True, slots=True)
class Notice:
    """There is one for each file day, kind and version (0: there was no version)."""

    file_day: date
    kind: Kind
    version: int
    subject: str
    body: str
    written_at: str
    sent_at: str | None = None

    def as_json(self) -> dict[str, object]:
        return asdict(self) | {"file_day": self.file_day.isoformat(), "kind": self.kind.value}


def new_notice(kind: Kind, day: date, version: int, subject: str, lines: Sequence[str], now: datetime) -> Notice:
    body = "\n".join([*lines, f"Written at {on_both_clocks(now)}."])
    short = f"Voltbook: {subject}"[:LONGEST_SUBJECT]
    return Notice(day, kind, version, short.encode("ascii", "replace").decode("ascii"), body, format_utc(now))
