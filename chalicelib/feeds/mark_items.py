"""Day marks in the table `files`: their keys, and the action of a late trade.

Apart from the leases, because a cold start that books needs neither those nor the model of the table.
"""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from chalicelib.aws.items import CURRENT, item_of
from chalicelib.settings import settings

PARTITION: Final = "delivery#"


def mark_key(delivery_day: date) -> dict[str, str]:
    return {"file_day": f"{PARTITION}{delivery_day}", "version": CURRENT}


def mark_added(delivery_day: date, at: str) -> dict[str, Any]:
    """Return the action that counts a late trade; a dict, because each late trade that is posted has one."""
    return {
        "TableName": settings().table("files"),
        "Key": item_of(mark_key(delivery_day)),
        "UpdateExpression": "ADD #count :one SET added_at = :at",
        "ExpressionAttributeNames": {"#count": "count"},  # a reserved word
        "ExpressionAttributeValues": item_of({":one": 1, ":at": at}),
    }
