"""What a transaction does to trades, as DynamoDB's own actions; see `trade_items` for why."""

from __future__ import annotations

from typing import Any, Final

from chalicelib.adapters.items import Item
from chalicelib.adapters.models import TradeItem
from chalicelib.adapters.trade_items import current_item, current_key, noted_text, old_item
from chalicelib.domain.revision import Revision

_ABSENT: Final = "attribute_not_exists(trade_id)"
_SAY_WHAT_STANDS: Final = {"ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
_NUMBER: Final = {"#number": "number"}


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
