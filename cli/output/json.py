"""JSON output: indented, Unicode kept, control characters escaped."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from textwrap import indent
from typing import Any

Json = dict[str, Any]
"""A JSON object of the API."""


def json_text(value: object) -> str:
    text = json.dumps(value, indent=2, ensure_ascii=False)
    lines = text.split("\n")
    return "\n".join(line if line.isprintable() else _escaped(line) for line in lines)


def json_lines(values: Iterable[object]) -> Iterator[str]:
    """Yield an array piece by piece, so that a long one does not fill the memory."""
    before = "[\n"
    for value in values:
        yield before + indent(json_text(value), "  ")
        before = ",\n"
    yield "[]\n" if before == "[\n" else "\n]\n"


def _escaped(line: str) -> str:
    # Only strings can contain such characters, and there `\uXXXX` is the same character.
    return "".join(one if one.isprintable() else json.dumps(one)[1:-1] for one in line)
