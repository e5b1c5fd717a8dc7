"""The outbox in the `notices` table: what was written with a receipt is sent after it, by whoever claims it first."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from functools import partial

from pynamodb.exceptions import TransactWriteError
from pynamodb.transactions import TransactWrite

from chalicelib.adapters.failures import condition_failed, retried, told_plainly
from chalicelib.adapters.leases import millis, open_day
from chalicelib.adapters.models import CURRENT, FileItem, NoticeItem, connection
from chalicelib.adapters.sending import claimed, mark_sent
from chalicelib.domain.notice import Kind, Notice
from chalicelib.domain.receipt import FileState, Receipt


class OutboxTable:
    """The table `notices`; see `ports.Outbox` for what each call promises."""

    def add_late(self, notice: Notice, now: datetime, despite: Receipt | None = None) -> bool:
        """Write a late notice while its file is neither used nor being read."""
        return retried(partial(self._add_late, notice, now, despite))

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

    def _add_late(self, notice: Notice, now: datetime, despite: Receipt | None) -> bool:
        day = notice.file_day.isoformat()
        waiting = FileItem.state == FileState.WAITING.value
        unused = FileItem.state.does_not_exist() | waiting | (FileItem.awaited == True)  # noqa: E712 - an expression
        if despite is not None:
            as_read = FileItem.object_version == despite.object_version
            unused |= as_read & (FileItem.state == despite.state.value)
        unread = FileItem.expires.does_not_exist() | (FileItem.expires <= millis(now))
        try:
            with told_plainly(), TransactWrite(connection=connection()) as transaction:
                transaction.condition_check(FileItem, day, CURRENT, unused & unread)
                transaction.save(notice_item(notice), NoticeItem.file_day.does_not_exist())
                transaction.save(open_day(notice.file_day, 0))
        except TransactWriteError as error:
            if not condition_failed(error):
                raise
            return False
        return True


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
