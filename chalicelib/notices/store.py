"""What writing and sending notices needs, as Protocols."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:  # a cold start imports all stores and uses two
    from chalicelib.notices.model import Notice


class Outbox(Protocol):
    """The notices of one feed."""

    def of_feed(self, feed: str) -> Outbox:
        """Return the notices of another feed."""
        ...

    def of(self, file_days: Collection[date]) -> Sequence[Notice]:
        """Return the notices of these file days, oldest first."""

    def claim(self, notice: Notice, owner: str, now: datetime, until: datetime) -> bool:
        """Claim an unsent notice. Return False if it was sent, or another run has the claim."""

    def sent(self, notice: Notice, at: datetime) -> None:
        """Mark a notice as sent and release the claim."""


class Publisher(Protocol):
    def has_receiver(self) -> bool:
        """Return whether anybody has confirmed a subscription; also True if that cannot be found out."""

    def publish(self, subject: str, body: str) -> None:
        """Send one message to all subscribers. Raise Unavailable."""
