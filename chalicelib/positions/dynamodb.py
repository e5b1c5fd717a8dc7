"""Positions in DynamoDB, moved by ADD in the transactions of trades, and read by day."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, Final

from pynamodb.attributes import UnicodeAttribute
from pynamodb.models import Model

from chalicelib.aws.errors import translated_errors
from chalicelib.aws.items import Item, integers_of, item_of
from chalicelib.aws.reads import query, scan
from chalicelib.positions.model import Change, Position, PositionKey

_ADD: Final = "ADD " + ", ".join(f"{name} :{name}" for name in Change._fields)
_SET: Final = "SET " + ", ".join(f"{name} = :{name}" for name in Change._fields)
_AS_READ: Final = " AND ".join(f"{name} = :old_{name}" for name in Change._fields)


class PositionItem(Model):
    """The key of a position, whose other attributes are the fields of `Change`."""

    class Meta:
        table_name = "positions"

    delivery_day = UnicodeAttribute(hash_key=True)
    trader_period = UnicodeAttribute(range_key=True)


class PositionTable:
    """The table `positions`; see `Positions` for what each call promises."""

    def positions(self, delivery_day: date, trader_id: str | None) -> Sequence[Position]:
        request: dict[str, Any] = {
            "TableName": PositionItem.Meta.table_name,
            "KeyConditionExpression": "delivery_day = :day",
            "ExpressionAttributeValues": {":day": {"S": delivery_day.isoformat()}},
            "ConsistentRead": True,
        }
        if trader_id is not None:
            request["KeyConditionExpression"] += " AND begins_with(trader_period, :trader)"
            request["ExpressionAttributeValues"][":trader"] = {"S": f"{trader_id}#"}
        with translated_errors():
            positions = [position_of(item) for item in query(request)]
        return [position for position in positions if trader_id is None or position.key.trader_id == trader_id]


def every_position() -> Iterator[Position]:
    """Yield all positions, in no order."""
    return map(position_of, scan({"TableName": PositionItem.Meta.table_name, "ConsistentRead": True}))


def move(key: PositionKey, change: Change) -> dict[str, Any]:
    """Return the action that adds to a position, new or not."""
    return {**_update(key, _ADD), "ExpressionAttributeValues": _values(change)}


def mend(key: PositionKey, old: Change | None, new: Change) -> dict[str, Any]:
    """Return the action that sets a position to `new`, if it still is `old`."""
    if old is None:
        condition, values = "attribute_not_exists(delivery_day)", _values(new)
    else:
        condition, values = _AS_READ, _values(new) | _values(old, ":old_")
    return {**_update(key, _SET), "ConditionExpression": condition, "ExpressionAttributeValues": values}


def _update(key: PositionKey, expression: str) -> dict[str, Any]:
    return {
        "TableName": PositionItem.Meta.table_name,
        "Key": item_of({"delivery_day": key.delivery_day.isoformat(), "trader_period": key.text}),
        "UpdateExpression": expression,
    }


def _values(change: Change, prefix: str = ":") -> dict[str, dict[str, str]]:
    return item_of({f"{prefix}{name}": part for name, part in change._asdict().items()})


def position_of(item: Item) -> Position:
    key = PositionKey.of_text(date.fromisoformat(item["delivery_day"]["S"]), item["trader_period"]["S"])
    return Position(key, Change(*integers_of([item[name] for name in Change._fields])))
