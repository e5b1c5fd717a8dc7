"""Trades as DynamoDB's own typed items and back, with the keys that put them in delivery order.

PynamoDB's models describe the same items. They are not made here, for a night's file has hundreds of
thousands of items, and a model costs several times what its item does.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any, Final
from zlib import crc32

from chalicelib.adapters.items import Item, day_of, day_text, integer_of
from chalicelib.adapters.models import CURRENT
from chalicelib.domain.revision import FromFile, Posted, Revision, Source
from chalicelib.domain.trade import Direction, Trade

SHARDS: Final = 4
"""A delivery day alone would be one hot partition of the index on import night."""


def current_item(revision: Revision) -> Item:
    """Give the item that counts now, present in both indexes unless it was withdrawn."""
    item = _item(revision, CURRENT)
    if revision.withdrawn:
        return item
    trade = revision.trade
    day, order = day_text(trade.delivery_day), f"{trade.period.key}#{trade.id}"
    return item | {
        "trader_order": {"S": f"{day}#{order}"},
        "day_shard": {"S": day_shard(trade.delivery_day, crc32(trade.id.encode()) % SHARDS)},
        "day_order": {"S": order},
    }


def old_item(revision: Revision) -> Item:
    """Give the item of a word that no longer counts, absent from the indexes."""
    return _item(revision, f"v{revision.number:06d}")


def current_key(trade_id: str) -> Item:
    """Give the key of the word that counts."""
    return {"trade_id": {"S": trade_id}, "revision": {"S": CURRENT}}


def day_shard(delivery_day: date, shard: int) -> str:
    """The index partition of one shard of a day."""
    return f"{day_text(delivery_day)}#{shard}"


def revision_of(item: Item) -> Revision:
    """Read an item back."""
    withdrawn = item.get("withdrawn", {}).get("BOOL") is True
    matched = day_of(item["matched_day"]["S"]) if "matched_day" in item else None
    noted = frozenset(map(day_of, item["noted_days"]["S"].split())) if "noted_days" in item else frozenset()
    coarse_time = item["coarse_time"]["S"] if "coarse_time" in item else None
    said_at = item["said_at"]["S"]
    source = _source_of(item)
    return Revision(trade_of(item), integer_of(item["number"]), source, said_at, withdrawn, matched, noted, coarse_time)


def trade_of(item: Item) -> Trade:
    """Read the trade alone back."""
    return Trade(
        id=item["trade_id"]["S"],
        price=integer_of(item["price"]),
        quantity=integer_of(item["quantity"]),
        direction=Direction(item["direction"]["S"]),
        delivery_day=day_of(item["delivery_day"]["S"]),
        delivery_hour=integer_of(item["delivery_hour"]),
        trader_id=item["trader_id"]["S"],
        execution_time=item["execution_time"]["S"],
    )


def noted_text(days: Collection[date]) -> str:
    """Write the file days noted on a trade."""
    return " ".join(sorted(map(day_text, days)))


def _item(revision: Revision, name: str) -> dict[str, dict[str, Any]]:
    trade, source = revision.trade, revision.source
    item: dict[str, dict[str, Any]] = {
        "trade_id": {"S": trade.id},
        "revision": {"S": name},
        "number": {"N": str(revision.number)},
        "price": {"N": str(trade.price)},
        "quantity": {"N": str(trade.quantity)},
        "direction": {"S": trade.direction.value},
        "delivery_day": {"S": day_text(trade.delivery_day)},
        "delivery_hour": {"N": str(trade.delivery_hour)},
        "trader_id": {"S": trade.trader_id},
        "execution_time": {"S": trade.execution_time},
        "said_at": {"S": revision.said_at},
    }
    if revision.withdrawn:
        item["withdrawn"] = {"BOOL": True}
    if revision.matched is not None:
        item["matched_day"] = {"S": day_text(revision.matched)}
    if revision.noted:
        item["noted_days"] = {"S": noted_text(revision.noted)}
    if revision.coarse_time is not None:
        item["coarse_time"] = {"S": revision.coarse_time}
    if isinstance(source, Posted):
        item["source_user"] = {"S": source.user}
    else:
        item["source_day"] = {"S": day_text(source.file_day)}
        item["source_version"] = {"N": str(source.version)}
        item["source_line"] = {"N": str(source.line)}
    return item


def _source_of(item: Item) -> Source:
    if "source_user" in item:
        return Posted(item["source_user"]["S"])
    version, line = integer_of(item["source_version"]), integer_of(item["source_line"])
    return FromFile(day_of(item["source_day"]["S"]), version, line)
