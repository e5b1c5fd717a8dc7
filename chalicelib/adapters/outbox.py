"""The outbox in the `notices` table: what was written with a receipt is sent after it, by whoever claims it first."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime

from chalicelib.adapters.failures import told_plainly
from chalicelib.adapters.models import NoticeItem
from chalicelib.adapters.sending import claimed, mark_sent
from chalicelib.domain.notice import Kind, Notice


class OutboxTable:
    """The table `notices`; see `ports.Outbox` for what each call promises."""

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
