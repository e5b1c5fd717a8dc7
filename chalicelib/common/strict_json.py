"""JSON read strictly: what Python's reader forgives (NaN, doubled keys, lone surrogates, bombs) is an error here."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final, NoReturn

from chalicelib.common.errors import InvalidJson, TooLarge

MAX_BYTES: Final = 64 * 1024
"""A trade is under 2 KB and comes nowhere near this."""
MAX_DIGITS: Final = 1000
SHOWN: Final = 40


@dataclass(frozen=True, slots=True)
class NotWhole:
    """A JSON number that is no integer as written (`12.0`, `1e3`), or absurdly long; its text is for the message."""

    text: str

    def __repr__(self) -> str:
        return self.text if len(self.text) <= SHOWN else f"{self.text[:SHOWN]}..."


def read_object(body: bytes, most: int = MAX_BYTES) -> dict[str, object]:
    """Read the one JSON object in `body` (UTF-8, at most so many bytes); raises InvalidJson or TooLarge."""
    if len(body) > most:
        message = f"the body has {len(body)} bytes, at most {most} are read"
        raise TooLarge(message)
    try:
        value = json.loads(
            body.decode("utf-8"),
            object_pairs_hook=_without_doubles,
            parse_constant=_refuse_constant,
            parse_float=NotWhole,
            parse_int=_whole,
        )
    except UnicodeDecodeError as error:
        message = f"the body must be UTF-8, byte {error.start} is not"
        raise InvalidJson(message) from error
    except json.JSONDecodeError as error:
        message = f"the body is not JSON: {error.msg} at line {error.lineno} column {error.colno}"
        raise InvalidJson(message) from error
    except RecursionError as error:
        message = "the body is nested too deep"
        raise InvalidJson(message) from error
    if not isinstance(value, dict):
        message = f"the body must be one JSON object, got {kind_of(value)}"
        raise InvalidJson(message)
    return value


def kind_of(value: object) -> str:
    """Name the JSON type of a value that was read, for messages."""
    names = {dict: "an object", list: "a list", str: "text", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number")


def _without_doubles(pairs: list[tuple[str, object]]) -> dict[str, object]:
    read = dict(pairs)
    if len(read) != len(pairs):
        names = [name for name, _ in pairs]
        doubled = next(name for name in names if names.count(name) > 1)
        message = f"the body names {doubled!r} twice"
        raise InvalidJson(message)
    return read


def _refuse_constant(name: str) -> NoReturn:
    message = f"the body is not JSON: {name} is no JSON number"
    raise InvalidJson(message)


def _whole(text: str) -> int | NotWhole:
    return int(text) if len(text) <= MAX_DIGITS else NotWhole(text)
