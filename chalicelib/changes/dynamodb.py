"""The change token in DynamoDB: an item of the table `files`, which everything that changes the book may update."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import BotoCoreError, ClientError
from pynamodb.attributes import UnicodeAttribute
from pynamodb.models import Model

from chalicelib.aws.client import connection
from chalicelib.aws.items import IntegerAttribute, item_of
from chalicelib.aws.reads import read_many
from chalicelib.changes.model import TOKEN_KEY, end_of_window
from chalicelib.common.timestamps import EPOCH

if TYPE_CHECKING:
    from chalicelib.common.clock import Clock

_KEY: Final = dict(zip(("file_day", "version"), TOKEN_KEY, strict=True))
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
        client: Any = connection().client
        with suppress(BotoCoreError, ClientError):  # also if another process has set it
            client.update_item(
                TableName=ChangeItem.Meta.table_name,
                Key=item_of(_KEY),
                UpdateExpression="SET changed_until = :end",
                ConditionExpression="attribute_not_exists(changed_until) OR changed_until < :end",
                ExpressionAttributeValues=item_of({":end": seconds}),
            )

    def until(self) -> datetime | None:
        stored = [item.changed_until for item in read_many(ChangeItem, [_KEY])]
        return EPOCH + stored[0] * _SECOND if stored else None
