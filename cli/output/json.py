"""JSON for people and programs: indented, Unicode kept, and nothing in it that a terminal would obey."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from textwrap import indent
from typing import Any

Json = dict[str, Any]
"""An object as the API's JSON holds it."""


def json_text(value: object) -> str:
    """Give one value."""
    text = json.dumps(value, indent=2, ensure_ascii=False)
    lines = text.split("\n")
    return "\n".join(line if line.isprintable() else _escaped(line) for line in lines)


def json_lines(values: Iterable[object]) -> Iterator[str]:
    """Give an array piece by piece, so that a long one need not be held."""
    before = "[\n"
    for value in values:
        yield before + indent(json_text(value), "  ")
        before = ",\n"
    yield "[]\n" if before == "[\n" else "\n]\n"


def _escaped(line: str) -> str:
    r"""Only text can hold what is not printable, and in JSON text `\uXXXX` says the same."""
    return "".join(one if one.isprintable() else json.dumps(one)[1:-1] for one in line)
