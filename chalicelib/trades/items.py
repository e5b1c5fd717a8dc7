"""Trades as items of DynamoDB and back, and as actions of a transaction, which the functions here only return."""

from __future__ import annotations

from datetime import date
from typing import Any, Final
from zlib import crc32

from pynamodb.attributes import BooleanAttribute, UnicodeAttribute
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex
from pynamodb.models import Model

from chalicelib.aws.items import CURRENT, IntegerAttribute, Item, day_of, day_text, integer_of, texts
from chalicelib.positions.model import Direction
from chalicelib.trades.model import Trade
from chalicelib.trades.revision import FromFile, Posted, Revision, Source

SHARDS: Final = 4
"""A delivery day alone would be one hot partition of the index on import night."""
_ABSENT: Final = "attribute_not_exists(trade_id)"
_RETURN_CURRENT: Final = {"ReturnValuesOnConditionCheckFailure": "ALL_OLD"}


class ByTrader(GlobalSecondaryIndex[Any]):
    """One trader's trades in delivery order."""

    class Meta:
        index_name = "by_trader"
        projection = AllProjection()

    trader_id = UnicodeAttribute(hash_key=True)
    trader_order = UnicodeAttribute(range_key=True)


class ByDay(GlobalSecondaryIndex[Any]):
    """One shard of a delivery day's trades in delivery order."""

    class Meta:
        index_name = "by_day"
        projection = AllProjection()

    day_shard = UnicodeAttribute(hash_key=True)
    day_order = UnicodeAttribute(range_key=True)


class TradeItem(Model):
    """One revision of a trade; only the current one has the index keys, so that earlier ones cost nothing there."""

    class Meta:
        table_name = "trades"

    trade_id = UnicodeAttribute(hash_key=True)
    revision = UnicodeAttribute(range_key=True)
    number = IntegerAttribute()
    price = IntegerAttribute()
    quantity = IntegerAttribute()
    direction = UnicodeAttribute()
    delivery_day = UnicodeAttribute()
    delivery_hour = IntegerAttribute()
    trader_id = UnicodeAttribute()
    execution_time = UnicodeAttribute()
    said_at = UnicodeAttribute()
    withdrawn = BooleanAttribute(null=True)
    source_user = UnicodeAttribute(null=True)
    source_reason = UnicodeAttribute(null=True)
    source_day = UnicodeAttribute(null=True)
    source_version = IntegerAttribute(null=True)
    source_line = IntegerAttribute(null=True)
    matched_day = UnicodeAttribute(null=True)
    noted_days = UnicodeAttribute(null=True)
    coarse_time = UnicodeAttribute(null=True)
    trader_order = UnicodeAttribute(null=True)
    day_shard = UnicodeAttribute(null=True)
    day_order = UnicodeAttribute(null=True)
    by_trader = ByTrader()
    by_day = ByDay()


def current_item(revision: Revision) -> dict[str, dict[str, Any]]:
    """Return the item of the current revision, which is in both indexes unless it was withdrawn."""
    item = _item(revision, CURRENT)
    if revision.withdrawn:
        return item
    trade = revision.trade
    day, order = day_text(trade.delivery_day), f"{trade.period.key}#{trade.id}"
    return item | {
        "trader_order": {"S": f"{day}#{order}"},
        "day_shard": {"S": day_shard(trade.delivery_day, crc32(trade.id.encode()) % SHARDS)},
        "day_order": {"S": order},
    }


def old_item(revision: Revision) -> dict[str, dict[str, Any]]:
    """Return the item of an earlier revision, which is in no index."""
    return _item(revision, f"v{revision.number:06d}")


def current_key(trade_id: str) -> dict[str, str]:
    return {"trade_id": trade_id, "revision": CURRENT}


def day_shard(delivery_day: date, shard: int) -> str:
    return f"{day_text(delivery_day)}#{shard}"


def revision_of(item: Item) -> Revision:
    withdrawn = item.get("withdrawn", {}).get("BOOL") is True
    matched = day_of(item["matched_day"]["S"]) if "matched_day" in item else None
    noted = frozenset(map(day_of, item["noted_days"]["S"].split())) if "noted_days" in item else frozenset()
    coarse_time = item["coarse_time"]["S"] if "coarse_time" in item else None
    recorded_at = item["said_at"]["S"]
    source = _source_of(item)
    return Revision(
        trade_of(item), integer_of(item["number"]), source, recorded_at, withdrawn, matched, noted, coarse_time
    )


