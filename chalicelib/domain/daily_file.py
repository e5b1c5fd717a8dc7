"""The exchange's daily file: its name, its header, and each of its rows read strictly as a trade."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from functools import lru_cache
from typing import BinaryIO, Final, NamedTuple

from chalicelib.domain.csv_records import Header, Record, has_spaces, read_header, read_records, record_of
from chalicelib.domain.errors import InvalidTrade, Problem
from chalicelib.domain.trade import FIELDS, Trade, parse_trade

_NAME: Final = re.compile(r"epex_trades_(\d{4})(\d{2})(\d{2})\.csv", re.ASCII)
_COPY: Final = r"(?:[\s_-]{0,3}\(\d{1,3}\)|[\s_-]{1,3}(?:copy|kopie|t?\d{1,6}(?!\d)))"
_ENDING: Final = r"\s?\.(?:csv|txt|tsv|dat|json|xlsx?|gz|gzip|zip|7z|bz2|xz|zst|tmp|part|partial|filepart|bak|old)"
_NEAR: Final = re.compile(
    r"(?:(?:copy of|kopie von) )?epex[ _.-]*trades?[ _.-]*"
    r"(?:(\d{4})([-_. ]?)(\d{2})\2(\d{2})|(\d{2})\.(\d{2})\.(\d{4}))(?!\d)"
    f"{_COPY}{{0,3}}(?:{_ENDING}){{0,3}}{_COPY}{{0,1}}[ .]?",
    re.ASCII,
)
"""A daily file's name as people and programs misspell it, in lower case; a checksum's name is not a misspelling."""
_INTEGERS: Final = frozenset({"price", "quantity", "delivery_hour"})
_SPACES: Final = Problem(
    "row", "has spaces after the commas, which the header has not: write both with spaces, or both without"
)


@lru_cache(maxsize=64)
def file_name(file_day: date) -> str:
    """The name of a file day's file, which is also its key in S3."""
    return f"epex_trades_{file_day.isoformat().replace('-', '')}.csv"


def file_day_of(name: str) -> date | None:
    """The file day a name speaks of; None for anything that is not exactly a daily file's name."""
    match = _NAME.fullmatch(name)
    if match is None:
        return None
    try:
        return date(*(int(part) for part in match.groups()))
    except ValueError:
        return None


def near_miss(name: str) -> date | None:
    """Return the file day that a misspelt name was probably meant for; None for a right name and for unrelated ones."""
    if file_day_of(name) is not None:
        return None
    match = _NEAR.fullmatch(unicodedata.normalize("NFKC", name).rpartition("/")[2].strip().lower())
    if match is None:
        return None
    year, _, month, day, german_day, german_month, german_year = match.groups()
    return file_day_of(f"epex_trades_{year or german_year}{month or german_month}{day or german_day}.csv")


class Row(NamedTuple):
    """One row: a trade, or every reason why it is none. `line` counts from 1, the header's. A tuple, as `Record` is."""

    line: int
    trade: Trade | None
    problems: tuple[Problem, ...]
    cut: bool
    """The file ends in this row, without a line end."""
    trade_id: str | None = None
    """What stands in the column `id`, also where the row is no trade."""
    checked: tuple[str, ...] = ()
    """The cells of the header's checked columns."""
    text: str = ""
    """The line as it stands, where it is no trade."""


def read_trade_header(line: bytes) -> Header:
    """Read the first line of a daily file; raises UnreadableFile naming the wrong columns."""
    return read_header(line, FIELDS, "a daily file")


def read_rows(content: BinaryIO, header: Header) -> Iterator[Row]:
    """Read the lines after the header as trades; raises UnreadableFile."""
    return (_row(record, header) for record in read_records(content, header, _INTEGERS))


def _row(record: Record, header: Header) -> Row:
    line, fields, problems, cut, text, checked = record
    if problems:
        return Row(line, None, _spaces_alone(record, header) or problems, cut, text=text)
    try:
        trade = parse_trade(fields, stored=header.stored)
        return Row(line, trade, (), cut, trade.id, checked)
    except InvalidTrade as invalid:
        problems = _spaces_alone(record, header) or invalid.problems
        return Row(line, None, problems, cut, str(fields["id"]), checked, text)


def _spaces_alone(record: Record, header: Header) -> tuple[Problem, ...]:
    """Return the one problem of a row in which spaces after the commas are all that is wrong."""
    if header.spaced or not has_spaces(record.text):
        return ()
    spaced = replace(header, spaced=True)
    again = _row(record_of(record.line, record.text, spaced, _INTEGERS, cut=record.cut), spaced)
    return () if again.trade is None else (_SPACES,)
