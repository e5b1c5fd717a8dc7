"""The connection to DynamoDB that all models share, and the names of their tables in this stage."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from chalicelib.aws.patches import SharedConnection
from chalicelib.aws.session import new_session
from chalicelib.common.once import once
from chalicelib.settings import settings

if TYPE_CHECKING:
    from pynamodb.connection import Connection
    from pynamodb.models import Model

_QUICK_TO_FAIL: Final[dict[str, Any]] = {
    "connect_timeout_seconds": 2,
    "read_timeout_seconds": 5,
    "max_pool_connections": 32,
    "max_retry_attempts": 2,
}
"""A dead connection is noticed soon; retries are bounded and jittered."""


@once
def _shared() -> SharedConnection:
    return SharedConnection(new_session(), _QUICK_TO_FAIL)


@once
def _connected() -> set[type[Model]]:
    return set()


def connect(model: type[Model], table: str) -> None:
    """Name the table of a model as this stage does, and make the model use the shared connection."""
    if model not in _connected():
        meta: Any = model.Meta
        meta.table_name = settings().table(table)
        _shared().add_model(model)
        _connected().add(model)


def connection() -> Connection:
    """Return the shared connection, for transactions and raw items."""
    if not _connected():
        raise RuntimeError("no model is connected: a builder of a bootstrap connects those that it needs")
    return _shared()
