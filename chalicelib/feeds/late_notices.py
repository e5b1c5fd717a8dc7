"""Late notices: written on the condition that their file is neither used nor being read."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from pynamodb.exceptions import TransactWriteError
from pynamodb.transactions import TransactWrite

from chalicelib.aws.client import connection
from chalicelib.aws.errors import condition_failed, retried, translated_errors
from chalicelib.aws.items import CURRENT
from chalicelib.common.timestamps import millis
from chalicelib.feeds.leases import FileItem, open_day
from chalicelib.feeds.receipt import FileState, Receipt
from chalicelib.notices.dynamodb import NoticeItem, notice_item
from chalicelib.notices.model import Notice


def add_late(notice: Notice, now: datetime, despite: Receipt | None) -> bool:
    """Write a late notice while its file is neither used nor being read."""
    return retried(partial(_add, notice, now, despite))


def _add(notice: Notice, now: datetime, despite: Receipt | None) -> bool:
    day = notice.file_day.isoformat()
    waiting = FileItem.state == FileState.WAITING.value
    unused = FileItem.state.does_not_exist() | waiting | (FileItem.awaited == True)  # noqa: E712 - an expression
    if despite is not None:
        as_read = FileItem.object_version == despite.object_version
        unused |= as_read & (FileItem.state == despite.state.value)
    unread = FileItem.expires.does_not_exist() | (FileItem.expires <= millis(now))
    try:
        with translated_errors(), TransactWrite(connection=connection()) as transaction:
            transaction.condition_check(FileItem, day, CURRENT, unused & unread)
            transaction.save(notice_item(notice), NoticeItem.file_day.does_not_exist())
            transaction.save(open_day(notice.file_day, 0))
    except TransactWriteError as error:
        if not condition_failed(error):
            raise
        return False
    return True
