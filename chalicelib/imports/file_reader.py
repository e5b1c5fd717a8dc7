"""What an import needs of a format, and how it reads the exchange's daily file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, BinaryIO, Protocol

from chalicelib.feeds.receipt import QuarantinedRow, Receipt
from chalicelib.imports.formats.daily import Row
from chalicelib.imports.validation import (
    FileValidation,
    Limits,
    good_rows,
    last_row,
    line_with_id,
    row_sides,
    self_traded_of,
    validate_file,
    validate_imported,
    validate_unfinished,
)
from chalicelib.positions.model import Direction

if TYPE_CHECKING:
    from chalicelib.trades.model import Trade


class FileReader(Protocol):
    """Reads seekable files of one format, each from its start, in bounded memory."""

    def validate(
        self, content: BinaryIO, limits: Limits, *, file_day: date, stored_at: datetime | None
    ) -> FileValidation: ...

    def validate_imported(
        self, content: BinaryIO, receipt: Receipt, quarantine: Sequence[QuarantinedRow] = ()
    ) -> FileValidation:
        """Return the validation of a file that was imported before, whose repeated rows count as already there."""
        ...

    def validate_unfinished(
        self, content: BinaryIO, receipt: Receipt, quarantine: Sequence[QuarantinedRow]
    ) -> FileValidation:
        """Return the validation of a file whose import was begun under earlier rules, which also apply to the rest."""
        ...

    def good_rows(self, content: BinaryIO, validation: FileValidation) -> Iterator[tuple[int, Trade]]:
        """Return line and trade of each row that is neither quarantined nor repeated."""
        ...

    def row_sides(self, content: BinaryIO, validation: FileValidation) -> Iterator[tuple[str, Direction | None]]:
        """Return the id and the direction of each row, also of those that are no trades, where it is legible."""
        ...

    def self_traded(self, content: BinaryIO, validation: FileValidation) -> Sequence[int]:
        """Return the `self_traded` of a file that was imported before."""
        ...

    def line_with_id(
        self, content: BinaryIO, validation: FileValidation, trade_id: str, direction: Direction | None
    ) -> int | None:
        """Return the first line with this id, and this direction unless that is None or illegible."""
        ...

    def last_row(self, content: BinaryIO) -> Row | None:
        """Return the last row that is not blank; raises UnreadableFile."""
        ...


class DailyReader:
    """Reads the exchange's daily file."""

    validate = staticmethod(validate_file)
    good_rows = staticmethod(good_rows)
    row_sides = staticmethod(row_sides)
    self_traded = staticmethod(self_traded_of)
    line_with_id = staticmethod(line_with_id)
    last_row = staticmethod(last_row)

    def validate_imported(
        self, content: BinaryIO, receipt: Receipt, quarantine: Sequence[QuarantinedRow] = ()
    ) -> FileValidation:
        return validate_imported(content, quarantine, receipt.rules)

    def validate_unfinished(
        self, content: BinaryIO, receipt: Receipt, quarantine: Sequence[QuarantinedRow]
    ) -> FileValidation:
        return validate_unfinished(content, quarantine, receipt.rules)
