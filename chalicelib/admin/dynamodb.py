"""Scans of the whole book in DynamoDB, and the conditional repair of a position."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import groupby
from typing import Final

from pynamodb.exceptions import TransactWriteError

from chalicelib.admin.store import TradeHistory
from chalicelib.audit.dynamodb import put_entry
from chalicelib.audit.model import Act, Deed, Entry
from chalicelib.aws.client import connection
from chalicelib.aws.errors import condition_failed, retried, translated_errors
from chalicelib.aws.items import CURRENT, Item
from chalicelib.aws.reads import scan
from chalicelib.common.clock import Clock
from chalicelib.feeds.file_day import FileDay
from chalicelib.feeds.leases import FileItem
from chalicelib.positions.dynamodb import every_position, mend, stored
from chalicelib.positions.model import Change, Position, PositionKey
from chalicelib.prices.dynamodb import faulty_series
from chalicelib.trades.items import SECOND_CURRENT, TradeItem, current_item, revision_of, side_id_of

_FILE: Final = re.compile(r"(?:[a-z0-9-]{1,32}@)?\d{4}-\d{2}-\d{2}", re.ASCII)
_FOUND_BY: Final = ("trader_order", "day_shard", "day_order")


class ScannedBook:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def trades(self) -> Iterator[TradeHistory]:
        # A scan returns the items of a partition one after the other; the name of a second side sorts last.
        with translated_errors():
            items_of_all = scan({"TableName": TradeItem.Meta.table_name, "ConsistentRead": True})
            for _, items_of_both in groupby(items_of_all, key=lambda item: str(item["trade_id"]["S"])):
                sides: dict[str, list[Item]] = {}
                for item in items_of_both:
                    sides.setdefault(side_id_of(item), []).append(item)
                for name, items in sorted(sides.items()):
                    yield _history(name, items)

    def positions(self) -> Iterator[Position]:
        with translated_errors():
            yield from every_position()

    def file_days(self) -> Sequence[FileDay]:
        with translated_errors():
            items = FileItem.scan(
                FileItem.version == CURRENT, consistent_read=True, attributes_to_get=["file_day", "number"]
            )
            # Other partitions of the table are not file days.
            days = {item.file_day for item in items if item.number is not None and _FILE.fullmatch(item.file_day)}
            return sorted(map(FileDay.of, days))

    def faulty_prices(self) -> Iterator[str]:
        with translated_errors():
            yield from faulty_series()

    def mend(self, key: PositionKey, old: Change | None, new: Change, by: str) -> bool:
        return retried(partial(self._mend, key, old, new, by))

    def _mend(self, key: PositionKey, old: Change | None, new: Change, by: str) -> bool:
        position = stored(key)
        if position.change != old:
            return False
        on = f"{key.trader_id} {key.delivery_day} {key.place}"
        checks, update = mend(position, new)
        entry = Entry(Deed(by, Act.POSITION_MENDED, on), self._clock.now(), _parts(old), _parts(new))
        try:
            with translated_errors():
                connection().transact_write_items(checks, [], [put_entry(entry)], [update])
        except TransactWriteError as error:
            if not condition_failed(error):
                raise
            return False
        return True


def _history(name: str, items: Sequence[Item]) -> TradeHistory:
    revisions = sorted((revision_of(item) for item in items), key=lambda revision: revision.number)
    current = next((item for item in items if item["revision"]["S"] in {CURRENT, SECOND_CURRENT}), None)
    if current is None:
        return TradeHistory(name, revisions, None, found_by=False)
    right = current_item(revision_of(current))
    found_by = all(current.get(attribute) == right.get(attribute) for attribute in _FOUND_BY)
    return TradeHistory(name, revisions, revision_of(current), found_by)


def _parts(change: Change | None) -> dict[str, object]:
    return {} if change is None else change._asdict()
