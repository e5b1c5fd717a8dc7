"""The names of the sides of trades: one trade is one side, or two if the desk traded with itself."""

from __future__ import annotations

from typing import Final

from chalicelib.positions.model import VENUE

BETWEEN: Final = "\x1f"
"""Ids are printable, so that no id has it."""
_SECOND: Final = f"#{BETWEEN}2"


def side_id(venue: str, trade_id: str, side: int = 1) -> str:
    """Return the text that names a side of a trade: of the first side at the exchange, the id alone."""
    name = trade_id if venue == VENUE else f"{venue}{BETWEEN}{trade_id}"
    return name if side == 1 else name + _SECOND


def second_side_of(name: str) -> str:
    """Return the name of the second side of the trade whose first side has this name."""
    return name + _SECOND


def name_and_side(text: str) -> tuple[str, int]:
    """Return the name that both sides share, and the side."""
    return (text.removesuffix(_SECOND), 2) if text.endswith(_SECOND) else (text, 1)


def venue_and_id(name: str) -> tuple[str, str]:
    """Return what the name of a first side was made of."""
    venue, _, trade_id = name.rpartition(BETWEEN)
    return venue or VENUE, trade_id
