"""What writing and sending the morning mail needs, as Protocols."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from chalicelib.mails.model import Letter, Mail


class MailOutbox(Protocol):
    def letters(self, delivery_day: date) -> Sequence[Letter]:
        """Return all letters about a day, oldest first."""

    def add(self, letters: Sequence[Letter]) -> bool:
        """Store the letters of one mail, all or none. Return False if the day already has a mail of that version."""

    def claim(self, letter: Letter, owner: str, now: datetime, until: datetime) -> bool:
        """Claim an unsent letter. Return False if it was sent, or another run has the claim."""

    def sent(self, letter: Letter, at: datetime) -> None:
        """Mark a letter as sent and release the claim."""


class MailChannel(Protocol):
    def has_receiver(self) -> bool:
        """Return whether anybody receives what is sent; also True if that cannot be found out."""

    def send(self, mail: Mail) -> None:
        """Send one mail. Raise Unavailable."""
