"""Notices: messages to the desk about something that happened, each sent once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from chalicelib.common.delivery import on_both_clocks
from chalicelib.common.names import DAILY_NAME, feed_day_text
from chalicelib.common.timestamps import format_utc

LONGEST_SUBJECT: Final = 99
"""SNS takes ASCII subjects of less than 100 characters."""


class Kind(StrEnum):
    """`prices` is about a file of prices that could not be used, all others are about a file of trades."""

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
    """There is one for each feed, file day, kind, version (0: there was no version) and file.

    `of_file` is empty unless a file day may have several files.
    """

    file_day: date
    kind: Kind
    version: int
    subject: str
    body: str
    written_at: str
    sent_at: str | None = None
    feed: str = DAILY_NAME
    of_file: str = ""

    @property
    def file(self) -> str:
        """The key of its file day."""
        return feed_day_text(self.file_day, self.feed)

    def as_json(self) -> dict[str, object]:
        values = asdict(self) | {"file_day": self.file_day.isoformat(), "kind": self.kind.value}
        del values["of_file"]
        if self.feed == DAILY_NAME:
            del values["feed"]
        return values


def new_notice(
    kind: Kind,
    day: date,
    version: int,
    subject: str,
    lines: Sequence[str],
    now: datetime,
    *,
    feed: str = DAILY_NAME,
) -> Notice:
    body = "\n".join([*lines, f"Written at {on_both_clocks(now)}."])
    ascii_only = f"Voltbook: {subject}".encode("ascii", "replace").decode("ascii")
    return Notice(day, kind, version, _short(ascii_only), body, format_utc(now), feed=feed)


def _short(subject: str) -> str:
    """Return a subject that SNS takes, cut before a word."""
    return subject if len(subject) <= LONGEST_SUBJECT else subject[: LONGEST_SUBJECT + 1].rpartition(" ")[0]
