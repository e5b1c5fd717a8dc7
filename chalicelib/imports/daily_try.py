"""The exchange's daily file as a format that is tried: validated as by its import, without the limits of bad rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import BinaryIO, Final

from chalicelib.common.csv_records import UnreadableFile
from chalicelib.feeds.feed import DAILY
from chalicelib.feeds.receipt import FileState
from chalicelib.imports.formats.head import Head
from chalicelib.imports.formats.reading import Kind, Row
from chalicelib.imports.validation import FileValidation, Limits, good_rows, validate_file
from chalicelib.trades.model import FIELDS
from chalicelib.trades.statement import Statement

_TELLING: Final = frozenset(FIELDS) - {"delivery_day", "delivery_hour", "price"}
"""Columns that a file of reference prices does not have."""


class DailyFile:
    name = DAILY.format
    kind = Kind.TRADES
    mapping: str | None = None
    recognised_by = f"the columns {', '.join(FIELDS)}"

    def __init__(self, limits: Limits) -> None:
        self._limits = replace(limits, bad_rows=limits.rows)

    def recognises(self, head: Head) -> bool:
        # Also with other separators: reading the file says what is wrong with it.
        return not head.found and set(head.columns(head.separator)) >= set(FIELDS)

    def likeness(self, head: Head) -> int:
        return len(_TELLING & set(head.columns(head.separator)))

    def read(self, content: BinaryIO, head: Head, file_day: date | None = None) -> Iterator[Row]:  # noqa: ARG002 - a Format
        validation = validate_file(content, self._limits, file_day=file_day)
        if validation.state is not FileState.IMPORTING:
            raise UnreadableFile(validation.reason or validation.state)
        return _rows(content, validation)


def _rows(content: BinaryIO, validation: FileValidation) -> Iterator[Row]:
    yield from (Row(row.line, problems=row.problems) for row in validation.quarantine)
    yield from (Row(line) for line in validation.repeated)
    yield from (Row(line, (Statement(trade, about_state=False),)) for line, trade in good_rows(content, validation))
