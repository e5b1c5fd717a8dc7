"""The tables of a book as raw items, for moving it between stacks."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError
from pynamodb.models import Model

from chalicelib.access.dynamodb import AttemptItem, UserItem
from chalicelib.admin.store import Item
from chalicelib.audit.dynamodb import AuditItem, put_entry
from chalicelib.audit.model import Deed, Entry, State
from chalicelib.aws.client import connection
from chalicelib.aws.errors import attempted
from chalicelib.common.clock import Clock
from chalicelib.feeds.leases import FileItem
from chalicelib.notices.dynamodb import NoticeItem
from chalicelib.positions.dynamodb import PositionItem
from chalicelib.prices.dynamodb import PriceItem
from chalicelib.trades.items import TradeItem

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

MODELS: dict[str, type[Model]] = {
    "trades": TradeItem,
    "positions": PositionItem,
    "files": FileItem,
    "notices": NoticeItem,
    "users": UserItem,
    "reference_prices": PriceItem,
    "attempts": AttemptItem,
    "audit": AuditItem,
}
TRANSIENT: Final = frozenset({"attempts"})
"""Failed logins are of no use to another stack."""
MOST_ITEMS: Final = 100
MOST_BYTES: Final = 3_000_000
"""Of a transaction: DynamoDB's limit is 4 MB, and it counts differently from JSON."""


class TableDump:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def names(self) -> Sequence[str]:
        return sorted(MODELS.keys() - TRANSIENT)

    def page(self, table: str, after: Item | None) -> tuple[Sequence[Item], Item | None]:
        start = {"ExclusiveStartKey": after} if after else {}
        client: Any = connection().client
        answer = attempted(lambda: client.scan(TableName=_name(table), ConsistentRead=True, **start))
        return [_in_order(item) for item in answer["Items"]], answer.get("LastEvaluatedKey")

    def put_new(self, table: str, items: Sequence[Item]) -> Sequence[Item]:
        others: list[Item] = []
        for part in _parts(items):
            others += _put(table, part)
        return others

    def remove(self, table: str, items: Sequence[Item]) -> None:
        client: Any = connection().client
        meta = connection().get_meta_table(_name(table))
        keys = [name for name in (meta.hash_keyname, meta.range_keyname) if name]
        for item in items:
            key = {name: item[name] for name in keys}
            attempted(lambda key=key: client.delete_item(TableName=_name(table), Key=key))  # type: ignore[misc]  # mypy infers no default

    def record(self, deed: Deed, after: State) -> None:
        entry = Entry(deed, self._clock.now(), {}, after)
        attempted(lambda: connection().transact_write_items([], [], [put_entry(entry)], []))


def _put(table: str, items: list[Item]) -> list[Item]:
    """Write items in one transaction, and again without those that exist. Return those with other content."""
    others: list[Item] = []
    client: Any = connection().client
    left = items
    while left:
        key = connection().get_meta_table(_name(table)).hash_keyname
        puts = [
            {
                "Put": {
                    "TableName": _name(table),
                    "Item": item,
                    "ConditionExpression": "attribute_not_exists(#key)",
                    "ExpressionAttributeNames": {"#key": key},
                    "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
                }
            }
            for item in left
        ]
        existing = attempted(lambda puts=puts: _existing(client, puts))  # type: ignore[misc]  # mypy infers no default
        others += [item for item, old in zip(left, existing, strict=True) if old is not None and _in_order(old) != item]
        left = [] if not any(existing) else [item for item, old in zip(left, existing, strict=True) if old is None]
    return others


def _existing(client: DynamoDBClient, puts: list[Any]) -> list[Item | None]:
    """Write all, or nothing and return the existing item of each key, None for a free one."""
    try:
        client.transact_write_items(TransactItems=puts)
    except ClientError as error:
        reasons = error.response.get("CancellationReasons", [])
        failed: list[Item | None] = [
            reason.get("Item") if reason["Code"] == "ConditionalCheckFailed" else None for reason in reasons
        ]
        if not any(failed):
            raise
        return failed
    return [None] * len(puts)


def _in_order(item: Item) -> Item:
    # Engines return the elements of a set in any order.
    if not any("SS" in value for value in item.values()):
        return item
    return {name: {"SS": sorted(value["SS"])} if "SS" in value else value for name, value in item.items()}


def _parts(items: Sequence[Item]) -> Iterator[list[Item]]:
    part: list[Item] = []
    size = 0
    for item in items:
        item_size = len(json.dumps(item))
        if part and (len(part) == MOST_ITEMS or size + item_size > MOST_BYTES):
            yield part
            part, size = [], 0
        part.append(item)
        size += item_size
    if part:
        yield part


def _name(table: str) -> str:
    return str(MODELS[table].Meta.table_name)
