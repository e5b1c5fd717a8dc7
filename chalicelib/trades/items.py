"""Revisions of trades as items of DynamoDB, and back.

A partition has both sides of a trade: `current` and `v000001` on, and `current#2` and `v000001#2` on. An item has the
attributes of the v1 form if that states all of the trade, so that an earlier release can read it.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import Any, Final
from zlib import crc32

from pynamodb.attributes import UnicodeAttribute
from pynamodb.models import Model

from chalicelib.aws.items import CURRENT, Item, integer_of, item_of, text_in
from chalicelib.common.delivery import Period
from chalicelib.feeds.file_day import FileDay
from chalicelib.positions.model import DIRECTIONS
from chalicelib.trades.model import State, Trade, trade_of_hour
from chalicelib.trades.revision import FromFile, Posted, Revision, Source
from chalicelib.trades.side import name_and_side, side_id, venue_and_id

SHARDS: Final = 4
"""A delivery day alone would be one hot partition of the index on import night."""
_SECOND: Final = "#2"
SECOND_CURRENT: Final = CURRENT + _SECOND
_NO_FILES: Final[frozenset[FileDay]] = frozenset()
_day: Final = lru_cache(maxsize=1024)(date.fromisoformat)


class TradeItem(Model):
    """The key of a revision; only a current one has the keys of the indexes too: earlier ones cost nothing there."""

    class Meta:
        table_name = "trades"

    trade_id = UnicodeAttribute(hash_key=True)
    revision = UnicodeAttribute(range_key=True)


def current_item(revision: Revision) -> dict[str, dict[str, Any]]:
    """Return the item of the current revision, which is in both indexes unless it was withdrawn."""
    item = _item(revision, CURRENT)
    if revision.withdrawn:
        return item
    trade, name = revision.trade, revision.side_id
    order = f"{trade.period.key}#{name}"
    shard = crc32(name.encode()) % SHARDS
    day = trade.delivery_day
    item["trader_order"] = {"S": f"{day}#{order}"}
    item["day_shard"] = {"S": day_shard(day, shard)}
    item["day_order"] = {"S": order}
    return item


def old_item(revision: Revision) -> dict[str, dict[str, Any]]:
    """Return the item of an earlier revision, which is in no index."""
    return _item(revision, _old(revision.number))


def current_key(name: str) -> dict[str, str]:
    """Return the key of the current revision of a side; see `side_id`."""
    trade_id, side = name_and_side(name)
    return {"trade_id": trade_id, "revision": CURRENT if side == 1 else SECOND_CURRENT}


def old_key(name: str, number: int) -> dict[str, str]:
    """Return the key of an earlier revision of a side."""
    trade_id, side = name_and_side(name)
    return {"trade_id": trade_id, "revision": _old(number) if side == 1 else _old(number) + _SECOND}


def _old(number: int) -> str:
    return f"v{number:06d}"


def day_shard(delivery_day: date, shard: int) -> str:
    return f"{delivery_day}#{shard}"


def side_id_of(item: Item) -> str:
    """Return the name of the side that an item is a revision of."""
    return side_id(*venue_and_id(item["trade_id"]["S"]), _side(item["revision"]["S"]))


def revision_of(item: Item) -> Revision:
    matched, noted, withdrawn = text_in(item, "matched_day"), text_in(item, "noted_days"), item.get("withdrawn")
    return Revision(
        _trade(item) if "kw" in item else _trade_of_hour(item),
        integer_of(item["number"]),
        _source(item),
        item["said_at"]["S"],
        withdrawn is not None and withdrawn["BOOL"],
        FileDay.of(matched) if matched else None,
        frozenset(map(FileDay.of, noted.split())) if noted else _NO_FILES,
        text_in(item, "coarse_time"),
        _side(item["revision"]["S"]),
        text_in(item, "restored_by"),
    )


def _side(range_key: str) -> int:
    return 2 if range_key.endswith(_SECOND) else 1


def _trade_of_hour(item: Item) -> Trade:
    return trade_of_hour(
        id=item["trade_id"]["S"],
        price=integer_of(item["price"]),
        quantity=integer_of(item["quantity"]),
        direction=DIRECTIONS[item["direction"]["S"]],
        delivery_day=_day(item["delivery_day"]["S"]),
        delivery_hour=integer_of(item["delivery_hour"]),
        trader_id=item["trader_id"]["S"],
        execution_time=item["execution_time"]["S"],
    )


def _trade(item: Item) -> Trade:
    venue, trade_id = venue_and_id(item["trade_id"]["S"])
    return Trade(
        trade_id,
        integer_of(item["price"]),
        integer_of(item["kw"]),
        DIRECTIONS[item["direction"]["S"]],
        Period.of_key(f"{item['start']['S']}/{integer_of(item['minutes'])}"),
        item["trader_id"]["S"],
        item["execution_time"]["S"],
        venue,
        text_in(item, "area"),
        text_in(item, "strategy"),
        State(text_in(item, "state") or State.ACTIVE),
        integer_of(item["venue_revision"]) if "venue_revision" in item else None,
        text_in(item, "order_id"),
        text_in(item, "text"),
        text_in(item, "product"),
        "hour_only" in item and item["hour_only"]["BOOL"],
    )


def _source(item: Item) -> Source:
    user = text_in(item, "source_user")
    if user is not None:
        return Posted(user, text_in(item, "source_reason"))
    file = FileDay.of(item["source_day"]["S"])
    return FromFile(file.day, integer_of(item["source_version"]), integer_of(item["source_line"]), file.feed)


def _item(revision: Revision, range_key: str) -> dict[str, dict[str, Any]]:
    trade, source = revision.trade, revision.source
    if trade.is_only_v1:
        terms = trade.as_fields()
        del terms["id"]
    else:
        terms = trade.as_terms()
    values = {
        "trade_id": side_id(trade.venue, trade.id),
        "revision": range_key if revision.side == 1 else range_key + _SECOND,
        "number": revision.number,
        **terms,
        "said_at": revision.recorded_at,
        **notes_of(revision),
    }
    if revision.withdrawn:
        values["withdrawn"] = True
    if revision.restored_by is not None:
        values["restored_by"] = revision.restored_by
    if isinstance(source, Posted):
        values["source_user"] = source.user
        if source.reason is not None:
            values["source_reason"] = source.reason
    else:
        values |= {"source_day": source.file.text, "source_version": source.version, "source_line": source.line}
    return item_of(values)


def notes_of(revision: Revision) -> dict[str, str]:
    """Return the attributes that a file may change when it confirms a trade, without empty ones."""
    notes = {
        "execution_time": revision.trade.execution_time,
        "matched_day": revision.matched.text if revision.matched else None,
        "noted_days": " ".join(sorted(file.text for file in revision.noted)),
        "coarse_time": revision.coarse_time,
    }
    return {name: value for name, value in notes.items() if value}
