"""Items as DynamoDB's own JSON, and the values in them.

There is one way to write each table:

- `trades` and `positions` have hundreds of thousands of items, and a model costs several times what its item does.
  Their items and actions are dicts, made in `trades/items.py` and `positions/dynamodb.py`, and read by `aws/reads.py`.
- The other tables are read and written by their PynamoDB models. Where their items are part of a transaction of trades,
  the model makes the action as a dict (`get_update_kwargs_from_instance`, as in `feeds/marks.py`).

Models describe all tables: keys, indexes and types, which a test compares with the template. A dump moves the items of
any table as they are (`admin/tables.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Any

from pynamodb.attributes import Attribute
from pynamodb.constants import NUMBER

Item = Mapping[str, Mapping[str, Any]]
"""Attributes by name, each a value by its type: `{"price": {"N": "5000"}}`."""
CURRENT = "current"
"""The range key of the current revision of a trade, or the newest receipt; older ones are `v000001` and on."""


class IntegerAttribute(Attribute[int]):
    """An integer in DynamoDB's number type, with any number of digits; PynamoDB's own returns floats for fractions."""

    attr_type = NUMBER

    def serialize(self, value: int) -> str:
        return str(int(value))

    def deserialize(self, value: str) -> int:
        return integer_of({NUMBER: value})


def integer_of(value: Mapping[str, Any]) -> int:
    """Return a number, which an engine may have written in exponent form."""
    text: str = value["N"]
    try:
        return int(text)
    except ValueError:
        mantissa, _, exponent = text.upper().partition("E")
        whole, _, fraction = mantissa.partition(".")
        return int(whole + fraction.ljust(int(exponent), "0"))


@lru_cache(maxsize=1024)
def day_of(text: str) -> date:
    """Return the day of a text; a file and a report have thousands of items a day."""
    return date.fromisoformat(text)


@lru_cache(maxsize=1024)
def day_text(day: date) -> str:
    """Return the text of a day."""
    return day.isoformat()


def texts(values: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Return texts, such as a key, as DynamoDB's JSON."""
    return {name: {"S": value} for name, value in values.items()}
