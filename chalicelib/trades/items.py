"""Trades as items of DynamoDB and back, and as actions of a transaction, which the functions here only return."""

from __future__ import annotations

from datetime import date
from typing import Any, Final
from zlib import crc32

from pynamodb.attributes import UnicodeAttribute
from pynamodb.models import Model

from chalicelib.aws.items import CURRENT, Item, item_of, values_of
from chalicelib.positions.model import Direction
from chalicelib.trades.model import Trade, trade_of_hour
from chalicelib.trades.revision import FromFile, Posted, Revision, Source

SHARDS: Final = 4
"""A delivery day alone would be one hot partition of the index on import night."""
_ABSENT: Final = "attribute_not_exists(trade_id)"
_RETURN_CURRENT: Final = {"ReturnValuesOnConditionCheckFailure": "ALL_OLD"}


class TradeItem(Model):
    """The key of a revision; only a current one has the keys of the indexes too: earlier ones cost nothing there."""

    class Meta:
        table_name = "trades"

    trade_id = UnicodeAttribute(hash_key=True)
    revision = UnicodeAttribute(range_key=True)


def current_item(revision: Revision) -> dict[str, dict[str, Any]]:
    """Return the item of the current revision, which is in both indexes unless it was withdrawn."""
    item = _item(revision, CURRENT)
    if revision.withdrawn:
        return item
    trade = revision.trade
    order = f"{trade.period.key}#{trade.id}"
    shard = crc32(trade.id.encode()) % SHARDS
    day = trade.delivery_day
    item["trader_order"] = {"S": f"{day}#{order}"}
    item["day_shard"] = {"S": day_shard(day, shard)}
    item["day_order"] = {"S": order}
    return item


def old_item(revision: Revision) -> dict[str, dict[str, Any]]:
    """Return the item of an earlier revision, which is in no index."""
    return _item(revision, f"v{revision.number:06d}")


def current_key(trade_id: str) -> dict[str, str]:
    return {"trade_id": trade_id, "revision": CURRENT}


def day_shard(delivery_day: date, shard: int) -> str:
    return f"{delivery_day}#{shard}"


def revision_of(item: Item) -> Revision:
    values = values_of(item)
    return Revision(
        _trade(values),
        values["number"],
        _source(values),
        values["said_at"],
        values.get("withdrawn", False),
        date.fromisoformat(values["matched_day"]) if "matched_day" in values else None,
        frozenset(map(date.fromisoformat, values.get("noted_days", "").split())),
        values.get("coarse_time"),
    )


def trade_of(item: Item) -> Trade:
    return _trade(values_of(item))


def _trade(values: dict[str, Any]) -> Trade:
    return trade_of_hour(
        id=values["trade_id"],
        price=values["price"],
        quantity=values["quantity"],
        direction=Direction(values["direction"]),
        delivery_day=date.fromisoformat(values["delivery_day"]),
        delivery_hour=values["delivery_hour"],
        trader_id=values["trader_id"],
        execution_time=values["execution_time"],
    )


def _source(values: dict[str, Any]) -> Source:
    if "source_user" in values:
        return Posted(values["source_user"], values.get("source_reason"))
    return FromFile(date.fromisoformat(values["source_day"]), values["source_version"], values["source_line"])


def _item(revision: Revision, range_key: str) -> dict[str, dict[str, Any]]:
    fields, source = revision.trade.as_fields(), revision.source
    values = {
        "trade_id": fields.pop("id"),
        "revision": range_key,
        "number": revision.number,
        **fields,
        "said_at": revision.recorded_at,
        **_notes(revision),
    }
    if revision.withdrawn:
        values["withdrawn"] = True
    if isinstance(source, Posted):
        values["source_user"] = source.user
        if source.reason is not None:
            values["source_reason"] = source.reason
    else:
        day, version, line = source
        values |= {"source_day": day.isoformat(), "source_version": version, "source_line": line}
    return item_of(values)


def _notes(revision: Revision) -> dict[str, str]:
    """Return the attributes that a file may change when it confirms a trade, without empty ones."""
    notes = {
        "execution_time": revision.trade.execution_time,
        "matched_day": revision.matched.isoformat() if revision.matched else None,
        "noted_days": " ".join(sorted(map(date.isoformat, revision.noted))),
        "coarse_time": revision.coarse_time,
    }
    return {name: value for name, value in notes.items() if value}


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
        "Key": item_of(current_key(old.trade.id)),
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
