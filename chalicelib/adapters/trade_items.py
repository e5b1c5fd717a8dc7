"""A revision as an item of the trades table and back, with the keys that put it in delivery order."""

from __future__ import annotations

from datetime import date
from typing import Final
from zlib import crc32

from chalicelib.adapters.models import CURRENT, PositionItem, TradeItem
from chalicelib.domain.delivery import Period
from chalicelib.domain.position import Change, Position, PositionKey
from chalicelib.domain.revision import FromFile, Posted, Revision, Source
from chalicelib.domain.trade import Direction, Trade

SHARDS: Final = 4
"""A delivery day alone would be one hot partition of the index on import night."""


def current_item(revision: Revision) -> TradeItem:
    """Give the item that counts now, present in both indexes unless it was withdrawn."""
    trade = revision.trade
    day, order = trade.delivery_day.isoformat(), f"{trade.period.key}#{trade.id}"
    item = _item(revision, CURRENT)
    if revision.withdrawn:
        return item
    item.trader_order = f"{day}#{order}"
    item.day_shard = day_shard(trade.delivery_day, crc32(trade.id.encode()) % SHARDS)
    item.day_order = order
    return item


def old_item(revision: Revision) -> TradeItem:
    """Give the item of a word that no longer counts, absent from the indexes."""
    return _item(revision, f"v{revision.number:06d}")


def day_shard(delivery_day: date, shard: int) -> str:
    """The index partition of one shard of a day."""
    return f"{delivery_day.isoformat()}#{shard}"


def revision_of(item: TradeItem) -> Revision:
    """Read an item back."""
    trade = Trade(
        id=item.trade_id,
        price=item.price,
        quantity=item.quantity,
        direction=Direction(item.direction),
        delivery_day=date.fromisoformat(item.delivery_day),
        delivery_hour=item.delivery_hour,
        trader_id=item.trader_id,
        execution_time=item.execution_time,
    )
    return Revision(trade, item.number, _source_of(item), item.said_at, bool(item.withdrawn))


def trader_prefix(trader_id: str) -> str:
    """What the range keys of a trader's positions begin with, and those of a trader `x#...` too."""
    return f"{trader_id}#"


def position_item(key: PositionKey) -> PositionItem:
    """Give the empty item of a position, to be moved by ADD."""
    return PositionItem(key.delivery_day.isoformat(), f"{trader_prefix(key.trader_id)}{key.period.key}")


def position_of(item: PositionItem) -> Position:
    """Read a position back; a trader id may itself hold a `#`, a period's key never does."""
    trader_id, _, period = item.trader_period.rpartition("#")
    key = PositionKey(trader_id, date.fromisoformat(item.delivery_day), Period.of_key(period))
    return Position(key, Change(item.trades, item.buy_kw, item.sell_kw, item.buy_cash, item.sell_cash))


def _item(revision: Revision, name: str) -> TradeItem:
    trade, source = revision.trade, revision.source
    item = TradeItem(
        trade.id,
        name,
        number=revision.number,
        price=trade.price,
        quantity=trade.quantity,
        direction=trade.direction.value,
        delivery_day=trade.delivery_day.isoformat(),
        delivery_hour=trade.delivery_hour,
        trader_id=trade.trader_id,
        execution_time=trade.execution_time,
        said_at=revision.said_at,
    )
    if revision.withdrawn:
        item.withdrawn = True
    if isinstance(source, Posted):
        item.source_user = source.user
    else:
        item.source_day = source.file_day.isoformat()
        item.source_version = source.version
        item.source_line = source.line
    return item


def _source_of(item: TradeItem) -> Source:
    if item.source_user is not None:
        return Posted(item.source_user)
    return FromFile(date.fromisoformat(item.source_day), item.source_version, item.source_line)
