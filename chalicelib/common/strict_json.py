"""Strict JSON reader: NaN, repeated keys, lone surrogates and deep nesting are errors."""

from __future__ import annotations

import json
from functools import partial
from typing import Final, NamedTuple, NoReturn

from chalicelib.common.errors import InvalidJson, TooLarge

MAX_BYTES: Final = 64 * 1024
"""A trade has less than 2 KB."""
MAX_DIGITS: Final = 1000
SHOWN: Final = 40


class NotWhole(NamedTuple):
    """A JSON number not written as an integer (`12.0`, `1e3`) or too long; its text is for the message."""

    text: str

    def __repr__(self) -> str:
        return self.text if len(self.text) <= SHOWN else f"{self.text[:SHOWN]}..."


def read_object(body: bytes, most: int = MAX_BYTES) -> dict[str, object]:
    """Read one JSON object (UTF-8, at most `most` bytes); raises InvalidJson or TooLarge."""
    return as_object(read_value(body, most), "the body")


def as_object(value: object, what: str) -> dict[str, object]:
    """Return a value that is a JSON object; raises InvalidJson."""
    if not isinstance(value, dict):
        raise InvalidJson(f"{what} must be one JSON object, got {kind_of(value)}")
    return value


def read_value(body: bytes, most: int = MAX_BYTES, what: str = "the body") -> object:
    """Read any JSON (UTF-8, at most `most` bytes); raises InvalidJson or TooLarge, which name it as `what`."""
    if len(body) > most:
        raise TooLarge(f"{what} has {len(body)} bytes, at most {most} are read")
    try:
        return json.loads(
            body.decode("utf-8"),
            object_pairs_hook=partial(_unique_keys, what),
            parse_constant=partial(_refuse_constant, what),
            parse_float=NotWhole,
            parse_int=_whole,
        )
    except UnicodeDecodeError as error:
        raise InvalidJson(f"{what} must be UTF-8, byte {error.start} is not") from error
    except json.JSONDecodeError as error:
        found = error.msg.removesuffix(" at")  # "Unterminated string starting at"
        raise InvalidJson(f"{what} is not JSON: {found} at line {error.lineno} column {error.colno}") from error
    except RecursionError as error:
        raise InvalidJson(f"{what} is nested too deep") from error


def kind_of(value: object) -> str:
    """Return the name of a value's JSON type, for messages."""
    names = {dict: "an object", list: "a list", str: "text", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number")


def _unique_keys(what: str, pairs: list[tuple[str, object]]) -> dict[str, object]:
    read = dict(pairs)
    if len(read) != len(pairs):
        names = [name for name, _ in pairs]
        doubled = next(name for name in names if names.count(name) > 1)
        raise InvalidJson(f"{what} names {doubled!r} twice")
    return read


def _refuse_constant(what: str, name: str) -> NoReturn:
    raise InvalidJson(f"{what} is not JSON: {name} is no JSON number")


def _whole(text: str) -> int | NotWhole:
    return int(text) if len(text) <= MAX_DIGITS else NotWhole(text)
