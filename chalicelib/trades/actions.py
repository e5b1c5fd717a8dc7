"""Actions on trades for a transaction of DynamoDB. If a condition fails, the error has the item that is in the way."""

from __future__ import annotations

from typing import Any, Final

from chalicelib.aws.items import CURRENT, Item, item_of
from chalicelib.trades.items import SECOND_CURRENT, TradeItem, current_item, current_key, notes_of, old_item
from chalicelib.trades.revision import Revision

_ABSENT: Final = "attribute_not_exists(trade_id)"
_RETURN_CURRENT: Final = {"ReturnValuesOnConditionCheckFailure": "ALL_OLD"}


def put_new(revision: Revision) -> dict[str, Any]:
    """Store a new side, if there is no current revision of it."""
    return {**_put(current_item(revision)), "ConditionExpression": _ABSENT, **_RETURN_CURRENT}


def check_first_side(second: Revision) -> dict[str, Any]:
    """Check that the first side is there and has the other direction."""
    return {
        **_of_side(second, CURRENT),
        "ConditionExpression": "attribute_exists(trade_id) AND direction <> :direction",
        "ExpressionAttributeValues": {":direction": {"S": second.trade.direction.value}},
        **_RETURN_CURRENT,
    }


def check_no_second_side(first: Revision) -> dict[str, Any]:
    """Check that no side can have the direction that a correction of the first side turns to."""
    return {**_of_side(first, SECOND_CURRENT), "ConditionExpression": _ABSENT, **_RETURN_CURRENT}


def put_over(old: Revision, new: Revision) -> dict[str, Any]:
    """Replace the current revision if it is `old`."""
    return {**_put(current_item(new)), **_if_current(old)}


def put_earlier(old: Revision) -> dict[str, Any]:
    """Store an earlier revision, once."""
    return {**_put(old_item(old)), "ConditionExpression": _ABSENT}


def note(old: Revision, new: Revision) -> dict[str, Any]:
    """Set the notes of `new` on `old`, if that is current."""
    notes, condition = notes_of(new), _if_current(old)
    removal = "" if new.noted else " REMOVE noted_days"
    return {
        "TableName": TradeItem.Meta.table_name,
        "Key": item_of(current_key(old.side_id)),
        "UpdateExpression": "SET " + ", ".join(f"{name} = :new_{name}" for name in notes) + removal,
        **condition,
        "ExpressionAttributeValues": condition["ExpressionAttributeValues"]
        | {f":new_{name}": {"S": value} for name, value in notes.items()},
    }


def _if_current(old: Revision) -> dict[str, Any]:
    """Return the condition that this revision is current, with the same notes: they decide what may follow."""
    values: dict[str, Any] = {":number": {"N": str(old.number)}}
    conditions = ["#number = :number"]
    notes = notes_of(old)
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


def _of_side(revision: Revision, range_key: str) -> dict[str, Any]:
    trade_id = current_key(revision.side_id)["trade_id"]
    return {"TableName": TradeItem.Meta.table_name, "Key": item_of({"trade_id": trade_id, "revision": range_key})}


def _put(item: Item) -> dict[str, Any]:
    return {"TableName": TradeItem.Meta.table_name, "Item": item}
