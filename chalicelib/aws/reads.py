"""Reads of items as DynamoDB's own JSON, consistent except by index."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeVar

from pynamodb.models import Model

from chalicelib.aws.client import connection
from chalicelib.aws.errors import Contended, retried, translated_errors
from chalicelib.aws.items import Item, item_of

AT_ONCE: Final = 100
"""Keys in one BatchGetItem."""
M = TypeVar("M", bound=Model)


def read_many(model: type[M], keys: Sequence[dict[str, str]]) -> list[M]:
    """Return the items that exist, as models."""
    return [model.from_raw_data(item) for item in read_items(model, keys)]


def read_items(
    model: type[M], keys: Sequence[dict[str, str]], only: str | None = None
) -> list[dict[str, dict[str, Any]]]:
    """Return the items that exist, or one attribute of each, in no order. Raises Unavailable."""
    projection = {"ProjectionExpression": only} if only else {}
    items: list[dict[str, dict[str, Any]]] = []
    for first in range(0, len(keys), AT_ONCE):
        page = [item_of(key) for key in keys[first : first + AT_ONCE]]
        items += _batch(model.Meta.table_name, {"Keys": page, "ConsistentRead": True, **projection})
    return items


def read_item(model: type[M], key: Mapping[str, str]) -> Item | None:
    client: Any = connection().client
    item: Item | None = client.get_item(TableName=model.Meta.table_name, Key=item_of(key), ConsistentRead=True).get(
        "Item"
    )
    return item


def query(request: Mapping[str, Any]) -> Iterator[Item]:
    client: Any = connection().client
    return _pages(client.query, request)


def scan(request: Mapping[str, Any]) -> Iterator[Item]:
    client: Any = connection().client
    return _pages(client.scan, request)


def _pages(read: Callable[..., Any], request: Mapping[str, Any]) -> Iterator[Item]:
    while True:
        page = read(**request)
        yield from page["Items"]
        if "LastEvaluatedKey" not in page:
            return
        request = {**request, "ExclusiveStartKey": page["LastEvaluatedKey"]}


def _batch(table: str, request: Mapping[str, Any]) -> list[dict[str, dict[str, Any]]]:
    client: Any = connection().client
    items: list[dict[str, dict[str, Any]]] = []
    unprocessed: dict[str, Any] = {table: request}

    def read() -> None:
        nonlocal unprocessed
        with translated_errors():
            answer = client.batch_get_item(RequestItems=unprocessed)
        items.extend(answer["Responses"].get(table, ()))
        unprocessed = answer.get("UnprocessedKeys")
        if unprocessed:
            raise Contended

    retried(read)  # with jitter and bounded; PynamoDB's `batch_get` retries at once and without end
    return items
