"""Trades from options or from JSON, parsed as strictly as by the API and the import."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from json import JSONDecodeError, JSONDecoder
from typing import Final

from chalicelib.common.errors import InvalidJson
from chalicelib.common.strict_json import read_object

Fields = dict[str, object]

_WHOLE: Final = re.compile(r"-?\d{1,15}", re.ASCII)
_NUMBERS: Final = frozenset({"price", "quantity", "delivery_hour"})
_SPACE: Final = " \t\r\n"
# Only finds where a value ends, so numbers of any length pass.
_DECODER: Final = JSONDecoder(parse_int=len, parse_float=len)


def fields_of(options: Mapping[str, str | date | None]) -> Fields:
    """Return the given fields; text in place of a number is kept, so that the error can name its field."""
    given = {name: str(value) for name, value in options.items() if value is not None}
    return {name: int(text) if name in _NUMBERS and _WHOLE.fullmatch(text) else text for name, text in given.items()}


def fields_in(body: bytes) -> list[Fields]:
    """Parse one trade or an array of trades; raises InvalidJson or TooLarge before anything is booked."""
    text = _decoded(body).strip(_SPACE)
    if not text.startswith("["):
        return [read_object(text.encode("utf-8"))]
    return [read_object(element.encode("utf-8")) for element in _elements(text)]


def _decoded(body: bytes) -> str:
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidJson(f"the input must be UTF-8, byte {error.start} is not") from error


def _elements(text: str) -> Iterator[str]:
    at = _next(text, 1)
    while not text.startswith("]", at):
        end = _end_of_value(text, at)
        yield text[at:end]
        at = _next(text, end)
        if text.startswith(",", at):
            at = _next(text, at + 1)
            if not text.startswith("]", at):
                continue
        elif text.startswith("]", at):
            continue
        raise _not_json(text, at, "a comma or the array's end must follow an element")
    if at != len(text) - 1:
        raise _not_json(text, at + 1, "there is text after the array")


def _end_of_value(text: str, at: int) -> int:
    try:
        return _DECODER.raw_decode(text, at)[1]
    except JSONDecodeError as error:
        raise _not_json(text, error.pos, error.msg) from error
    except RecursionError as error:
        raise InvalidJson("the input is nested too deeply") from error


def _next(text: str, at: int) -> int:
    while at < len(text) and text[at] in _SPACE:
        at += 1
    return at


def _not_json(text: str, at: int, why: str) -> InvalidJson:
    return InvalidJson(f"the input is not JSON: {why}, at line {text.count(chr(10), 0, at) + 1}")
