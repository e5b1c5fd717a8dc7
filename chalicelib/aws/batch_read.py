"""Reading many items at once: what DynamoDB leaves unprocessed is asked for again with jitter, and not forever."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, TypeVar

from pynamodb.models import Model

from chalicelib.aws.client import connection
from chalicelib.aws.errors import Contended, retried, told_plainly

AT_ONCE: Final = 100
"""Keys in one BatchGetItem."""
M = TypeVar("M", bound=Model)


def read_many(model: type[M], keys: Sequence[dict[str, str]]) -> list[M]:
    """Give those items of these text keys that are there, read consistently, in no order; raises Unavailable."""
    return [model.from_raw_data(item) for item in read_items(model, keys)]


def read_items(
    model: type[M], keys: Sequence[dict[str, str]], only: str | None = None
) -> list[dict[str, dict[str, Any]]]:
    """Give the same as DynamoDB's own typed items, or `only` one attribute of each.

    PynamoDB is not asked, for its batch_get asks again at once and without end.
    """
    shown = {"ProjectionExpression": only} if only else {}
    found: list[dict[str, dict[str, Any]]] = []
    for first in range(0, len(keys), AT_ONCE):
        page = keys[first : first + AT_ONCE]
        asked = [{name: {"S": value} for name, value in key.items()} for key in page]
        found += _page(model.Meta.table_name, {"Keys": asked, "ConsistentRead": True, **shown})
    return found


def items_asked(query: Mapping[str, Any]) -> Iterator[dict[str, dict[str, Any]]]:
    """Give what a query finds, page after page, as DynamoDB's own typed items."""
    client: Any = connection().client
    start: Mapping[str, Any] = {}
    while True:
        answer = client.query(**query, **start)
        yield from answer["Items"]
        if "LastEvaluatedKey" not in answer:
            return
        start = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}


def _page(table: str, asked: Mapping[str, Any]) -> list[dict[str, dict[str, Any]]]:
    client: Any = connection().client
    found: list[dict[str, dict[str, Any]]] = []
    left: dict[str, Any] = {table: asked}

    def read() -> None:
        nonlocal left
        with told_plainly():
            answer = client.batch_get_item(RequestItems=left)
        found.extend(answer["Responses"].get(table, ()))
        left = answer.get("UnprocessedKeys")
        if left:
            raise Contended

    retried(read)
    return found
