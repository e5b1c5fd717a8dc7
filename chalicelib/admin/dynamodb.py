"""The whole book read through in DynamoDB, and a position put right under the condition that nobody moved it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from functools import partial
from itertools import groupby
from typing import Final

from pynamodb.exceptions import TransactWriteError
from pynamodb.transactions import TransactWrite

from chalicelib.admin.store import TradeHistory
from chalicelib.audit.dynamodb import add_entry
from chalicelib.audit.model import Act, Deed, Entry
from chalicelib.aws.client import connection
from chalicelib.aws.errors import condition_failed, retried, told_plainly
from chalicelib.aws.items import CURRENT, Item
from chalicelib.aws.patches import items_of
from chalicelib.common.clock import Clock
from chalicelib.feeds.leases import FileItem
from chalicelib.positions.dynamodb import PositionItem, position_key, position_of
from chalicelib.positions.model import Change, Position, PositionKey
from chalicelib.trades.items import TradeItem, current_item, revision_of

_PARTS: Final = ("trades", "buy_kw", "sell_kw", "buy_cash", "sell_cash")
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_FOUND_BY: Final = ("trader_order", "day_shard", "day_order")


class ScannedBook:
    """See `chalicelib.admin.store.BookScan` for what each call promises."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def trades(self) -> Iterator[TradeHistory]:
        """Give every trade: a scan gives the items of one partition one after the other."""
        with told_plainly():
            every = items_of(TradeItem.scan(consistent_read=True))
            for trade_id, items in groupby(every, key=lambda item: str(item["trade_id"]["S"])):
                yield _words(trade_id, list(items))

    def positions(self) -> Iterator[Position]:
        """Give every position."""
        with told_plainly():
            yield from (position_of(item) for item in items_of(PositionItem.scan(consistent_read=True)))

    def file_days(self) -> Sequence[date]:
        """Return every file day that has a receipt; other partitions of the table are no file days."""
        with told_plainly():
            held = FileItem.scan(
                FileItem.version == CURRENT, consistent_read=True, attributes_to_get=["file_day", "number"]
            )
            named = {item.file_day for item in held if item.number is not None and _DAY.fullmatch(item.file_day)}
            return sorted(map(date.fromisoformat, named))

    def mend(self, key: PositionKey, old: Change | None, new: Change, by: str) -> bool:
        """Put a position right if it still is as it was read."""
        return retried(partial(self._mend, key, old, new, by))

    def _mend(self, key: PositionKey, old: Change | None, new: Change, by: str) -> bool:
        item = PositionItem(*(value["S"] for value in position_key(key).values()))
        on = f"{key.trader_id} {key.delivery_day} {key.period.key}"
        entry = Entry(Deed(by, Act.POSITION_MENDED, on), self._clock.now(), _parts(old), _parts(new))
        as_read = PositionItem.delivery_day.does_not_exist()
        if old is not None:
            first, *rest = (getattr(PositionItem, name) == getattr(old, name) for name in _PARTS)
            as_read = first
            for one in rest:
                as_read &= one
        try:
            with told_plainly(), TransactWrite(connection=connection()) as transaction:
                transaction.update(
                    item, [getattr(PositionItem, name).set(getattr(new, name)) for name in _PARTS], as_read
                )
                add_entry(transaction, entry)
        except TransactWriteError as error:
            if not condition_failed(error):
                raise
            return False
        return True


def _words(trade_id: str, items: Sequence[Item]) -> TradeHistory:
    words = sorted((revision_of(item) for item in items), key=lambda word: word.number)
    current = next((item for item in items if item["revision"]["S"] == CURRENT), None)
    if current is None:
        return TradeHistory(trade_id, words, None, found_by=False)
    right = current_item(revision_of(current))
    found_by = all(current.get(name) == right.get(name) for name in _FOUND_BY)
    return TradeHistory(trade_id, words, revision_of(current), found_by)


def _parts(change: Change | None) -> dict[str, object]:
    return {} if change is None else {name: getattr(change, name) for name in _PARTS}
