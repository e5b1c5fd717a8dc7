"""The sides of trades, as rows state them: two rows of one id are two sides, one may turn the only side."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from typing import TYPE_CHECKING

from chalicelib.positions.model import VENUE, Direction
from chalicelib.trades.model import TradeKey
from chalicelib.trades.side import side_id

if TYPE_CHECKING:
    from chalicelib.trades.model import Trade
    from chalicelib.trades.revision import Revision

Key = TradeKey
"""Venue, id and direction of a row or of a side."""
Id = tuple[str, str]
"""Venue and id, which both sides of a trade share."""
Words = Sequence["Revision"]


def key_of(trade: Trade) -> Key:
    """Return the side that a row with this trade states."""
    return trade.key


def id_of(key: Key) -> Id:
    return key.venue, key.id


def at_exchange(trade_id: str) -> Id:
    return VENUE, trade_id


def turned(key: Key) -> Key:
    """Return the other side of the same id."""
    return key._replace(direction=Direction.SELL if key.direction is Direction.BUY else Direction.BUY)


def sides_of(one: Id, words: Mapping[str, Words]) -> list[Words]:
    """Return the words on each side of a trade."""
    names = (side_id(*one), side_id(*one, 2))
    return [words[name] for name in names if name in words]


def met(key: Key, words: Mapping[str, Words]) -> Words | None:
    """Return the words on the side that a row is about: that of its direction, else the only one there is."""
    sides = sides_of(id_of(key), words)
    return next((side for side in sides if side[-1].trade.direction is key.direction), sides[0] if sides else None)


def is_about(rows: Container[Key], key: Key, sides: int) -> bool:
    """Check whether any of these rows states a side of a trade that has so many."""
    return key in rows or (sides == 1 and turned(key) in rows)


def terms(trade: Trade) -> tuple[object, ...]:
    """Return what a row states of a trade."""
    return trade.id, trade.price, trade.kw, trade.direction, trade.period, trade.trader_id, trade.execution_time
