"""The sides of a trade, as rows state them: two rows of one id are two sides, one may turn the only side."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from typing import TYPE_CHECKING

from chalicelib.positions.model import VENUE, Direction
from chalicelib.trades.side import side_id

if TYPE_CHECKING:
    from chalicelib.trades.model import Trade
    from chalicelib.trades.revision import Revision

Key = tuple[str, Direction]
"""Id and direction of a row or of a side at the exchange."""
Words = Sequence["Revision"]


def key_of(trade: Trade) -> Key:
    """Return the side that a row with this trade states."""
    return trade.id, trade.direction


def turned(key: Key) -> Key:
    """Return the other side of the same id."""
    return key[0], Direction.SELL if key[1] is Direction.BUY else Direction.BUY


def sides_of(trade_id: str, words: Mapping[str, Words]) -> list[Words]:
    """Return the words on each side of a trade at the exchange."""
    names = (side_id(VENUE, trade_id), side_id(VENUE, trade_id, 2))
    return [words[name] for name in names if name in words]


def met(key: Key, words: Mapping[str, Words]) -> Words | None:
    """Return the words on the side that a row is about: that of its direction, else the only one there is."""
    sides = sides_of(key[0], words)
    return next((side for side in sides if side[-1].trade.direction is key[1]), sides[0] if sides else None)


def is_about(rows: Container[Key], key: Key, sides: int) -> bool:
    """Check whether any of these rows states a side of a trade that has so many."""
    return key in rows or (sides == 1 and turned(key) in rows)


def terms(trade: Trade) -> tuple[object, ...]:
    """Return what a row states of a trade."""
    return trade.id, trade.price, trade.kw, trade.direction, trade.period, trade.trader_id, trade.execution_time
