"""The book in DynamoDB: a trade and its position are one transaction, and a condition decides who was first."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any

from pynamodb.exceptions import DoesNotExist, TransactWriteError
from pynamodb.expressions.condition import Condition

from chalicelib.aws.batch_read import read_items
from chalicelib.aws.client import connection
from chalicelib.aws.errors import condition_failed, retried, told_plainly
from chalicelib.aws.items import CURRENT, Item
from chalicelib.aws.patches import items_of
from chalicelib.common.errors import DamagedHistory
from chalicelib.feeds.leases import lease_check, refuse_without_lease
from chalicelib.feeds.marks import mark_added, mark_changed, note_marked, put_open_day
from chalicelib.positions.dynamodb import move, positions_of_day
from chalicelib.positions.model import NO_CHANGE, Change, Position, PositionKey
from chalicelib.trades.items import (
    SHARDS,
    TradeItem,
    day_shard,
    note,
    put_aside,
    put_new,
    put_over,
    revision_of,
    trade_of,
)
from chalicelib.trades.model import position_key
from chalicelib.trades.revision import Revision, late_days

if TYPE_CHECKING:  # a cold start that books makes none of the Protocols
    from chalicelib.feeds.store import Lease
    from chalicelib.trades.store import Slice

_AFTER_HASH = "$"
"""The character after `#`: `2023-02-28$` closes the range of all keys that begin with `2023-02-28#`."""

_NO_CURRENT = "it has no current revision"


class BookTables:
    """The tables `trades` and `positions`; see `Book` for what each call promises."""

    def add(self, revisions: Sequence[Revision]) -> Mapping[str, Revision]:
        """Write all, or give what stands in the way."""
        return retried(partial(self._add, revisions))

    def correct(self, old: Revision, new: Revision, lease: Lease | None = None) -> Revision | None:
        """Replace `old` by `new`, or give what stands instead."""
        return retried(partial(self._correct, old, new, lease))

    def note(self, changes: Sequence[tuple[Revision, Revision]]) -> Mapping[str, Revision]:
        """Set the notes on all, or return the revisions in the way."""
        return retried(partial(self._note, changes))

    def find(self, trade_id: str) -> Revision | None:
        """Give the current word on a trade."""
        with told_plainly():
            try:
                return revision_of(TradeItem.get(trade_id, CURRENT, consistent_read=True).serialize())
            except DoesNotExist:
                return None

    def find_many(self, trade_ids: Collection[str]) -> Mapping[str, Revision]:
        """Give the current words on those that are booked."""
        found = read_items(TradeItem, _current_keys(trade_ids))
        return {revision.trade.id: revision for revision in map(revision_of, found)}

    def booked(self, trade_ids: Collection[str]) -> Collection[str]:
        """Give those that are booked."""
        return {item["trade_id"]["S"] for item in read_items(TradeItem, _current_keys(trade_ids), only="trade_id")}

    def history(self, trade_id: str) -> Sequence[Revision]:
        """Give all words on a trade, newest first."""
        with told_plainly():
            words = [revision_of(item) for item in items_of(TradeItem.query(trade_id, consistent_read=True))]
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
        """Return the positions of a day."""
        return positions_of_day(delivery_day, trader_id)

    def _add(self, revisions: Sequence[Revision]) -> Mapping[str, Revision]:
        puts = [put_new(revision) for revision in revisions]
        moves = _moves([(revision, 1) for revision in revisions])
        marks = [mark_added(day, revisions[0].recorded_at) for day in late_days(revisions)]
        return _all_or_what_stands(puts, moves + marks)

    def _note(self, changes: Sequence[tuple[Revision, Revision]]) -> Mapping[str, Revision]:
        try:
            return _all_or_what_stands([], [note(old, new) for old, new in changes])
        except TransactWriteError as error:
            if condition_failed(error):
                trade_ids = [old.trade.id for old, _ in changes]
                for trade_id in set(trade_ids) - set(self.booked(trade_ids)):
                    raise DamagedHistory(trade_id, _NO_CURRENT) from error
            raise

    def _correct(self, old: Revision, new: Revision, lease: Lease | None) -> Revision | None:
        puts, moves = [put_over(old, new), put_aside(old)], _moves([(old, -1), (new, 1)])
        try:
            if lease is None:
                _write([], puts, moves)
            else:
                _write_as_run(puts, moves, {old.trade.delivery_day, new.trade.delivery_day}, new.recorded_at, lease)
        except TransactWriteError as error:
            standing = _standing(error)
            return standing[0] if standing else self._instead_of(old, error)
        return None

    def _instead_of(self, old: Revision, error: TransactWriteError) -> Revision:
        """Return what stands; where that is `old`, it was not in the way, and asking again would never end."""
        standing = self.find_many([old.trade.id]).get(old.trade.id)
        if standing is None:
            raise DamagedHistory(old.trade.id, _NO_CURRENT) from error
        if (standing.number, standing.matched, standing.noted) == (old.number, old.matched, old.noted):
            found = f"revision v{old.number:06d} is stored already, beside the current one of the same number"
            raise DamagedHistory(old.trade.id, found) from error
        return standing


def _current_keys(trade_ids: Collection[str]) -> list[dict[str, str]]:
    """Return each key once: DynamoDB refuses a batch that names one twice, as a file with repeated rows does."""
    return [{"trade_id": trade_id, "revision": CURRENT} for trade_id in dict.fromkeys(trade_ids)]


def _all_or_what_stands(puts: list[dict[str, Any]], updates: list[dict[str, Any]]) -> Mapping[str, Revision]:
    try:
        _write([], puts, updates)
    except TransactWriteError as error:
        standing = _standing(error)
        if not standing:  # an engine that does not say what stands; nothing was written
            raise
        return {one.trade.id: one for one in standing}
    return {}


def _write(checks: list[dict[str, Any]], puts: list[dict[str, Any]], updates: list[dict[str, Any]]) -> None:
    with told_plainly():
        connection().transact_write_items(checks, [], puts, updates)


def _write_as_run(
    puts: list[dict[str, Any]], moves: list[dict[str, Any]], days: Collection[date], at: str, lease: Lease
) -> None:
    """Write under the lease, and mark those of the days that the run has not marked yet.

    A transaction takes one action an item, so that what keeps the marked days is the check of the lease as well.
    """
    marking = [day for day in sorted(days) if day not in lease.marked]
    try:
        if marking:
            marks = [note_marked(lease, marking), *(mark_changed(day, lease.file_day, at) for day in marking)]
            puts = [*puts, put_open_day(lease)]
            _write([], puts, marks + moves)
        else:
            _write([lease_check(lease)], puts, moves)
    except TransactWriteError as error:
        refuse_without_lease(error, lease, at=len(puts) if marking else 0)
        raise
    lease.marked.update(marking)


def _moves(revisions: Sequence[tuple[Revision, int]]) -> list[dict[str, Any]]:
    return [move(key, change) for key, change in _changes(revisions).items()]


def _changes(revisions: Sequence[tuple[Revision, int]]) -> dict[PositionKey, Change]:
    """Sum what moves by position: an item may stand only once in a transaction."""
    changes: dict[PositionKey, Change] = {}
    for revision, sign in revisions:
        if not revision.withdrawn:
            key, change = position_key(revision.trade), revision.change
            changes[key] = changes.get(key, NO_CHANGE) + (change if sign > 0 else -change)
    return changes


def _standing(error: TransactWriteError) -> list[Revision]:
    """Give what stood where a condition failed; raises what was caught where no condition did."""
    failed = [reason for reason in error.cancellation_reasons if reason and reason.code == "ConditionalCheckFailed"]
    if not failed:
        raise error
    return [revision_of(reason.raw_item) for reason in failed if reason.raw_item]


def _slice(items: Sequence[Item], limit: int, order: str) -> Slice:
    from chalicelib.trades.store import Slice  # noqa: PLC0415 - a cold start that books gives no slice

    shown = items[:limit]
    mark = shown[-1][order]["S"] if len(items) > limit else None
    return Slice(tuple(map(trade_of, shown)), mark)


def _of_trader(trader_id: str, delivery_day: date | None, limit: int, mark: str | None) -> list[Item]:
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
    return list(islice(items_of(TradeItem.by_trader.query(trader_id, condition, limit=limit)), limit))


def _of_day(delivery_day: date, limit: int, mark: str | None) -> list[Item]:
    """Read the shards side by side and merge them in delivery order."""
    condition: Condition | None = TradeItem.day_order > mark if mark else None

    def one(shard: int) -> list[Item]:
        asked = TradeItem.by_day.query(day_shard(delivery_day, shard), condition, limit=limit)
        return list(islice(items_of(asked), limit))

    with ThreadPoolExecutor(SHARDS) as pool:
        found = [item for items in pool.map(one, range(SHARDS)) for item in items]
    return sorted(found, key=lambda item: item["day_order"]["S"].encode())[:limit]


def _of_all(limit: int, mark: str | None) -> list[Item]:
    """Read the whole table up to the limit: only for a request that names no trader and no day."""
    start = {"trade_id": {"S": mark}, "revision": {"S": CURRENT}} if mark else None
    condition = (TradeItem.revision == CURRENT) & TradeItem.withdrawn.does_not_exist()
    asked = TradeItem.scan(condition, limit=limit, last_evaluated_key=start, consistent_read=True)
    return list(islice(items_of(asked), limit))
