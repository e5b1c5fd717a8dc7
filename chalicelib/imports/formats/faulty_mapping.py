"""A mapping file with faults, which stops the files that it may describe and no others."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, BinaryIO, Final

from chalicelib.imports.formats.head import SEPARATORS, Head, column_name
from chalicelib.imports.formats.mapping_file import PRICE_FORMATS, InvalidMapping, name_of
from chalicelib.imports.formats.powerbot import NAME as POWERBOT
from chalicelib.imports.formats.reading import Kind, Row

_NAME: Final = re.compile(r"""^name\s*=\s*["']([a-z0-9_-]+)["']""", re.MULTILINE)


class FaultyMapping:
    """In place of a format; `base` is the built-in format that the mapping may be about."""

    def __init__(self, content: bytes, file: str, error: InvalidMapping) -> None:
        text = content.decode("utf-8", "replace")
        named = _NAME.search(text)
        self.error = error
        self.mapping: str | None = named[1] if named else name_of(file)
        self.base = next((name for name in (POWERBOT, *PRICE_FORMATS) if name in text), None)
        self.name = POWERBOT if self.base == POWERBOT else f"mapping:{self.mapping}"
        self.recognised_by = error.in_full
        declared = _declared(text)
        of_prices = self.base in PRICE_FORMATS or declared.get("kind") == Kind.PRICES
        self.kind = Kind.PRICES if of_prices else Kind.TRADES
        wanted = declared.get("recognise")
        self._wanted = {column_name(str(column)) for column in wanted} if isinstance(wanted, list) else set()

    def recognises(self, head: Head) -> bool:
        """Check whether the file may be one that the mapping describes, as far as that is legible."""
        if not self._wanted:
            return not head.root and (not head.found or head.is_json)
        return not head.found and any(self._wanted <= set(head.columns(separator)) for separator in SEPARATORS)

    def likeness(self, head: Head) -> int:  # noqa: ARG002 - as a Format
        return 0

    def read(self, content: BinaryIO, head: Head, file_day: date | None = None) -> Iterator[Row]:  # noqa: ARG002 - as a Format
        raise self.error


def _declared(text: str) -> Mapping[str, Any]:
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return {}
