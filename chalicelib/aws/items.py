"""Items as DynamoDB's own JSON, and the values in them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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
    text: str = value["N"]
    try:
        return int(text)
    except ValueError:  # an engine that returns large numbers in exponent form
        mantissa, _, exponent = text.upper().partition("E")
        whole, _, fraction = mantissa.partition(".")
        return int(whole + fraction.ljust(int(exponent), "0"))


def integers_of(values: Iterable[Mapping[str, Any]]) -> list[int]:
    return [integer_of(value) for value in values]


@lru_cache(maxsize=1024)  # a file and a report have thousands of items a day
def day_of(text: str) -> date:
    return date.fromisoformat(text)


@lru_cache(maxsize=1024)
def day_text(day: date) -> str:
    return day.isoformat()


def texts(values: Mapping[str, str]) -> dict[str, dict[str, str]]:
    return {name: {"S": value} for name, value in values.items()}
