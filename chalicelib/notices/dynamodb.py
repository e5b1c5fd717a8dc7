"""The table `notices`: an outbox from which whoever claims an item first sends it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from functools import partial

from pynamodb.attributes import UnicodeAttribute
from pynamodb.exceptions import UpdateError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action
from pynamodb.models import Model

from chalicelib.aws.errors import attempted, condition_failed, told_plainly
from chalicelib.aws.items import ClientSettings, IntegerAttribute
from chalicelib.common.timestamps import format_utc, millis
from chalicelib.notices.model import Kind, Notice


class NoticeItem(Model):
    """A notice in the outbox, or, under `morning#` and a delivery day in the place of a file day, a letter of its mail.

    `sent_at` is there once it was sent, `claimed_until` while a run is sending it.
    """

    class Meta(ClientSettings):
        table_name = "notices"

    file_day = UnicodeAttribute(hash_key=True)
    kind_version = UnicodeAttribute(range_key=True)
    subject = UnicodeAttribute()
    body = UnicodeAttribute()
    written_at = UnicodeAttribute()
    sent_at = UnicodeAttribute(null=True)
    claimed_until = IntegerAttribute(null=True)
    claimed_by = UnicodeAttribute(null=True)
    html = UnicodeAttribute(null=True)
    told = UnicodeAttribute(null=True)


class OutboxTable:
    """The table `notices`; see `Outbox` for what each call promises."""

    def of(self, file_days: Collection[date]) -> Sequence[Notice]:
        """Give the notices of these file days, oldest first."""
        with told_plainly():
            found = [
                notice_of(item)
                for day in sorted(file_days)
                for item in NoticeItem.query(day.isoformat(), consistent_read=True)
            ]
        return sorted(found, key=lambda notice: notice.written_at)

    def claim(self, notice: Notice, owner: str, now: datetime, until: datetime) -> bool:
        """Take the right to send it, if nobody has and nobody did."""
        return claimed(notice_item(notice), owner, now, until)

    def sent(self, notice: Notice, at: datetime) -> None:
        """Note that it was sent."""
        mark_sent(notice_item(notice), at)


def notice_item(notice: Notice) -> NoticeItem:
    """Give the item of a notice; one for each file day, kind and version, of a late one for each file day."""
    version = "" if notice.kind is Kind.LATE else f"#{notice.version:06d}"
    return NoticeItem(
        notice.file_day.isoformat(),
        f"{notice.kind.value}{version}",
        subject=notice.subject,
        body=notice.body,
        written_at=notice.written_at,
    )


def notice_of(item: NoticeItem) -> Notice:
    """Read an item back."""
    kind, _, version = item.kind_version.partition("#")
    return Notice(
        date.fromisoformat(item.file_day),
        Kind(kind),
        int(version or 0),
        item.subject,
        item.body,
        item.written_at,
        item.sent_at,
    )


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
