"""What is needed to write notices and to send them, as Protocols."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:  # a cold start names all ports and uses two
    from chalicelib.notices.model import Notice


class Outbox(Protocol):
    """Notices from the moment they are true until they were sent."""

    def of(self, file_days: Collection[date]) -> Sequence[Notice]:
        """Give the notices of these file days, oldest first."""

    def claim(self, notice: Notice, owner: str, now: datetime, until: datetime) -> bool:
        """Take the right to send a notice that was not sent; False where another run has it, or had and sent it."""

    def sent(self, notice: Notice, at: datetime) -> None:
        """Note that a notice was sent."""


class Publisher(Protocol):
    """Where the desk hears of things."""

    def publish(self, subject: str, body: str) -> None:
        """Send one message to everybody who subscribed; raises Unavailable."""
