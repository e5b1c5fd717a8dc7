"""Builds the store of the change token."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.common.once import once

if TYPE_CHECKING:
    from chalicelib.changes.store import Changes


@once
def changes() -> Changes:
    from chalicelib.aws.client import connect
    from chalicelib.changes.dynamodb import ChangeItem, ChangeTable
    from chalicelib.common.clock import clock

    connect(ChangeItem, "files")
    return ChangeTable(clock())
