"""The exchange's daily file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import BinaryIO, Final, NamedTuple

from chalicelib.common.csv_records import (
    Header,
    Record,
    has_spaces,
    read_header,
    read_records,
    record_of,
)
from chalicelib.common.errors import InvalidTrade, Problem
from chalicelib.positions.model import Direction
from chalicelib.trades.model import FIELDS, Trade, parse_trade

_INTEGERS: Final = frozenset({"price", "quantity", "delivery_hour"})
_SPACES: Final = Problem(
    "row", "has spaces after the commas, which the header has not: write both with spaces, or both without"
)


class Row(NamedTuple):
    """A trade, or all problems of its row; `line` counts from 1, the header. A tuple, as `Record` is."""

    line: int
    trade: Trade | None
    problems: tuple[Problem, ...]
    cut: bool
    """The file ends in this row, without a line end."""
    trade_id: str | None = None
    """The cell of the column `id`, also if the row is no trade."""
    checked: tuple[str, ...] = ()
    """The cells of the header's checked columns."""
    text: str = ""
    """The line, if it is no trade."""
    direction: Direction | None = None
    """That of the column `direction`, also if the row is no trade."""


def read_trade_header(line: bytes) -> Header:
    """Return the header of a daily file; raises UnreadableFile."""
    return read_header(line, FIELDS, "a daily file")


def read_rows(content: BinaryIO, header: Header) -> Iterator[Row]:
    """Return the rows after the header; raises UnreadableFile."""
    return (_row(record, header) for record in read_records(content, header, _INTEGERS))


def _row(record: Record, header: Header) -> Row:
    line, fields, problems, cut, text, checked = record
    if problems:
        return Row(line, None, _spaces_alone(record, header) or problems, cut, text=text)
    try:
        trade = parse_trade(fields, stored=header.stored)
        return Row(line, trade, (), cut, trade.id, checked, direction=trade.direction)
    except InvalidTrade as invalid:
        problems = _spaces_alone(record, header) or invalid.problems
        return Row(line, None, problems, cut, str(fields["id"]), checked, text, _direction(fields["direction"]))


def _direction(cell: object) -> Direction | None:
    return next((direction for direction in Direction if direction == cell), None)


def _spaces_alone(record: Record, header: Header) -> tuple[Problem, ...]:
    if header.spaced or not has_spaces(record.text):
        return ()
    spaced = replace(header, spaced=True)
    again = _row(record_of(record.line, record.text, spaced, _INTEGERS, cut=record.cut), spaced)
    return () if again.trade is None else (_SPACES,)
