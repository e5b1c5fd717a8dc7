"""DynamoDB's requests as they are given and its answers as they came: typed items in JSON, which both sides speak.

The SDK walks through every attribute of every item to give the very same back, which takes longer than all else that
is done with a night's file or a year's positions. It would only change binary values and times, and we keep neither.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from pynamodb.connection import Connection
    from pynamodb.pagination import ResultIterator

    from chalicelib.adapters.items import Item

_GIVEN: Final = "voltbook_given"
_LOOKED_INTO: Final = {"RequestItems"}
"""What the rules of endpoints need there, if empty."""
_READS: Final = ("BatchGetItem", "Query", "Scan")
_FIRST_FAILURE: Final = 300


def take_as_they_come(connection: Connection) -> None:
    """Let answers with items go around the SDK's reading; refusals are read by the SDK, as ever."""
    events: Any = connection.client.meta.events
    for operation in _READS:
        events.register(f"before-parse.dynamodb.{operation}", _take)


def give_as_they_are(connection: Connection) -> None:
    """Let requests go around the SDK's writing; what it adds by itself, such as the token of a transaction, stays.

    Its rules of endpoints then see no table names: they would only look for ARNs among them, and ours are none.
    """
    events: Any = connection.client.meta.events
    events.register("provide-client-params.dynamodb.*", _set_aside)
    events.register("before-call.dynamodb.*", _give)


def items_of(found: ResultIterator[Any]) -> Iterator[Item]:
    """Give what a query or scan finds as typed items, page after page, instead of as models."""
    for page in found.page_iter:
        yield from page["Items"]


def _set_aside(params: dict[str, Any], context: dict[str, Any], **_: object) -> dict[str, Any]:
    context[_GIVEN] = params
    return {name: {} for name in _LOOKED_INTO & params.keys()}


def _give(params: dict[str, Any], context: dict[str, Any], **_: object) -> None:
    added = json.loads(params["body"])
    params["body"] = json.dumps(added | context.pop(_GIVEN), separators=(",", ":")).encode()


def _take(response_dict: dict[str, Any], customized_response_dict: dict[str, Any], **_: object) -> None:
    if response_dict["status_code"] < _FIRST_FAILURE:
        customized_response_dict.update(json.loads(response_dict["body"]))
        response_dict["body"] = b"{}"
