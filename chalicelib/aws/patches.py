"""Every reach into the internals of botocore and PynamoDB, and nothing else.

`tests/test_patches.py` names the versions that these were tested with, and fails when another one is pinned.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from botocore.config import Config
from botocore.session import Session
from pynamodb.connection import Connection

from chalicelib.aws.errors import refuse_late_call
from chalicelib.aws.quick_calls import quicken

if TYPE_CHECKING:
    from botocore.loaders import Loader
    from pynamodb.models import Model

USER_AGENT: Final = "voltbook"
_PARAMETERS: Final = "voltbook_parameters"
_READ_BY_ENDPOINT_RULES: Final = {"RequestItems"}
_READS: Final = ("BatchGetItem", "Query", "Scan")
_FIRST_FAILURE: Final = 300


class SharedConnection(Connection):
    """PynamoDB's connection with a session that is passed in, and its client made at once."""

    # PynamoDB 6.1.0 takes no session (github.com/pynamodb/PynamoDB/issues/877): a connection makes one per thread. Its
    # client is made at the first use, and more than one where threads race. Both use the public property `session`.

    def __init__(self, session: Session, settings: dict[str, Any]) -> None:
        super().__init__(**settings)
        self._session = session
        self._added: set[str] = set()
        find_services_by_name(session)
        _prepare(session)
        quicken(self.client)

    @property
    def session(self) -> Session:
        return self._session

    def get_consumed_capacity_map(self, return_consumed_capacity: str) -> dict[str, str]:  # noqa: ARG002 - PynamoDB's own
        # PynamoDB 6.1.0 asks what each call consumed, to log it at DEBUG. The engine of one machine takes 7 percent
        # longer to book an array when it must tell.
        return {}

    def add_model(self, model: type[Model]) -> None:
        # PynamoDB 6.1.0 makes a connection, and with it a client, per model, and offers no other way
        # (github.com/pynamodb/PynamoDB/issues/1245); only a private method returns a model's.
        table = model._get_connection()  # noqa: SLF001 - there is no public one
        if table.table_name not in self._added:  # two models may share a table
            self.add_meta_table(table.get_meta_table())
            self._added.add(table.table_name)
        table.connection = self


def find_services_by_name(session: Session) -> None:
    """Let this session find the description of a service by the name of its folder."""
    # botocore 1.44.5 looks into the folders of all services, twice to make a client: 15 of the 310 ms of a cold start.
    loader = session.get_component("data_loader")
    loader.list_available_services = partial(_folders, loader)


def _folders(loader: Loader, type_name: str) -> list[str]:  # noqa: ARG001 - the SDK's own signature
    return [folder.name for path in loader.search_paths if Path(path).is_dir() for folder in os.scandir(path)]


def _prepare(session: Session) -> None:
    """Make this session's DynamoDB clients quick."""
    # botocore 1.44.5 composes its user agent for each request.
    session.set_default_client_config(Config(user_agent=USER_AGENT))
    # botocore 1.44.5 walks through every attribute of a request and an answer to produce the same JSON, two thirds of a
    # transaction's processor time; hooks pass the JSON by. The events are public, but `before-parse` and the contents
    # of `params` at `before-call` are not documented.
    events: Any = session  # its stubs allow no handler with a result
    hooks: dict[str, Callable[..., object]] = {
        "provide-client-params.dynamodb.*": _keep_parameters,
        "before-call.dynamodb.*": _write_body,
        "before-send.dynamodb.*": _refuse_late_attempt,
        **{f"before-parse.dynamodb.{operation}": _read_body for operation in _READS},
    }
    for event, hook in hooks.items():  # once, however many connections share a session
        events.register(event, hook, unique_id=f"{USER_AGENT}.{event}")


def _keep_parameters(params: dict[str, Any], context: dict[str, Any], **_: object) -> dict[str, Any]:
    # The rules of endpoints then see no table names either: they would look for ARNs among them, and ours are none.
    context[_PARAMETERS] = params
    return {name: {} for name in _READ_BY_ENDPOINT_RULES & params.keys()}


def _write_body(params: dict[str, Any], context: dict[str, Any], **_: object) -> None:
    added = json.loads(params["body"])  # what the SDK adds by itself, such as the token of a transaction
    params["body"] = json.dumps(added | context.pop(_PARAMETERS), separators=(",", ":")).encode()


def _refuse_late_attempt(**_: object) -> None:
    refuse_late_call()  # before each attempt of the SDK


def _read_body(response_dict: dict[str, Any], customized_response_dict: dict[str, Any], **_: object) -> None:
    if response_dict["status_code"] < _FIRST_FAILURE:  # the SDK reads errors itself
        customized_response_dict.update(json.loads(response_dict["body"]))
        response_dict["body"] = b"{}"
