"""Lists of current revisions: from the indexes of DynamoDB, or from the whole table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from chalicelib.aws.items import CURRENT, Item, item_of
from chalicelib.aws.reads import query, scan
from chalicelib.common.deadline import pool
from chalicelib.positions.model import VENUE
from chalicelib.trades.items import SECOND_CURRENT, SHARDS, TradeItem, current_key, day_shard, revision_of, side_id_of
from chalicelib.trades.model import State

if TYPE_CHECKING:  # a cold start that books makes none of the Protocols
    from chalicelib.trades.store import Only, Slice

_AFTER_HASH: Final = "$"
"""The character after `#`: `2023-02-28$` closes the range of all keys that begin with `2023-02-28#`."""
IN_NO_FILE: Final = (
    "attribute_exists(source_user) AND attribute_not_exists(matched_day) AND attribute_not_exists(noted_days)"
)
_UNCOUNTED: Final = {f":{state.value}": state.value for state in State if not state.counts}
_COUNTED: Final = f"attribute_not_exists(#state) OR NOT #state IN ({', '.join(_UNCOUNTED)})"


def slice_of(items: Sequence[Item], limit: int, order: str | None) -> Slice:
    """Return the first items as revisions, each with its mark: its `order`, or the name of its side."""
    from chalicelib.trades.store import Slice  # noqa: PLC0415 - a cold start that books returns no slice

    shown = items[:limit]
    marks = tuple(item[order]["S"] if order else side_id_of(item) for item in shown)
    return Slice(tuple(map(revision_of, shown)), marks, marks[-1] if len(items) > limit else None)


def of_trader(
    trader_id: str, delivery_day: date | None, limit: int | None, mark: str | None, filters: dict[str, Any]
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
    return _of_index("by_trader", condition, values, limit, filters)


def of_day(delivery_day: date, limit: int | None, mark: str | None, filters: dict[str, Any]) -> list[Item]:
    condition = "day_shard = :shard AND day_order > :mark" if mark else "day_shard = :shard"
    marked = {":mark": mark} if mark else {}

    def read(shard: int) -> list[Item]:
        return _of_index("by_day", condition, {":shard": day_shard(delivery_day, shard), **marked}, limit, filters)

    with pool(SHARDS) as threads:
        items = [item for shard in threads.map(read, range(SHARDS)) for item in shard]
    return sorted(items, key=lambda item: item["day_order"]["S"].encode())[:limit]


def of_all(limit: int, mark: str | None, filters: dict[str, Any]) -> list[Item]:
    """Read the whole table up to the limit: only for a request that names no trader and no day."""
    request = _filtered(
        {
            "FilterExpression": "#revision IN (:current, :second) AND attribute_not_exists(withdrawn)",
            "ExpressionAttributeNames": {"#revision": "revision"},
            "ExpressionAttributeValues": item_of({":current": CURRENT, ":second": SECOND_CURRENT}),
            "Limit": limit,
            "ConsistentRead": True,
        },
        filters,
    )
    if mark:
        request["ExclusiveStartKey"] = item_of(current_key(mark))
    return list(islice(scan(of_table(request)), limit))


def of_table(request: dict[str, Any]) -> dict[str, Any]:
    return {"TableName": TradeItem.Meta.table_name, **request}


def filters_of(only: Only | None) -> dict[str, Any]:
    """Return the filter of items, with its names and values; None selects all trades that count."""
    if only is None:
        return _filter([_COUNTED], _UNCOUNTED)
    conditions: list[str] = []
    values: dict[str, str] = {}
    for name in ("venue", "area", "strategy"):
        value = getattr(only, name)
        if value is not None:  # an item in v1 form has no venue
            conditions.append(f"{name} = :{name}" + (" OR attribute_not_exists(venue)" if value == VENUE else ""))
            values[f":{name}"] = value
    if only.counted:
        conditions.append(_COUNTED)
        values |= _UNCOUNTED
    return _filter(conditions, values) if conditions else {}


def _filter(conditions: Sequence[str], values: Mapping[str, str]) -> dict[str, Any]:
    names = {"ExpressionAttributeNames": {"#state": "state"}} if _COUNTED in conditions else {}
    return {
        "FilterExpression": " AND ".join(f"({condition})" for condition in conditions),
        "ExpressionAttributeValues": item_of(values),
        **names,
    }


def _of_index(
    index: str, condition: str, values: Mapping[str, str], limit: int | None, filters: dict[str, Any]
) -> list[Item]:
    request: dict[str, Any] = {
        "IndexName": index,
        "KeyConditionExpression": condition,
        "ExpressionAttributeValues": item_of(values),
    }
    if limit is not None:
        request["Limit"] = limit
    return list(islice(query(of_table(_filtered(request, filters))), limit))


def _filtered(request: dict[str, Any], filters: dict[str, Any]) -> dict[str, Any]:
    """Return the request with further filters."""
    joined: dict[str, Any] = request | filters
    for name in ("ExpressionAttributeNames", "ExpressionAttributeValues"):
        if name in request and name in filters:
            joined[name] = request[name] | filters[name]
    if "FilterExpression" in request and "FilterExpression" in filters:
        joined["FilterExpression"] = f"{request['FilterExpression']} AND {filters['FilterExpression']}"
    return joined
