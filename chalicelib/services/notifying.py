"""Sending what is in the outbox: claimed first, so that two runs do not tell it twice, and noted after."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta
from typing import Final

from chalicelib.domain.errors import Unavailable
from chalicelib.services.desk import Desk

CLAIM: Final = timedelta(minutes=1)
"""How long a run that died while sending keeps others from sending in its place."""


def send_unsent(file_days: Collection[date], desk: Desk) -> int:
    """Send the notices of these file days that were not sent; gives how many could not be.

    A desk that cannot be reached keeps nothing else from going on: the next run tries again.
    """
    unsent = 0
    for notice in desk.outbox.of(file_days):
        now = desk.clock.now()
        if notice.sent_at is not None or not desk.outbox.claim(notice, desk.owner, now, now + CLAIM):
            continue
        try:
            desk.notices.publish(notice.subject, notice.body)
        except Unavailable:
            unsent += 1
        else:
            desk.outbox.sent(notice, desk.clock.now())
    return unsent
