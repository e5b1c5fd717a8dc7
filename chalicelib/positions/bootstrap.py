"""Build the store of positions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.common.once import once

if TYPE_CHECKING:
    from chalicelib.positions.store import Positions


@once
def positions() -> Positions:
    from chalicelib.aws.client import connect
    from chalicelib.positions.dynamodb import PositionItem, PositionTable

    connect(PositionItem, "positions")
    return PositionTable()
