"""Reading many items at once: what DynamoDB leaves unprocessed is asked for again with jitter, and not forever."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, TypeVar

from pynamodb.models import Model

from chalicelib.adapters.failures import Contended, retried, told_plainly

AT_ONCE: Final = 100
"""Keys in one BatchGetItem."""
M = TypeVar("M", bound=Model)


def read_many(model: type[M], keys: Sequence[dict[str, str]]) -> list[M]:
    """Give those items of these text keys that are there, read consistently, in no order; raises Unavailable."""
    return [model.from_raw_data(item) for item in read_items(model, keys)]


def read_items(model: type[M], keys: Sequence[dict[str, str]]) -> list[dict[str, dict[str, Any]]]:
    """Give the same as DynamoDB's own typed items.

    PynamoDB's own batch_get asks again at once and without end.
    """
    found: list[dict[str, dict[str, Any]]] = []
    for first in range(0, len(keys), AT_ONCE):
        page = keys[first : first + AT_ONCE]
        found += _page(model, [{name: {"S": value} for name, value in key.items()} for key in page])
    return found


def _page(model: type[M], keys: list[Any]) -> list[dict[str, dict[str, Any]]]:
    ask: Any = model._batch_get_page  # noqa: SLF001 - PynamoDB's one call that asks once only
    found: list[dict[str, dict[str, Any]]] = []
    left = keys

    def read() -> None:
        nonlocal left
        with told_plainly():
            items, left = ask(left, consistent_read=True, attributes_to_get=None)
        found.extend(items)
        if left:
            raise Contended

    retried(read)
    return found
