"""The change token in DynamoDB: an item of the table `files`, which everything that changes the book may update."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from pynamodb.attributes import UnicodeAttribute
from pynamodb.exceptions import PynamoDBException
from pynamodb.models import Model

from chalicelib.aws.errors import Contended, succeeded, translated_errors
from chalicelib.aws.items import IntegerAttribute
from chalicelib.aws.reads import read_many
from chalicelib.changes.model import TOKEN_KEY, end_of_window
from chalicelib.common.clock import Clock
from chalicelib.common.errors import Unavailable
from chalicelib.common.timestamps import EPOCH

FILE_DAY, VERSION = TOKEN_KEY
_SECOND: Final = timedelta(seconds=1)


class ChangeItem(Model):
    class Meta:
        table_name = "files"

    file_day = UnicodeAttribute(hash_key=True)
    version = UnicodeAttribute(range_key=True)
    changed_until = IntegerAttribute(null=True)
    """In seconds since 1970."""


class ChangeTable:
    """The change token; see `Changes`."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._noted: datetime | None = None

    def note(self) -> None:
        end = end_of_window(self._clock.now())
        if end == self._noted:
            return
        self._noted = end  # also if the write fails: an outage delays one booking per window, not each
        seconds = (end - EPOCH) // _SECOND
        lower = ChangeItem.changed_until.does_not_exist() | (ChangeItem.changed_until < seconds)
        write = partial(ChangeItem(FILE_DAY, VERSION).update, [ChangeItem.changed_until.set(seconds)], lower)
        with suppress(Contended, Unavailable, PynamoDBException), translated_errors():
            succeeded(write)  # else another process has set it

    def until(self) -> datetime | None:
        stored = [item.changed_until for item in read_many(ChangeItem, [{"file_day": FILE_DAY, "version": VERSION}])]
        return EPOCH + stored[0] * _SECOND if stored else None
