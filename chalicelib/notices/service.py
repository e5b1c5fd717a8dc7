"""Sends the notices in the outbox: each is claimed first, so that two runs do not send it twice."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta
from typing import Final, Protocol

from chalicelib.common.clock import Clock
from chalicelib.common.errors import Unavailable
from chalicelib.notices.store import Outbox, Publisher

CLAIM: Final = timedelta(minutes=1)
"""How long the claim of a run that crashed keeps others from sending."""


class Sender(Protocol):
    @property
    def outbox(self) -> Outbox: ...
    @property
    def notices(self) -> Publisher: ...
    @property
    def clock(self) -> Clock: ...
    @property
    def owner(self) -> str: ...


def send_unsent(file_days: Collection[date], sender: Sender) -> int:
    """Send the unsent notices of these file days. Return how many could not be sent; the next run tries again.

    SNS takes a message that nobody receives: where nobody has confirmed a subscription, all stay unsent.
    """
    pending = [notice for notice in sender.outbox.of(file_days) if notice.sent_at is None]
    if pending and not sender.notices.has_receiver():
        return len(pending)
    unsent = 0
    for notice in pending:
        now = sender.clock.now()
        if not sender.outbox.claim(notice, sender.owner, now, now + CLAIM):
            continue
        try:
            sender.notices.publish(notice.subject, notice.body)
        except Unavailable:
            unsent += 1
        else:
            sender.outbox.sent(notice, sender.clock.now())
    return unsent
