"""Lists of current revisions: from the indexes of DynamoDB, or from the whole table."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from chalicelib.aws.items import CURRENT, Item, item_of
from chalicelib.aws.reads import query, scan
from chalicelib.common.deadline import pool
from chalicelib.common.delivery import Period
from chalicelib.positions.model import VENUE
from chalicelib.trades.items import SECOND_CURRENT, SHARDS, TradeItem, current_key, day_shard, revision_of, side_id_of
from chalicelib.trades.model import State

if TYPE_CHECKING:  # a cold start that books makes none of the Protocols
    from chalicelib.trades.store import Only, Slice

_AFTER_HASH: Final = "$"
"""The character after `#`: `2023-02-28T12:00Z/60$` closes the range of all keys that begin with that period."""
_FIRST, _LAST = "0", ":"
"""Around all keys inside a day, which begin with a year: the first digit, and the character after the last one."""
IN_NO_FILE: Final = (
    "attribute_exists(source_user) AND attribute_not_exists(matched_day) AND attribute_not_exists(noted_days)"
)
_UNCOUNTED: Final = {f":{state.value}": state.value for state in State if not state.counts}
_UNCOUNTED_ONLY: Final = f"#state IN ({', '.join(_UNCOUNTED)})"
_COUNTED: Final = f"attribute_not_exists(#state) OR NOT {_UNCOUNTED_ONLY}"


def slice_of(items: Sequence[Item], limit: int, order: str | None) -> Slice:
    """Return the first items as revisions, each with its mark: its `order`, or the name of its side."""
    from chalicelib.trades.store import Slice  # noqa: PLC0415 - a cold start that books returns no slice

    shown = items[:limit]
    marks = tuple(item[order]["S"] if order else side_id_of(item) for item in shown)
    return Slice(tuple(map(revision_of, shown)), marks, marks[-1] if len(items) > limit else None)


class Keys(NamedTuple):
    """A range of keys inside a delivery day, in their order, both ends included."""

    first: str
    last: str


ALL_DAY: Final[Sequence[Keys]] = (Keys(_FIRST, _LAST),)


def keys_of_hour(
    trader_id: str | None, delivery_day: date, hour: Period, periods: Collection[Period], only: Only | None
) -> Sequence[Keys]:
    """Return the keys of what delivers in an hour: each period that began before it, and all that begin in it.

    `periods` are those of the day's positions.
    """
    if only is not None and not only.counted:
        periods = {*periods, *_uncounted_periods(trader_id, delivery_day, hour)}
    before = sorted(period.key for period in periods if period.start < hour.start < period.end)
    return [*(Keys(f"{key}#", f"{key}{_AFTER_HASH}") for key in before), Keys(_minute(hour.start), _minute(hour.end))]


def _minute(instant: datetime) -> str:
    return Period(instant, 0).key.partition("/")[0]


def of_trader(
    trader_id: str,
    delivery_day: date | None,
    limit: int | None,
    mark: str | None,
    filters: dict[str, Any],
    ranges: Sequence[Keys] = ALL_DAY,
) -> list[Item]:
    values = {":trader": trader_id}
    if delivery_day is not None:
        inside = [Keys(f"{delivery_day}#{first}", f"{delivery_day}#{last}") for first, last in ranges]
        return _of_ranges("by_trader", "trader_id = :trader AND trader_order", values, inside, limit, mark, filters)
    condition = "trader_id = :trader"
    if mark:
        condition += " AND trader_order > :mark"
        values[":mark"] = mark
    return _of_index("by_trader", condition, values, limit, filters)


def of_day(
    delivery_day: date,
    limit: int | None,
    mark: str | None,
    filters: dict[str, Any],
    ranges: Sequence[Keys] = ALL_DAY,
) -> list[Item]:
    def read(shard: int) -> list[Item]:
        values = {":shard": day_shard(delivery_day, shard)}
        return _of_ranges("by_day", "day_shard = :shard AND day_order", values, ranges, limit, mark, filters)

    with pool(SHARDS) as threads:
        items = [item for shard in threads.map(read, range(SHARDS)) for item in shard]
    return sorted(items, key=lambda item: item["day_order"]["S"].encode())[:limit]


def _uncounted_periods(trader_id: str | None, delivery_day: date, hour: Period) -> Collection[Period]:
    """Return the periods before an hour of trades that do not count, which may be in no position; reads the day."""
    filters = _filter([_UNCOUNTED_ONLY], _UNCOUNTED)
    until = [Keys(_FIRST, _minute(hour.start))]
    if trader_id is not None:
        items = of_trader(trader_id, delivery_day, None, None, filters, until)
    else:
        items = of_day(delivery_day, None, None, filters, until)
    return {revision_of(item).trade.period for item in items}


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
    names = {"ExpressionAttributeNames": {"#state": "state"}} if _UNCOUNTED_ONLY in " ".join(conditions) else {}
    return {
        "FilterExpression": " AND ".join(f"({condition})" for condition in conditions),
        "ExpressionAttributeValues": item_of(values),
        **names,
    }


def _of_ranges(
    index: str,
    condition: str,
    values: Mapping[str, str],
    ranges: Sequence[Keys],
    limit: int | None,
    mark: str | None,
    filters: dict[str, Any],
) -> list[Item]:
    items: list[Item] = []
    after = f"{mark}\0" if mark else ""
    for first, last in ranges:
        if after <= last and (limit is None or len(items) < limit):
            between = {**values, ":first": max(first, after), ":last": last}
            left = None if limit is None else limit - len(items)
            items += _of_index(index, f"{condition} BETWEEN :first AND :last", between, left, filters)
    return items


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
