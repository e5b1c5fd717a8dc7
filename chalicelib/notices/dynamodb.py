"""The table `notices`: an outbox whose items are claimed before they are sent."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from functools import partial

from pynamodb.attributes import UnicodeAttribute
from pynamodb.exceptions import UpdateError
from pynamodb.expressions.update import Action
from pynamodb.models import Model

from chalicelib.aws.errors import attempted, condition_failed, translated_errors
from chalicelib.aws.items import IntegerAttribute
from chalicelib.common.names import DAILY_NAME, feed_day_text
from chalicelib.common.timestamps import format_utc, millis
from chalicelib.notices.model import Kind, Notice


class NoticeItem(Model):
    """A notice, or a letter of a morning mail under `morning#` and the delivery day instead of a file day.

    `sent_at` exists once it was sent, `claimed_until` while a run is sending it.
    """

    class Meta:
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
    def __init__(self, feed: str = DAILY_NAME) -> None:
        self._feed = feed

    def of_feed(self, feed: str) -> OutboxTable:
        return OutboxTable(feed)

    def of(self, file_days: Collection[date]) -> Sequence[Notice]:
        with translated_errors():
            notices = [
                notice_of(item)
                for day in sorted(file_days)
                for item in NoticeItem.query(feed_day_text(day, self._feed), consistent_read=True)
            ]
        return sorted(notices, key=lambda notice: notice.written_at)

    def claim(self, notice: Notice, owner: str, now: datetime, until: datetime) -> bool:
        return claimed(notice_item(notice), owner, now, until)

    def sent(self, notice: Notice, at: datetime) -> None:
        mark_sent(notice_item(notice), at)


def notice_item(notice: Notice) -> NoticeItem:
    version = [] if notice.kind is Kind.LATE else [f"{notice.version:06d}"]
    of_file = [notice.of_file] if notice.of_file else []
    return NoticeItem(
        notice.file,
        "#".join([notice.kind.value, *version, *of_file]),
        subject=notice.subject,
        body=notice.body,
        written_at=notice.written_at,
    )


def notice_of(item: NoticeItem) -> Notice:
    kind, version, of_file = [*item.kind_version.split("#"), "", ""][:3]
    feed, _, day = item.file_day.rpartition("@")
    return Notice(
        date.fromisoformat(day),
        Kind(kind),
        int(version or 0),
        item.subject,
        item.body,
        item.written_at,
        item.sent_at,
        feed or DAILY_NAME,
        of_file,
    )


def claimed(item: NoticeItem, owner: str, now: datetime, until: datetime) -> bool:
    unsent = NoticeItem.sent_at.does_not_exist()
    free = NoticeItem.claimed_until.does_not_exist() | (NoticeItem.claimed_until <= millis(now))
    ours = NoticeItem.claimed_by == owner
    taken: list[Action] = [NoticeItem.claimed_until.set(millis(until)), NoticeItem.claimed_by.set(owner)]
    try:
        attempted(partial(item.update, taken, unsent & (free | ours)))
    except UpdateError as error:
        if not condition_failed(error):
            raise
        return False
    return True


def mark_sent(item: NoticeItem, at: datetime) -> None:
    unclaimed = [NoticeItem.claimed_until.remove(), NoticeItem.claimed_by.remove()]
    attempted(partial(item.update, [NoticeItem.sent_at.set(format_utc(at)), *unclaimed]))
