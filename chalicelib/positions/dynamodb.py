"""Positions in DynamoDB, moved by ADD in the transactions of the book and read a day at a time.

They are read and written as DynamoDB's own typed items: a year's report has hundreds of thousands of them, and a model
costs several times what its item does.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from pynamodb.attributes import UnicodeAttribute
from pynamodb.models import Model

from chalicelib.aws.batch_read import items_asked
from chalicelib.aws.errors import told_plainly
from chalicelib.aws.items import ClientSettings, IntegerAttribute, Item, day_of, day_text, integer_of
from chalicelib.common.delivery import Period
from chalicelib.positions.model import Change, Position, PositionKey

_ADD: Final = "ADD trades :trades, buy_kw :buy_kw, sell_kw :sell_kw, buy_cash :buy_cash, sell_cash :sell_cash"


class PositionItem(Model):
    """One position: kW and cash (eurocent/MWh x kW x minutes) on each side, moved by ADD only."""

    class Meta(ClientSettings):
        table_name = "positions"

    delivery_day = UnicodeAttribute(hash_key=True)
    trader_period = UnicodeAttribute(range_key=True)
    trades = IntegerAttribute()
    buy_kw = IntegerAttribute()
    sell_kw = IntegerAttribute()
    buy_cash = IntegerAttribute()
    sell_cash = IntegerAttribute()


class PositionTable:
    """The table `positions`; see `Positions` for what each call promises."""

    def positions(self, delivery_day: date, trader_id: str | None) -> Sequence[Position]:
        """Return the positions of a day."""
        return positions_of_day(delivery_day, trader_id)


def positions_of_day(delivery_day: date, trader_id: str | None) -> Sequence[Position]:
    """Return the positions of a day, of one trader or of the whole desk."""
    with told_plainly():
        found = [position_of(item) for item in items_asked(_day_query(delivery_day, trader_id))]
    return [position for position in found if trader_id is None or position.key.trader_id == trader_id]


def move(key: PositionKey, change: Change) -> dict[str, Any]:
    """Add to a position, which need not be there."""
    return {
        "TableName": PositionItem.Meta.table_name,
        "Key": position_key(key),
        "UpdateExpression": _ADD,
        "ExpressionAttributeValues": {
            ":trades": {"N": str(change.trades)},
            ":buy_kw": {"N": str(change.buy_kw)},
            ":sell_kw": {"N": str(change.sell_kw)},
            ":buy_cash": {"N": str(change.buy_cash)},
            ":sell_cash": {"N": str(change.sell_cash)},
        },
    }


def trader_prefix(trader_id: str) -> str:
    """What the range keys of a trader's positions begin with, and those of a trader `x#...` too."""
    return f"{trader_id}#"


def position_key(key: PositionKey) -> Item:
    """Give the key of a position, to be moved by ADD."""
    order = f"{trader_prefix(key.trader_id)}{key.period.key}"
    return {"delivery_day": {"S": day_text(key.delivery_day)}, "trader_period": {"S": order}}


def position_of(item: Item) -> Position:
    """Read a position back; a trader id may itself hold a `#`, a period's key never does."""
    trader_id, _, period = item["trader_period"]["S"].rpartition("#")
    key = PositionKey(trader_id, day_of(item["delivery_day"]["S"]), Period.of_key(period))
    held = item["trades"], item["buy_kw"], item["sell_kw"], item["buy_cash"], item["sell_cash"]
    return Position(key, Change(*map(integer_of, held)))


def _day_query(delivery_day: date, trader_id: str | None) -> dict[str, Any]:
    """Ask for the positions of a day, without the models of a query: a year's report asks 366 times."""
    asked: dict[str, Any] = {
        "TableName": PositionItem.Meta.table_name,
        "KeyConditionExpression": "delivery_day = :day",
        "ExpressionAttributeValues": {":day": {"S": delivery_day.isoformat()}},
        "ConsistentRead": True,
    }
    if trader_id is not None:
        asked["KeyConditionExpression"] += " AND begins_with(trader_period, :whose)"
        asked["ExpressionAttributeValues"][":whose"] = {"S": trader_prefix(trader_id)}
    return asked
