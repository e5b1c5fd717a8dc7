"""What is needed to write the morning mail and to send it, as Protocols."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from chalicelib.mails.model import Letter, Mail


class MailOutbox(Protocol):
    """Morning mails, a letter by each channel, from the moment there is something to tell until they were sent."""

    def letters(self, delivery_day: date) -> Sequence[Letter]:
        """Give all letters about a day, oldest first."""

    def add(self, letters: Sequence[Letter]) -> bool:
        """Write the letters of one mail, all or none; False where the day has a mail of that version already."""

    def claim(self, letter: Letter, owner: str, now: datetime, until: datetime) -> bool:
        """Take the right to send a letter that was not sent; False where another run has it, or had and sent it."""

    def sent(self, letter: Letter, at: datetime) -> None:
        """Note that a letter was sent."""


class MailChannel(Protocol):
    """One way for a mail to go out."""

    def carry(self, mail: Mail) -> None:
        """Send one mail; raises Unavailable."""
