"""The record of processed price files in DynamoDB."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from functools import partial
from hashlib import sha256

from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from chalicelib.aws.client import connection
from chalicelib.aws.errors import Contended, attempted, retried, succeeded, translated_errors
from chalicelib.aws.reads import read_many
from chalicelib.feeds.file_day import FileDay
from chalicelib.feeds.leases import open_day
from chalicelib.imports.store import Outcome, PriceFileRead, with_changes
from chalicelib.notices.dynamodb import notice_item
from chalicelib.notices.model import Notice
from chalicelib.prices.dynamodb import PriceItem


class PriceFileTable:
    def begin(self, key: str) -> PriceFileRead:
        # A repeated update only skips a number.
        item = PriceItem(key)
        attempted(partial(item.update, [PriceItem.turn.add(1)]))
        return PriceFileRead(key, item.turn, item.done or 0, item.object_version)

    def end(self, reading: PriceFileRead, object_version: str, outcome: Outcome, notice: Notice | None = None) -> bool:
        return succeeded(partial(retried, partial(self._end, reading, object_version, outcome, notice)))

    def count(self, key: str, object_version: str, changed: int) -> None:
        attempted(partial(_count, PriceItem(key), object_version, changed))

    def processed_versions(self, keys: Collection[str]) -> Mapping[str, str]:
        items = read_many(PriceItem, [{"delivery_day": key} for key in keys])
        return {item.delivery_day: item.object_version for item in items if item.object_version is not None}

    def outcome(self, key: str) -> Outcome | None:
        for item in read_many(PriceItem, [{"delivery_day": key}]):
            if item.outcome is not None:
                outcome: Outcome = json.loads(item.outcome)
                is_counted = item.counted is not None and item.counted_version == item.object_version
                return with_changes(outcome, item.counted) if is_counted else outcome
        return None

    def _end(self, reading: PriceFileRead, object_version: str, outcome: Outcome, notice: Notice | None) -> None:
        actions: list[Action] = [
            PriceItem.object_version.set(object_version),
            PriceItem.done.set(reading.done + 1),
            PriceItem.outcome.set(json.dumps(outcome, ensure_ascii=False)),
        ]
        with translated_errors(), TransactWrite(connection=connection()) as transaction:
            transaction.update(PriceItem(reading.key), actions, PriceItem.turn == reading.turn)
            if notice is not None:
                transaction.save(open_day(FileDay(notice.file_day, notice.feed), _mark(reading)))
                transaction.save(notice_item(notice))


def _mark(reading: PriceFileRead) -> int:
    """Return a mark that no other reading has, so that no other run can close the day before the notice was sent."""
    return -int.from_bytes(sha256(f"{reading.turn} {reading.key}".encode()).digest()[:8], "big")


def _count(item: PriceItem, object_version: str, changed: int) -> None:
    known = PriceItem.counted_version == object_version
    if succeeded(partial(item.update, [PriceItem.counted.add(changed)], known)):
        return
    first: list[Action] = [PriceItem.counted.set(changed), PriceItem.counted_version.set(object_version)]
    unknown = PriceItem.counted_version.does_not_exist() | (PriceItem.counted_version != object_version)
    if not succeeded(partial(item.update, first, unknown)):
        raise Contended
