"""JSON text without spaces, put together from the texts of its parts: the figures of a report are text already."""

from __future__ import annotations

import json
from collections.abc import Iterable
from json.encoder import encode_basestring_ascii
from typing import Final

# `json.dumps` would make one for each call.
_ENCODER: Final = json.JSONEncoder(separators=(",", ":"))


def compact(value: object) -> str:
    """Return a JSON value as text."""
    return _ENCODER.encode(value)


def text_of(name: str | None) -> str:
    """Give any text, or null."""
    return "null" if name is None else encode_basestring_ascii(name)


def plain(text: object | None) -> str:
    """Give a number or a time as JSON text, or null: nothing in it that JSON would write in another way."""
    return "null" if text is None else f'"{text}"'


def joined(parts: Iterable[str]) -> str:
    """Give an array of texts of JSON."""
    return f"[{','.join(parts)}]"


def members(**parts: str) -> str:
    """Give an object of texts of JSON."""
    return "{" + ",".join(f'"{name}":{part}' for name, part in parts.items()) + "}"
