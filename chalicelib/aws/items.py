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
        return _integer(value)


def item_of(values: Mapping[str, str | int]) -> dict[str, dict[str, Any]]:
    return {name: {"S": value} if isinstance(value, str) else _number(value) for name, value in values.items()}


def values_of(item: Item) -> dict[str, Any]:
    """Return the plain values of an item that has texts, integers and booleans."""
    return {
        name: _integer(value) if kind == NUMBER else value
        for name, typed in item.items()
        for kind, value in typed.items()
    }


def integers_of(typed: Iterable[Mapping[str, Any]]) -> list[int]:
    return [_integer(value[NUMBER]) for value in typed]


def _number(value: int) -> dict[str, Any]:
    return {"BOOL": value} if isinstance(value, bool) else {NUMBER: str(value)}


def _integer(text: str) -> int:
    try:
        return int(text)
    except ValueError:  # an engine that returns large numbers in exponent form
        mantissa, _, exponent = text.upper().partition("E")
        whole, _, fraction = mantissa.partition(".")
        return int(whole + fraction.ljust(int(exponent), "0"))
