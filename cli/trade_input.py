"""Trades as the command line states them: in options, or in JSON."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from json import JSONDecodeError, JSONDecoder
from typing import Final

from chalicelib.common.errors import InvalidJson
from chalicelib.common.strict_json import read_object

Fields = dict[str, object]

_WHOLE: Final = re.compile(r"-?\d{1,15}", re.ASCII)
_NUMBERS: Final = frozenset({"price", "quantity", "delivery_hour"})
_SPACE: Final = " \t\r\n"
_BETWEEN: Final = re.compile(r"[ \t\r\n,]*")
# Only finds where a value ends, so numbers of any length pass.
_DECODER: Final = JSONDecoder(parse_int=len, parse_float=len)


def fields_of(options: Mapping[str, str | date | None]) -> Fields:
    """Return the given fields; text in place of a number is kept, so that the error can name its field."""
    given = {name: str(value) for name, value in options.items() if value is not None}
    return {name: int(text) if name in _NUMBERS and _WHOLE.fullmatch(text) else text for name, text in given.items()}


def fields_in(body: bytes) -> list[Fields]:
    """Parse one trade or an array of trades; raises InvalidJson or TooLarge before anything is booked."""
    try:
        text = body.decode("utf-8-sig").strip(_SPACE)
    except UnicodeDecodeError as error:
        raise InvalidJson(f"the input must be UTF-8, byte {error.start} is not") from error
    elements = _elements(text) if text.startswith("[") else [text]
    return [read_object(element.encode("utf-8")) for element in elements]


def _elements(array: str) -> list[str]:
    """Return the text of each element of a JSON array, for the strict reader."""
    try:
        _DECODER.decode(array)
    except JSONDecodeError as error:
        raise InvalidJson(f"the input is not JSON: {error.msg}, at line {error.lineno}") from error
    except RecursionError as error:
        raise InvalidJson("the input is nested too deeply") from error
    elements, at = [], 1
    while (at := _BETWEEN.match(array, at).end()) < len(array) - 1:  # type: ignore[union-attr]  # matches anything
        end = _DECODER.raw_decode(array, at)[1]
        elements.append(array[at:end])
        at = end
    return elements
