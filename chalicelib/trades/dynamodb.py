"""Trades and their positions in DynamoDB: written in one transaction, where a condition decides who was first."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any

from pynamodb.exceptions import TransactWriteError

from chalicelib.aws.client import connection
from chalicelib.aws.errors import condition_failed, retried, translated_errors
from chalicelib.aws.items import CURRENT, Item, item_of
from chalicelib.aws.reads import query, read_item, read_items, scan
from chalicelib.common.deadline import pool
from chalicelib.common.errors import DamagedHistory
from chalicelib.feeds.leases import (
    lease_check,
    mark_added,
    mark_changed,
    note_marked,
    put_open_day,
    refuse_without_lease,
)
from chalicelib.positions.dynamodb import PositionTable, move
from chalicelib.positions.model import NO_CHANGE, Change, PositionKey
from chalicelib.trades.items import (
    SHARDS,
    TradeItem,
    current_key,
    day_shard,
    note,
    put_earlier,
    put_new,
    put_over,
    revision_of,
    trade_of,
)
from chalicelib.trades.model import position_key
from chalicelib.trades.revision import Revision, late_days

if TYPE_CHECKING:  # a cold start that books makes none of the Protocols
    from chalicelib.audit.model import Entry
    from chalicelib.feeds.store import Lease
    from chalicelib.trades.model import Trade
    from chalicelib.trades.store import Slice

_AFTER_HASH = "$"
"""The character after `#`: `2023-02-28$` closes the range of all keys that begin with `2023-02-28#`."""

_IN_NO_FILE = "attribute_exists(source_user) AND attribute_not_exists(matched_day) AND attribute_not_exists(noted_days)"
_NO_CURRENT = "it has no current revision"


class BookTables(PositionTable):
    """The tables `trades` and `positions`; see `Book` for what each call promises."""

    def add(self, revisions: Sequence[Revision]) -> Mapping[str, Revision]:
        return retried(partial(self._add, revisions))

    def correct(
        self, old: Revision, new: Revision, lease: Lease | None = None, entry: Entry | None = None
    ) -> Revision | None:
        return retried(partial(self._correct, old, new, lease, entry))

    def note(self, changes: Sequence[tuple[Revision, Revision]]) -> Mapping[str, Revision]:
        return retried(partial(self._note, changes))

    def find(self, trade_id: str) -> Revision | None:
        with translated_errors():
            item = read_item(TradeItem, current_key(trade_id))
        return revision_of(item) if item else None

    def find_many(self, trade_ids: Collection[str]) -> Mapping[str, Revision]:
        revisions = map(revision_of, read_items(TradeItem, _current_keys(trade_ids)))
        return {revision.trade.id: revision for revision in revisions}

    def booked(self, trade_ids: Collection[str]) -> Collection[str]:
        return {item["trade_id"]["S"] for item in read_items(TradeItem, _current_keys(trade_ids), only="trade_id")}

    def history(self, trade_id: str) -> Sequence[Revision]:
        request = {
            "KeyConditionExpression": "trade_id = :id",
            "ExpressionAttributeValues": {":id": {"S": trade_id}},
            "ConsistentRead": True,
        }
        with translated_errors():
            revisions = list(map(revision_of, query(_of_table(request))))
        return sorted(revisions, key=lambda revision: -revision.number)

    def trades(self, trader_id: str | None, delivery_day: date | None, limit: int, mark: str | None) -> Slice:
        with translated_errors():
            if trader_id is not None:
                return _slice(_of_trader(trader_id, delivery_day, limit + 1, mark), limit, "trader_order")
            if delivery_day is not None:
                return _slice(_of_day(delivery_day, limit + 1, mark), limit, "day_order")
            return _slice(_of_all(limit + 1, mark), limit, "trade_id")

    def in_no_file(self, delivery_day: date, trader_id: str | None) -> Sequence[Trade]:
        with translated_errors():
            if trader_id is not None:
                items = _of_trader(trader_id, delivery_day, None, None, _IN_NO_FILE)
            else:
                items = _of_day(delivery_day, None, None, _IN_NO_FILE)
        return list(map(trade_of, items))

    def _add(self, revisions: Sequence[Revision]) -> Mapping[str, Revision]:
        puts = [put_new(revision) for revision in revisions]
        moves = _moves([(revision, 1) for revision in revisions])
        marks = [mark_added(day, revisions[0].recorded_at) for day in late_days(revisions)]
        return _write_all(puts, moves + marks)

    def _note(self, changes: Sequence[tuple[Revision, Revision]]) -> Mapping[str, Revision]:
        try:
            return _write_all([], [note(old, new) for old, new in changes])
        except TransactWriteError as error:
            if condition_failed(error):
                trade_ids = [old.trade.id for old, _ in changes]
                for trade_id in set(trade_ids) - set(self.booked(trade_ids)):
                    raise DamagedHistory(trade_id, _NO_CURRENT) from error
            raise

    def _correct(self, old: Revision, new: Revision, lease: Lease | None, entry: Entry | None) -> Revision | None:
        puts, moves = [put_over(old, new), put_earlier(old)], _moves([(old, -1), (new, 1)])
        if entry is not None:
            puts.append(_audited(entry))
        try:
            if lease is None:
                _write([], puts, moves)
            else:
                _write_as_run(puts, moves, {old.trade.delivery_day, new.trade.delivery_day}, new.recorded_at, lease)
        except TransactWriteError as error:
            revisions = _revisions_in_the_way(error)
            return revisions[0] if revisions else self._current_instead(old, error)
        return None

    def _current_instead(self, old: Revision, error: TransactWriteError) -> Revision:
        """Return the current revision. Raises DamagedHistory if that is `old`: a retry would never end."""
        current = self.find_many([old.trade.id]).get(old.trade.id)
        if current is None:
            raise DamagedHistory(old.trade.id, _NO_CURRENT) from error
        if (current.number, current.matched, current.noted) == (old.number, old.matched, old.noted):
            finding = f"revision v{old.number:06d} is stored already, beside the current one of the same number"
            raise DamagedHistory(old.trade.id, finding) from error
        return current


def _audited(entry: Entry) -> dict[str, Any]:
    from chalicelib.audit.dynamodb import put_entry  # noqa: PLC0415 - a cold start that books audits nothing

    return put_entry(entry)


def _current_keys(trade_ids: Collection[str]) -> list[dict[str, str]]:
    return list(map(current_key, dict.fromkeys(trade_ids)))  # DynamoDB refuses a batch that names a key twice


def _write_all(puts: list[dict[str, Any]], updates: list[dict[str, Any]]) -> Mapping[str, Revision]:
    """Write all, or return the revisions in the way."""
    try:
        _write([], puts, updates)
    except TransactWriteError as error:
        revisions = _revisions_in_the_way(error)
        if not revisions:  # an engine that does not return the items; nothing was written
            raise
        return {revision.trade.id: revision for revision in revisions}
    return {}


def _write(checks: list[dict[str, Any]], puts: list[dict[str, Any]], updates: list[dict[str, Any]]) -> None:
    with translated_errors():
        connection().transact_write_items(checks, [], puts, updates)


def _write_as_run(
    puts: list[dict[str, Any]], moves: list[dict[str, Any]], days: Collection[date], at: str, lease: Lease
) -> None:
    """Write under the lease, and mark those of the days that the run has not marked yet.

    A transaction takes one action per item, so that the update of the marked days is also the check of the lease.
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
    """Return one move per position, as a transaction takes one action per item."""
    changes: dict[PositionKey, Change] = {}
    for revision, sign in revisions:
        if not revision.withdrawn:
            key, change = position_key(revision.trade), revision.change
            changes[key] = changes.get(key, NO_CHANGE) + (change if sign > 0 else -change)
    return [move(key, change) for key, change in changes.items()]


