"""What a transaction does to trades and positions, as DynamoDB's own actions; see `trade_items` for why."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from chalicelib.adapters.models import PositionItem, TradeItem
from chalicelib.adapters.trade_items import Item, current_item, current_key, old_item, position_key
from chalicelib.domain.position import Change, PositionKey
from chalicelib.domain.revision import Revision

_ABSENT: Final = "attribute_not_exists(trade_id)"
_SAY_WHAT_STANDS: Final = {"ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
_NUMBER: Final = {"#number": "number"}
_ADD: Final = "ADD trades :trades, buy_kw :buy_kw, sell_kw :sell_kw, buy_cash :buy_cash, sell_cash :sell_cash"


def put_new(revision: Revision) -> dict[str, Any]:
    """Put a trade that is not there; where one is, the refusal says which."""
    return {**_put(current_item(revision)), "ConditionExpression": _ABSENT, **_SAY_WHAT_STANDS}


def put_over(old: Revision, new: Revision) -> dict[str, Any]:
    """Put a word in the place of the one that is believed to stand; where another does, the refusal says which."""
    values: dict[str, Any] = {":number": {"N": str(old.number)}}
    matched = "attribute_not_exists(matched_day)"
    if old.matched is not None:
        values[":matched"], matched = {"S": old.matched.isoformat()}, "matched_day = :matched"
    return {
        **_put(current_item(new)),
        "ConditionExpression": f"#number = :number AND {matched}",
        "ExpressionAttributeNames": _NUMBER,
        "ExpressionAttributeValues": values,
        **_SAY_WHAT_STANDS,
    }


def put_aside(old: Revision) -> dict[str, Any]:
    """Keep a word that no longer counts, once."""
    return {**_put(old_item(old)), "ConditionExpression": _ABSENT}


def note_match(word: Revision, file_day: date) -> dict[str, Any]:
    """Note that a daily file says the same; where another word stands, or a later note, the refusal says which."""
    return {
        "TableName": TradeItem.Meta.table_name,
        "Key": current_key(word.trade.id),
        "UpdateExpression": "SET matched_day = :day",
        "ConditionExpression": "#number = :number AND (attribute_not_exists(matched_day) OR matched_day <= :day)",
        "ExpressionAttributeNames": _NUMBER,
        "ExpressionAttributeValues": {":number": {"N": str(word.number)}, ":day": {"S": file_day.isoformat()}},
        **_SAY_WHAT_STANDS,
    }


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


def _put(item: Item) -> dict[str, Any]:
    return {"TableName": TradeItem.Meta.table_name, "Item": item}
