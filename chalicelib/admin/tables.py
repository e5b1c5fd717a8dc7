"""The tables as they are, page by page: what is moved between stacks is every item, whatever it holds."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError
from pynamodb.models import Model
from pynamodb.transactions import TransactWrite

from chalicelib.access.dynamodb import AttemptItem, UserItem
from chalicelib.admin.store import Item
from chalicelib.audit.dynamodb import AuditItem, add_entry
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
"""Who failed to log in to one stack means nothing to another."""
MOST_ITEMS: Final = 100
MOST_BYTES: Final = 3_000_000
"""Of a transaction: DynamoDB takes 4 MB, and counts otherwise than JSON does."""


class WholeTables:
    """See `chalicelib.admin.store.Tables` for what each call promises."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def names(self) -> Sequence[str]:
        """Name what a book consists of."""
        return sorted(MODELS.keys() - TRANSIENT)

    def page(self, table: str, after: Item | None) -> tuple[Sequence[Item], Item | None]:
        """Read a page as the store cuts it, up to 1 MB."""
        start = {"ExclusiveStartKey": after} if after else {}
        client: Any = connection().client
        answer = attempted(lambda: client.scan(TableName=_name(table), ConsistentRead=True, **start))
        return [_in_order(item) for item in answer["Items"]], answer.get("LastEvaluatedKey")

    def put_new(self, table: str, items: Sequence[Item]) -> Sequence[Item]:
        """Write in transactions; what is there already is left out of the next try, and told if it is another."""
        others: list[Item] = []
        for part in _parts(items):
            others += _put(table, part)
        return others

    def tell(self, deed: Deed, after: State) -> None:
        """Write the entry in a transaction of its own: no transaction is as large as a book."""
        attempted(lambda: _add(Entry(deed, self._clock.now(), {}, after)))


def _add(entry: Entry) -> None:
    with TransactWrite(connection=connection()) as transaction:
        add_entry(transaction, entry)


def _put(table: str, items: list[Item]) -> list[Item]:
    others: list[Item] = []
    client: Any = connection().client
    left = items
    while left:
        key = MODELS[table]._hash_key_attribute().attr_name  # noqa: SLF001 - PynamoDB offers no other way to ask
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
        standing = attempted(lambda puts=puts: _standing(client, puts))  # type: ignore[misc]  # mypy infers no default
        others += [item for item, old in zip(left, standing, strict=True) if old is not None and _in_order(old) != item]
        left = [] if not any(standing) else [item for item, old in zip(left, standing, strict=True) if old is None]
    return others


def _standing(client: DynamoDBClient, puts: list[Any]) -> list[Item | None]:
    """Write all, or give what stands under the key of each; None where nothing does."""
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
    """Return the item with its sets of text in order: an engine may keep them in any, and they are the same."""
    if not any("SS" in value for value in item.values()):
        return item
    return {name: {"SS": sorted(value["SS"])} if "SS" in value else value for name, value in item.items()}


def _parts(items: Sequence[Item]) -> Iterator[list[Item]]:
    part: list[Item] = []
    size = 0
    for item in items:
        bytes_of = len(json.dumps(item))
        if part and (len(part) == MOST_ITEMS or size + bytes_of > MOST_BYTES):
            yield part
            part, size = [], 0
        part.append(item)
        size += bytes_of
    if part:
        yield part


def _name(table: str) -> str:
    return str(MODELS[table].Meta.table_name)
