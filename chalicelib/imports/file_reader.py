"""What an import needs of a format, and how it reads the exchange's daily file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any, BinaryIO, Protocol

from chalicelib.common.delivery import HOUR
from chalicelib.common.units import KW_PER_MW
from chalicelib.feeds.file_day import FileDay
from chalicelib.feeds.receipt import QuarantinedRow, Receipt
from chalicelib.imports.formats.daily import Row
from chalicelib.imports.sides import Stated, may_turn, stated_terms
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
from chalicelib.positions.model import VENUE, Direction
from chalicelib.trades.model import Trade
from chalicelib.trades.revision import Revision
from chalicelib.trades.rules import RowRule, effect_of_row
from chalicelib.trades.statement import Statement
from chalicelib.trades.warnings import ExchangeLimits, TradeWarning, trade_warnings


class FileReader(Protocol):
    """Reads seekable files of one format, each from its start, in bounded memory; any call raises UnreadableFile."""

    @property
    def rereads(self) -> bool:
        """Whether a file that was imported before may be read otherwise now, as its format is a setting."""
        ...

    @property
    def turns(self) -> bool:
        """Whether a row of the other direction may correct the only side of its trade, or states a side of its own."""
        ...

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

    def good_rows(self, content: BinaryIO, validation: FileValidation) -> Iterator[tuple[int, Statement]]:
        """Return line and statements of each row that is neither quarantined nor repeated."""
        ...

    def row_sides(self, content: BinaryIO, validation: FileValidation) -> Iterator[Stated]:
        """Return the sides that the rows are about, also those that are no trades, where that is legible."""
        ...

    def self_traded(self, content: BinaryIO, validation: FileValidation) -> Sequence[int]:
        """Return the `self_traded` of a file that was imported before."""
        ...

    def line_with_id(
        self, content: BinaryIO, validation: FileValidation, name: str, direction: Direction | None
    ) -> int | None:
        """Return the first line about this trade, and in this direction unless that is None or illegible."""
        ...

    def last_row(self, content: BinaryIO) -> Row | None:
        """Return the last row that is not blank."""
        ...

    def rule(self, statements: Iterable[Statement]) -> RowRule:
        """Return what decides the effects of these statements."""
        ...

    def may_turn(self, side: Revision, file: FileDay) -> bool:
        """Check whether a row of the other direction in this file corrects the only side of a trade."""
        ...

    def terms(self, revision: Revision, after: Trade | None = None) -> dict[str, Any]:
        """Return the terms of a revision, or of what it left in the book, as JSON values."""
        ...

    def warnings(self, trade: Trade, now: datetime, limits: ExchangeLimits) -> Iterable[TradeWarning]: ...

    def may_state(self, trade: Trade) -> bool:
        """Check whether a booked trade could be a row."""
        ...


class DailyReader:
    """Reads the exchange's daily file."""

    rereads = False
    turns = True

    validate = staticmethod(validate_file)
    row_sides = staticmethod(row_sides)
    self_traded = staticmethod(self_traded_of)
    line_with_id = staticmethod(line_with_id)
    last_row = staticmethod(last_row)
    may_turn = staticmethod(may_turn)
    warnings = staticmethod(trade_warnings)

    def validate_imported(
        self, content: BinaryIO, receipt: Receipt, quarantine: Sequence[QuarantinedRow] = ()
    ) -> FileValidation:
        return validate_imported(content, quarantine, receipt.rules)

    def validate_unfinished(
        self, content: BinaryIO, receipt: Receipt, quarantine: Sequence[QuarantinedRow]
    ) -> FileValidation:
        return validate_unfinished(content, quarantine, receipt.rules)

    def good_rows(self, content: BinaryIO, validation: FileValidation) -> Iterator[tuple[int, Statement]]:
        return ((line, Statement(trade, about_state=False)) for line, trade in good_rows(content, validation))

    def rule(self, statements: Iterable[Statement]) -> RowRule:  # noqa: ARG002 - they say nothing but the eight fields
        return effect_of_row

    def terms(self, revision: Revision, after: Trade | None = None) -> dict[str, Any]:  # noqa: ARG002 - as above
        return stated_terms(revision)

    def may_state(self, trade: Trade) -> bool:
        # Whatever its state: until it is recalled, the exchange's file has it.
        is_hour = trade.period.minutes == HOUR and trade.period.start.minute == 0
        return trade.venue == VENUE and is_hour and trade.kw % KW_PER_MW == 0
