"""The one connection to DynamoDB, which all models share, and what their tables are called in this stage."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from pynamodb.connection import Connection
from pynamodb.models import Model

from chalicelib.aws.patches import give_as_they_are, hurry, take_as_they_come
from chalicelib.aws.session import new_session
from chalicelib.common.once import once
from chalicelib.settings import settings


@dataclass
class _Connected:
    connection: Connection | None = None
    models: set[type[Model]] = field(default_factory=set)


@once
def _connected() -> _Connected:
    return _Connected()


def connect(model: type[Model], table: str) -> None:
    """Name the table of a model as this stage does, and let the model share the connection; called by builders.

    Its session must be its own: what spares it a cold start makes it unfit for other services. PynamoDB would make a
    client a model, each as costly as the SDK's start, and one a thread where several ask first.
    """
    connected = _connected()
    if model in connected.models:
        return
    meta: Any = model.Meta
    meta.table_name = settings().table(table)
    model._connection = None  # noqa: SLF001 - PynamoDB offers no other way to connect anew
    held = model._get_connection()  # noqa: SLF001 - nor to share a connection
    if connected.connection is None:
        held.connection._local.session = new_session()  # noqa: SLF001 - nor to choose its session
        hurry(held.connection.session)
        give_as_they_are(held.connection)
        take_as_they_come(held.connection)
        connected.connection = held.connection
    else:
        connected.connection.add_meta_table(held.get_meta_table())
        held.connection = connected.connection
    connected.models.add(model)


def connection() -> Connection:
    """Return the one connection of all models, for transactions."""
    connection = _connected().connection
    if connection is None:
        message = "no model is connected: a builder of a bootstrap connects those that it needs"
        raise RuntimeError(message)
    return connection
