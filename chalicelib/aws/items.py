"""Items as DynamoDB's JSON has them, their numbers and days, and what all models share."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Any, Final

from pynamodb.attributes import Attribute
from pynamodb.constants import NUMBER

Item = Mapping[str, Mapping[str, Any]]
"""Attributes by name, each a value by its type: `{"price": {"N": "5000"}}`."""
CURRENT = "current"
"""The range key of the word, or the receipt, that counts now; older ones are `v000001` and on."""


class IntegerAttribute(Attribute[int]):
    """An integer in DynamoDB's number type, however many digits; PynamoDB's own gives floats for fractions."""

    attr_type = NUMBER

    def serialize(self, value: int) -> str:
        """Write an integer."""
        return str(int(value))

    def deserialize(self, value: str) -> int:
        """Read an integer, also one an engine gives back in exponent form."""
        mantissa, _, exponent = value.upper().partition("E")
        return int(mantissa) if not exponent else _scaled(mantissa, int(exponent))


def _scaled(mantissa: str, exponent: int) -> int:
    whole, _, fraction = mantissa.partition(".")
    return int(whole + fraction.ljust(exponent, "0"))


_NUMBERS: Final = IntegerAttribute()


def integer_of(value: Mapping[str, Any]) -> int:
    """Read a number."""
    text: str = value["N"]
    try:
        return int(text)
    except ValueError:  # an engine that gives large numbers back in exponent form
        return _NUMBERS.deserialize(text)


@lru_cache(maxsize=1024)
def day_of(text: str) -> date:
    """Read a day; a file and a report have thousands of items a day."""
    return date.fromisoformat(text)


@lru_cache(maxsize=1024)
def day_text(day: date) -> str:
    """Write a day."""
    return day.isoformat()


class ClientSettings:
    """What every model asks of the SDK: quick to notice a dead connection, bounded and jittered retries."""

    connect_timeout_seconds = 2
    read_timeout_seconds = 5
    max_pool_connections = 32
    max_retry_attempts = 2