def trade_of(item: Item) -> Trade:
    return Trade(
        id=item["trade_id"]["S"],
        price=integer_of(item["price"]),
        quantity=integer_of(item["quantity"]),
        direction=Direction(item["direction"]["S"]),
        delivery_day=day_of(item["delivery_day"]["S"]),
        delivery_hour=integer_of(item["delivery_hour"]),
        trader_id=item["trader_id"]["S"],
        execution_time=item["execution_time"]["S"],
    )


def _item(revision: Revision, range_key: str) -> dict[str, dict[str, Any]]:
    trade, source = revision.trade, revision.source
    item: dict[str, dict[str, Any]] = {
        "trade_id": {"S": trade.id},
        "revision": {"S": range_key},
        "number": {"N": str(revision.number)},
        "price": {"N": str(trade.price)},
        "quantity": {"N": str(trade.quantity)},
        "direction": {"S": trade.direction.value},
        "delivery_day": {"S": day_text(trade.delivery_day)},
        "delivery_hour": {"N": str(trade.delivery_hour)},
        "trader_id": {"S": trade.trader_id},
        "said_at": {"S": revision.recorded_at},
        **texts(_notes(revision)),
    }
    if revision.withdrawn:
        item["withdrawn"] = {"BOOL": True}
    if isinstance(source, Posted):
        item["source_user"] = {"S": source.user}
        if source.reason is not None:
            item["source_reason"] = {"S": source.reason}
    else:
        item["source_day"] = {"S": day_text(source.file_day)}
        item["source_version"] = {"N": str(source.version)}
        item["source_line"] = {"N": str(source.line)}
    return item


def _notes(revision: Revision) -> dict[str, str]:
    """Return the attributes that a file may change when it confirms a trade, without empty ones."""
    notes = {
        "execution_time": revision.trade.execution_time,
        "matched_day": day_text(revision.matched) if revision.matched else None,
        "noted_days": " ".join(sorted(map(day_text, revision.noted))),
        "coarse_time": revision.coarse_time,
    }
    return {name: value for name, value in notes.items() if value}


def _source_of(item: Item) -> Source:
    if "source_user" in item:
        reason = item["source_reason"]["S"] if "source_reason" in item else None
        return Posted(item["source_user"]["S"], reason)
    version, line = integer_of(item["source_version"]), integer_of(item["source_line"])
    return FromFile(day_of(item["source_day"]["S"]), version, line)


def put_new(revision: Revision) -> dict[str, Any]:
    """Store a new trade. If its id is taken, the error has the current item."""
    return {**_put(current_item(revision)), "ConditionExpression": _ABSENT, **_RETURN_CURRENT}


def put_over(old: Revision, new: Revision) -> dict[str, Any]:
    """Replace the current revision if it is `old`. If not, the error has the current item."""
    return {**_put(current_item(new)), **_if_current(old)}


def put_earlier(old: Revision) -> dict[str, Any]:
    """Store an earlier revision, once."""
    return {**_put(old_item(old)), "ConditionExpression": _ABSENT}


def note(old: Revision, new: Revision) -> dict[str, Any]:
    """Set the notes of `new` on `old`, if that is current. If not, the error has the current item."""
    notes, condition = _notes(new), _if_current(old)
    removal = "" if new.noted else " REMOVE noted_days"
    return {
        "TableName": TradeItem.Meta.table_name,
        "Key": texts(current_key(old.trade.id)),
        "UpdateExpression": "SET " + ", ".join(f"{name} = :new_{name}" for name in notes) + removal,
        **condition,
        "ExpressionAttributeValues": condition["ExpressionAttributeValues"]
        | {f":new_{name}": {"S": value} for name, value in notes.items()},
    }


def _if_current(old: Revision) -> dict[str, Any]:
    """Return the condition that this revision is current, with the same notes: they decide what may follow."""
    values: dict[str, Any] = {":number": {"N": str(old.number)}}
    conditions = ["#number = :number"]
    notes = _notes(old)
    for name in ("matched_day", "noted_days"):
        value = notes.get(name)
        if value:
            values[f":{name}"] = {"S": value}
        conditions.append(f"{name} = :{name}" if value else f"attribute_not_exists({name})")
    return {
        "ConditionExpression": " AND ".join(conditions),
        "ExpressionAttributeNames": {"#number": "number"},
        "ExpressionAttributeValues": values,
        **_RETURN_CURRENT,
    }


def _put(item: Item) -> dict[str, Any]:
    return {"TableName": TradeItem.Meta.table_name, "Item": item}
