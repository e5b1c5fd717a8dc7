"""Every reach into the internals of botocore and PynamoDB, and nothing else.

`tests/test_patches.py` names the versions that these were tested with, and fails when another one is pinned.
"""

from __future__ import annotations

import os
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
    """Make this session's DynamoDB clients quick, and let them begin no attempt too late."""
    # botocore 1.44.5 composes its user agent for each request.
    session.set_default_client_config(Config(user_agent=USER_AGENT))
    # Once, however many connections share a session.
    session.register("before-send.dynamodb.*", _refuse_late_attempt, unique_id=f"{USER_AGENT}.before-send")


def _refuse_late_attempt(**_: object) -> None:
    refuse_late_call()  # before each attempt of the SDK
