"""Which reads of DynamoDB may be stale: a decision that rests on one may be wrong."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from types import FrameType
from typing import Any


def stale_reads(operation: str, parameters: Mapping[str, Any]) -> Iterator[str]:
    """Name each read of a table in a request that is not consistent."""
    asked: Mapping[str, Any] = {}
    if operation in {"GetItem", "Query", "Scan"} and "IndexName" not in parameters:
        asked = {parameters["TableName"]: parameters}
    if operation == "BatchGetItem":
        asked = parameters["RequestItems"]
    yield from (f"{operation} of {table}" for table, one in asked.items() if one.get("ConsistentRead") is not True)


def is_ours() -> bool:
    """Return whether the book makes this call, and not a test that looks at a table directly."""
    frame: FrameType | None = sys._getframe()
    while frame is not None and not frame.f_globals["__name__"].startswith("chalicelib."):
        frame = frame.f_back
    return frame is not None
