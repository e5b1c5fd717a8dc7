"""The book in DynamoDB: a trade and its position are one transaction, and a condition decides who was first."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from functools import partial
from itertools import islice

from pynamodb.exceptions import DoesNotExist, TransactWriteError
from pynamodb.expressions.condition import Condition
from pynamodb.transactions import TransactWrite

from chalicelib.adapters.batches import read_many
from chalicelib.adapters.failures import retried, told_plainly
from chalicelib.adapters.leases import refuse_without_lease, require_lease
from chalicelib.adapters.models import CURRENT, PositionItem, TradeItem, connection
from chalicelib.adapters.trade_items import (
    SHARDS,
    current_item,
    day_shard,
    old_item,
    position_item,
    position_of,
    revision_of,
    trader_prefix,
)
from chalicelib.domain.position import NO_CHANGE, Change, Position, PositionKey
from chalicelib.domain.revision import Revision
from chalicelib.ports import Lease, Slice

_AFTER_HASH = "$"
"""The character after `#`: `2023-02-28$` closes the range of all keys that begin with `2023-02-28#`."""
_ALL_OLD = "ALL_OLD"


class BookTables:
    """The tables `trades` and `positions`; see `ports.Book` for what each call promises."""

    def add(self, revisions: Sequence[Revision]) -> Mapping[str, Revision]:
        """Write all, or give what stands in the way."""
        return retried(partial(self._add, revisions))

    def correct(self, old: Revision, new: Revision, lease: Lease | None = None) -> Revision | None:
        """Replace `old` by `new`, or give what stands instead."""
        return retried(partial(self._correct, old, new, lease))

    def find(self, trade_id: str) -> Revision | None:
        """Give the current word on a trade."""
        with told_plainly():
            try:
                return revision_of(TradeItem.get(trade_id, CURRENT, consistent_read=True))
            except DoesNotExist:
                return None

    def find_many(self, trade_ids: Collection[str]) -> Mapping[str, Revision]:
        """Give the current words on those that are booked."""
        found = read_many(TradeItem, [{"trade_id": trade_id, "revision": CURRENT} for trade_id in trade_ids])
        return {item.trade_id: revision_of(item) for item in found}

    def history(self, trade_id: str) -> Sequence[Revision]:
        """Give all words on a trade, newest first."""
        with told_plainly():
            words = [revision_of(item) for item in TradeItem.query(trade_id, consistent_read=True)]
        return sorted(words, key=lambda revision: -revision.number)

    def trades(self, trader_id: str | None, delivery_day: date | None, limit: int, mark: str | None) -> Slice:
        """Give a slice of what matches."""
        with told_plainly():
            if trader_id is not None:
                return _slice(_of_trader(trader_id, delivery_day, limit + 1, mark), limit, "trader_order")
            if delivery_day is not None:
                return _slice(_of_day(delivery_day, limit + 1, mark), limit, "day_order")
            return _slice(_of_all(limit + 1, mark), limit, "trade_id")

    def positions(self, delivery_day: date, trader_id: str | None) -> Sequence[Position]:
        """Give the positions of a day."""
        whose = PositionItem.trader_period.startswith(trader_prefix(trader_id)) if trader_id is not None else None
        with told_plainly():
            found = [
                position_of(item) for item in PositionItem.query(delivery_day.isoformat(), whose, consistent_read=True)
            ]
        return [position for position in found if trader_id is None or position.key.trader_id == trader_id]

    def _add(self, revisions: Sequence[Revision]) -> Mapping[str, Revision]:
        try:
            with told_plainly(), TransactWrite(connection=connection()) as transaction:
                for revision in revisions:
                    transaction.save(
                        current_item(revision), TradeItem.trade_id.does_not_exist(), return_values=_ALL_OLD
                    )
                for key, change in _changes([(revision, 1) for revision in revisions]).items():
                    _move(transaction, key, change)
        except TransactWriteError as error:
            standing = _standing(error)
            if not standing:  # an engine that does not say what stands; nothing was written
                raise
            return {one.trade.id: one for one in standing}
        return {}

    def _correct(self, old: Revision, new: Revision, lease: Lease | None) -> Revision | None:
        try:
            with told_plainly(), TransactWrite(connection=connection()) as transaction:
                if lease is not None:
                    require_lease(transaction, lease)
                unchanged = TradeItem.number == old.number
                transaction.save(current_item(new), unchanged, return_values=_ALL_OLD)
                transaction.save(old_item(old), TradeItem.trade_id.does_not_exist())
                for key, change in _changes([(old, -1), (new, 1)]).items():
                    _move(transaction, key, change)
        except TransactWriteError as error:
            if lease is not None:
                refuse_without_lease(error, lease)
            standing = _standing(error)
            return standing[0] if standing else self.find(old.trade.id)
        return None


def _changes(revisions: Sequence[tuple[Revision, int]]) -> dict[PositionKey, Change]:
    """Sum what moves by position: an item may stand only once in a transaction."""
    changes: dict[PositionKey, Change] = {}
    for revision, sign in revisions:
        if not revision.withdrawn:
            key, change = PositionKey.of(revision.trade), revision.change
            changes[key] = changes.get(key, NO_CHANGE) + (change if sign > 0 else -change)
    return changes


def _move(transaction: TransactWrite, key: PositionKey, change: Change) -> None:
    transaction.update(
        position_item(key),
        [
            PositionItem.trades.add(change.trades),
            PositionItem.buy_kw.add(change.buy_kw),
            PositionItem.sell_kw.add(change.sell_kw),
            PositionItem.buy_cash.add(change.buy_cash),
            PositionItem.sell_cash.add(change.sell_cash),
        ],
    )


def _standing(error: TransactWriteError) -> list[Revision]:
    """Give what stood where a condition failed; raises what was caught where no condition did."""
    failed = [reason for reason in error.cancellation_reasons if reason and reason.code == "ConditionalCheckFailed"]
    if not failed:
        raise error
    return [revision_of(TradeItem.from_raw_data(reason.raw_item)) for reason in failed if reason.raw_item]


def _slice(items: Sequence[TradeItem], limit: int, order: str) -> Slice:
    shown = items[:limit]
    mark = getattr(shown[-1], order) if len(items) > limit else None
    return Slice(tuple(revision_of(item).trade for item in shown), mark)


def _of_trader(trader_id: str, delivery_day: date | None, limit: int, mark: str | None) -> list[TradeItem]:
    order = TradeItem.trader_order
    if delivery_day is not None:
        day = delivery_day.isoformat()
        first, last = f"{day}#", f"{day}{_AFTER_HASH}"
        after = max(first, f"{mark}\0") if mark else first
        if after > last:  # a mark that no slice of this day gave
            return []
        condition: Condition | None = order.between(after, last)
    else:
        condition = order > mark if mark else None
    return list(islice(TradeItem.by_trader.query(trader_id, condition, limit=limit), limit))


def _of_day(delivery_day: date, limit: int, mark: str | None) -> list[TradeItem]:
    """Read the shards side by side and merge them in delivery order."""
    condition: Condition | None = TradeItem.day_order > mark if mark else None

    def one(shard: int) -> list[TradeItem]:
        return list(TradeItem.by_day.query(day_shard(delivery_day, shard), condition, limit=limit))

    with ThreadPoolExecutor(SHARDS) as pool:
        found = [item for items in pool.map(one, range(SHARDS)) for item in items]
    return sorted(found, key=lambda item: item.day_order.encode())[:limit]


def _of_all(limit: int, mark: str | None) -> list[TradeItem]:
    """Read the whole table up to the limit: only for a request that names no trader and no day."""
    start = {"trade_id": {"S": mark}, "revision": {"S": CURRENT}} if mark else None
    condition = (TradeItem.revision == CURRENT) & TradeItem.withdrawn.does_not_exist()
    return list(TradeItem.scan(condition, limit=limit, last_evaluated_key=start, consistent_read=True))
