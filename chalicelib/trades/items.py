"""Trades as DynamoDB's own typed items and back, and what a transaction does to them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any, Final
from zlib import crc32

from pynamodb.attributes import BooleanAttribute, UnicodeAttribute
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex
from pynamodb.models import Model

from chalicelib.aws.items import CURRENT, ClientSettings, IntegerAttribute, Item, day_of, day_text, integer_of
from chalicelib.positions.model import Direction
from chalicelib.trades.model import Trade
from chalicelib.trades.revision import FromFile, Posted, Revision, Source

SHARDS: Final = 4
"""A delivery day alone would be one hot partition of the index on import night."""
_ABSENT: Final = "attribute_not_exists(trade_id)"
_SAY_WHAT_STANDS: Final = {"ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
_NUMBER: Final = {"#number": "number"}


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
    """One word on a trade; only the current one carries the index keys, so that old ones cost nothing there."""

    class Meta(ClientSettings):
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


def current_item(revision: Revision) -> Item:
    """Give the item that counts now, present in both indexes unless it was withdrawn."""
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


def old_item(revision: Revision) -> Item:
    """Give the item of a word that no longer counts, absent from the indexes."""
    return _item(revision, f"v{revision.number:06d}")


def current_key(trade_id: str) -> Item:
    """Give the key of the word that counts."""
    return {"trade_id": {"S": trade_id}, "revision": {"S": CURRENT}}


def day_shard(delivery_day: date, shard: int) -> str:
    """The index partition of one shard of a day."""
    return f"{day_text(delivery_day)}#{shard}"


def revision_of(item: Item) -> Revision:
    """Read an item back."""
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
    """Read the trade alone back."""
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


def noted_text(days: Collection[date]) -> str:
    """Write the file days noted on a trade."""
    return " ".join(sorted(map(day_text, days)))


def _item(revision: Revision, name: str) -> dict[str, dict[str, Any]]:
    trade, source = revision.trade, revision.source
    item: dict[str, dict[str, Any]] = {
        "trade_id": {"S": trade.id},
        "revision": {"S": name},
        "number": {"N": str(revision.number)},
        "price": {"N": str(trade.price)},
        "quantity": {"N": str(trade.quantity)},
        "direction": {"S": trade.direction.value},
        "delivery_day": {"S": day_text(trade.delivery_day)},
        "delivery_hour": {"N": str(trade.delivery_hour)},
        "trader_id": {"S": trade.trader_id},
        "execution_time": {"S": trade.execution_time},
        "said_at": {"S": revision.recorded_at},
    }
    if revision.withdrawn:
        item["withdrawn"] = {"BOOL": True}
    if revision.matched is not None:
        item["matched_day"] = {"S": day_text(revision.matched)}
    if revision.noted:
        item["noted_days"] = {"S": noted_text(revision.noted)}
    if revision.coarse_time is not None:
        item["coarse_time"] = {"S": revision.coarse_time}
    if isinstance(source, Posted):
        item["source_user"] = {"S": source.user}
    else:
        item["source_day"] = {"S": day_text(source.file_day)}
        item["source_version"] = {"N": str(source.version)}
        item["source_line"] = {"N": str(source.line)}
    return item


def _source_of(item: Item) -> Source:
    if "source_user" in item:
        return Posted(item["source_user"]["S"])
    version, line = integer_of(item["source_version"]), integer_of(item["source_line"])
    return FromFile(day_of(item["source_day"]["S"]), version, line)


def put_new(revision: Revision) -> dict[str, Any]:
    """Put a trade that is not there; where one is, the refusal says which."""
    return {**_put(current_item(revision)), "ConditionExpression": _ABSENT, **_SAY_WHAT_STANDS}


def put_over(old: Revision, new: Revision) -> dict[str, Any]:
    """Put a revision in the place of the one that is believed to be current; else the refusal returns the other."""
    return {**_put(current_item(new)), **_if_current(old)}


def put_aside(old: Revision) -> dict[str, Any]:
    """Keep a word that no longer counts, once."""
    return {**_put(old_item(old)), "ConditionExpression": _ABSENT}


def note(old: Revision, new: Revision) -> dict[str, Any]:
    """Set the notes of `new` on `old`, if that is current; else the refusal returns the other."""
    set_to = {"execution_time": new.trade.execution_time}
    if new.noted:
        set_to["noted_days"] = noted_text(new.noted)
    if new.matched is not None:
        set_to["matched_day"] = new.matched.isoformat()
    if new.coarse_time is not None:
        set_to["coarse_time"] = new.coarse_time
    gone = "" if new.noted else " REMOVE noted_days"
    condition = _if_current(old)
    values = {f":new_{name}": {"S": value} for name, value in set_to.items()}
    return {
        "TableName": TradeItem.Meta.table_name,
        "Key": current_key(old.trade.id),
        "UpdateExpression": "SET " + ", ".join(f"{name} = :new_{name}" for name in set_to) + gone,
        **condition,
        "ExpressionAttributeValues": condition["ExpressionAttributeValues"] | values,
    }


def _if_current(old: Revision) -> dict[str, Any]:
    """The condition that this revision is current with these very notes, for what they say decides what may follow."""
    values: dict[str, Any] = {":number": {"N": str(old.number)}}
    conditions = ["#number = :number"]
    seen = {"matched_day": old.matched.isoformat() if old.matched else None, "noted_days": noted_text(old.noted)}
    for name, value in seen.items():
        if value:
            values[f":{name}"] = {"S": value}
        conditions.append(f"{name} = :{name}" if value else f"attribute_not_exists({name})")
    return {
        "ConditionExpression": " AND ".join(conditions),
        "ExpressionAttributeNames": _NUMBER,
        "ExpressionAttributeValues": values,
        **_SAY_WHAT_STANDS,
    }


def _put(item: Item) -> dict[str, Any]:
    return {"TableName": TradeItem.Meta.table_name, "Item": item}
