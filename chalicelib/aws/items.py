"""Items as DynamoDB's own JSON, and the values in them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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


def item_of(values: Mapping[str, str | int]) -> dict[str, dict[str, Any]]:
    return {name: {"S": value} if isinstance(value, str) else _number(value) for name, value in values.items()}


def text_in(item: Item, name: str) -> str | None:
    typed = item.get(name)
    return typed["S"] if typed else None


def integer_of(typed: Mapping[str, Any]) -> int:
    text: str = typed[NUMBER]
    try:
        return int(text)
    except ValueError:  # an engine that returns large numbers in exponent form
        mantissa, _, exponent = text.upper().partition("E")
        whole, _, fraction = mantissa.partition(".")
        return int(whole + fraction.ljust(int(exponent), "0"))


def integers_of(typed: Iterable[Mapping[str, Any]]) -> list[int]:
    return list(map(integer_of, typed))


def _number(value: int) -> dict[str, Any]:
    return {"BOOL": value} if isinstance(value, bool) else {NUMBER: str(value)}
