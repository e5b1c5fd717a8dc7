"""Every reach into the internals of botocore and PynamoDB."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from botocore.config import Config
from botocore.session import Session
from pynamodb.constants import SERVICE_NAME

if TYPE_CHECKING:
    from pynamodb.connection import Connection
    from pynamodb.pagination import ResultIterator

    from chalicelib.aws.items import Item

_GIVEN: Final = "voltbook_given"
_LOOKED_INTO: Final = {"RequestItems"}
"""What the rules of endpoints need there, if empty."""
_READS: Final = ("BatchGetItem", "Query", "Scan")
_FIRST_FAILURE: Final = 300
USER_AGENT = "voltbook"


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


def hurry(session: Session) -> None:
    """Spare the SDK looking through the folders of all services, twice, and its own name, put together each time."""
    loader = session.get_component("data_loader")
    loader.list_available_services = lambda *_: [SERVICE_NAME]
    session.set_default_client_config(Config(user_agent=USER_AGENT))
