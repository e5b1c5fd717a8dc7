"""Items of the `notices` table on their way out: claimed by one run at a time, and marked once they were sent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from pynamodb.exceptions import UpdateError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from chalicelib.adapters.failures import attempted, condition_failed
from chalicelib.adapters.leases import millis
from chalicelib.adapters.models import NoticeItem
from chalicelib.domain.execution_time import format_utc


def claimed(item: NoticeItem, owner: str, now: datetime, until: datetime) -> bool:
    """Take the right to send it, if nobody has and nobody did."""
    unsent = NoticeItem.sent_at.does_not_exist()
    free = NoticeItem.claimed_until.does_not_exist() | (NoticeItem.claimed_until <= millis(now))
    ours = NoticeItem.claimed_by == owner
    taken = [NoticeItem.claimed_until.set(millis(until)), NoticeItem.claimed_by.set(owner)]
    try:
        _update(item, taken, unsent & (free | ours))
    except UpdateError as error:
        if not condition_failed(error):
            raise
        return False
    return True


def mark_sent(item: NoticeItem, at: datetime) -> None:
    """Note that it was sent, and let go of it."""
    unclaimed = [NoticeItem.claimed_until.remove(), NoticeItem.claimed_by.remove()]
    _update(item, [NoticeItem.sent_at.set(format_utc(at)), *unclaimed], None)


def _update(item: NoticeItem, actions: Sequence[Action], condition: Condition | None) -> None:
    attempted(partial(item.update, list(actions), condition))