def _revisions_in_the_way(error: TransactWriteError) -> list[Revision]:
    """Return the revisions of failed conditions. Raises the error again if no condition failed."""
    failed = [reason for reason in error.cancellation_reasons if reason and reason.code == "ConditionalCheckFailed"]
    if not failed:
        raise error
    return [revision_of(reason.raw_item) for reason in failed if reason.raw_item]


def _slice(items: Sequence[Item], limit: int, order: str) -> Slice:
    from chalicelib.trades.store import Slice  # noqa: PLC0415 - a cold start that books returns no slice

    shown = items[:limit]
    mark = shown[-1][order]["S"] if len(items) > limit else None
    return Slice(tuple(map(trade_of, shown)), mark)


def _of_trader(
    trader_id: str, delivery_day: date | None, limit: int | None, mark: str | None, only: str | None = None
) -> list[Item]:
    condition, values = "trader_id = :trader", {":trader": trader_id}
    if delivery_day is not None:
        first, last = f"{delivery_day}#", f"{delivery_day}{_AFTER_HASH}"
        after = max(first, f"{mark}\0") if mark else first
        if after > last:  # a mark of another day
            return []
        condition += " AND trader_order BETWEEN :after AND :last"
        values |= {":after": after, ":last": last}
    elif mark:
        condition += " AND trader_order > :mark"
        values[":mark"] = mark
    return _of_index("by_trader", condition, values, limit, only)


def _of_day(delivery_day: date, limit: int | None, mark: str | None, only: str | None = None) -> list[Item]:
    condition = "day_shard = :shard AND day_order > :mark" if mark else "day_shard = :shard"
    marked = {":mark": mark} if mark else {}

    def read(shard: int) -> list[Item]:
        return _of_index("by_day", condition, {":shard": day_shard(delivery_day, shard), **marked}, limit, only)

    with pool(SHARDS) as threads:
        items = [item for shard in threads.map(read, range(SHARDS)) for item in shard]
    return sorted(items, key=lambda item: item["day_order"]["S"].encode())[:limit]


def _of_index(index: str, condition: str, values: Mapping[str, str], limit: int | None, only: str | None) -> list[Item]:
    request: dict[str, Any] = {
        "IndexName": index,
        "KeyConditionExpression": condition,
        "ExpressionAttributeValues": item_of(values),
    }
    if limit is not None:
        request["Limit"] = limit
    if only is not None:
        request["FilterExpression"] = only
    return list(islice(query(_of_table(request)), limit))


def _of_all(limit: int, mark: str | None) -> list[Item]:
    """Read the whole table up to the limit: only for a request that names no trader and no day."""
    request: dict[str, Any] = {
        "FilterExpression": "#revision = :current AND attribute_not_exists(withdrawn)",
        "ExpressionAttributeNames": {"#revision": "revision"},
        "ExpressionAttributeValues": {":current": {"S": CURRENT}},
        "Limit": limit,
        "ConsistentRead": True,
    }
    if mark:
        request["ExclusiveStartKey"] = item_of(current_key(mark))
    return list(islice(scan(_of_table(request)), limit))


def _of_table(request: dict[str, Any]) -> dict[str, Any]:
    return {"TableName": TradeItem.Meta.table_name, **request}
