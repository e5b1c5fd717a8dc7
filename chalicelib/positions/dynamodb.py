"""Positions in DynamoDB, moved by ADD in the transactions of trades, and read by day."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from random import randrange
from typing import Any, Final, NamedTuple

from pynamodb.attributes import UnicodeAttribute
from pynamodb.exceptions import TransactWriteError
from pynamodb.models import Model

from chalicelib.aws.errors import Contended, translated_errors
from chalicelib.aws.items import Item, integers_of, item_of
from chalicelib.aws.reads import query, read_items, scan
from chalicelib.common.delivery import Period
from chalicelib.positions.model import NO_CHANGE, PARTS, Change, Position, PositionKey, is_part, joined, period_text

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
        with translated_errors():
            items = list(query(_of_day(delivery_day, trader_id)))
        positions = list(map(position_of, items))
        if any(is_part(item["trader_period"]["S"]) for item in items):
            positions = joined(positions)
        return [position for position in positions if trader_id is None or position.key.trader_id == trader_id]

    def periods(self, delivery_day: date, trader_id: str | None) -> Collection[Period]:
        request = {**_of_day(delivery_day, trader_id), "ProjectionExpression": "trader_period"}
        with translated_errors():
            texts = [item["trader_period"]["S"] for item in query(request)]
        own = {period_text(text) for text in texts if trader_id in {None, text.rpartition("#")[0]}}
        return set(map(Period.of_key, own))


def _of_day(delivery_day: date, trader_id: str | None) -> dict[str, Any]:
    """Return the query of a day's positions; a trader whose id continues with `#` may be among those of another."""
    request: dict[str, Any] = {
        "TableName": PositionItem.Meta.table_name,
        "KeyConditionExpression": "delivery_day = :day",
        "ExpressionAttributeValues": {":day": {"S": delivery_day.isoformat()}},
        "ConsistentRead": True,
    }
    if trader_id is not None:
        request["KeyConditionExpression"] += " AND begins_with(trader_period, :trader)"
        request["ExpressionAttributeValues"][":trader"] = {"S": f"{trader_id}#"}
    return request


class Parts:
    """The parts that the moves of one write go to: the position itself, after a conflict on it any part."""

    def __init__(self) -> None:
        self._parts: dict[PositionKey, int] = {}
        self._moved: tuple[PositionKey, ...] = ()

    def moves(self, changes: Mapping[PositionKey, Change]) -> list[dict[str, Any]]:
        """Return the actions that add to positions, new or not."""
        self._moved = tuple(changes)
        return [move(key, change, self._parts.get(key, 0)) for key, change in changes.items()]

    @contextmanager
    def spread_on_conflict(self) -> Iterator[None]:
        """Choose other parts for the positions that a transaction conflicts on; `moves` are its last actions."""
        try:
            yield
        except Contended as contended:
            for key in self._in_conflict(contended.__cause__):
                self._parts[key] = randrange(PARTS)  # noqa: S311 - spreads load, guards nothing
            raise

    def _in_conflict(self, error: BaseException | None) -> list[PositionKey]:
        if not isinstance(error, TransactWriteError) or not self._moved:
            return []
        reasons = error.cancellation_reasons[-len(self._moved) :]
        return [
            key
            for key, reason in zip(self._moved, reasons, strict=False)  # a conflict may come without reasons
            if reason is not None and reason.code == "TransactionConflict"
        ]


def every_position() -> Sequence[Position]:
    """Return all positions, in no order."""
    return joined(map(position_of, scan({"TableName": PositionItem.Meta.table_name, "ConsistentRead": True})))


def move(key: PositionKey, change: Change, part: int) -> dict[str, Any]:
    """Return the action that adds to a position or a part of it, new or not."""
    return {
        "TableName": PositionItem.Meta.table_name,
        "Key": _key(key, part),
        "UpdateExpression": _ADD,
        "ExpressionAttributeValues": _values(change),
    }


class Stored(NamedTuple):
    """The stored parts of a position by their number."""

    key: PositionKey
    parts: Mapping[int, Change]

    @property
    def change(self) -> Change | None:
        return sum(self.parts.values(), NO_CHANGE) if self.parts else None


def stored(key: PositionKey) -> Stored:
    keys = [plain_key(key, part) for part in range(PARTS)]
    items = {item["trader_period"]["S"]: position_of(item).change for item in read_items(PositionItem, keys)}
    parts = {part: items[text] for part in range(PARTS) if (text := key.part_text(part)) in items}
    return Stored(key, parts)


def mend(old: Stored, new: Change) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Return the checks and the update that set a position to `new`, if all its parts still are as read."""
    checks = [
        {
            "TableName": PositionItem.Meta.table_name,
            "Key": _key(old.key, part),
            "ConditionExpression": _AS_READ,
            "ExpressionAttributeValues": _values(change, ":old_"),
        }
        for part, change in old.parts.items()
        if part
    ]
    base, rest = old.parts.get(0), sum((change for part, change in old.parts.items() if part), NO_CHANGE)
    values = _values(new + -rest)
    if base is None:
        condition = "attribute_not_exists(delivery_day)"
    else:
        condition, values = _AS_READ, values | _values(base, ":old_")
    update = {
        "TableName": PositionItem.Meta.table_name,
        "Key": _key(old.key, 0),
        "UpdateExpression": _SET,
        "ConditionExpression": condition,
        "ExpressionAttributeValues": values,
    }
    return checks, update


def plain_key(key: PositionKey, part: int) -> dict[str, str]:
    return {"delivery_day": key.delivery_day.isoformat(), "trader_period": key.part_text(part)}


def _key(key: PositionKey, part: int) -> dict[str, dict[str, Any]]:
    return item_of(plain_key(key, part))


def _values(change: Change, prefix: str = ":") -> dict[str, dict[str, str]]:
    return item_of({f"{prefix}{name}": part for name, part in change._asdict().items()})


def position_of(item: Item) -> Position:
    key = PositionKey.of_text(date.fromisoformat(item["delivery_day"]["S"]), item["trader_period"]["S"])
    return Position(key, Change(*integers_of([item[name] for name in Change._fields])))
