"""A file of reference prices, read strictly: all rows or none."""

from __future__ import annotations

from typing import BinaryIO, Final

from chalicelib.common.csv_records import Record, UnreadableFile, read_header, read_records
from chalicelib.common.errors import Problem
from chalicelib.prices.model import MAX_BYTES, PRICE_FIELDS, Entry, ReferencePrice, read_prices

_INTEGERS: Final = frozenset({"delivery_hour", "price"})
_CUT: Final = Problem("row", "must end with a line end: the file may be cut short")


def read_price_file(content: BinaryIO, size: int) -> tuple[ReferencePrice, ...]:
    """Return the prices of a file of `size` bytes; raises InvalidPrices with all problems, or UnreadableFile."""
    if size > MAX_BYTES:
        raise UnreadableFile(f"the file has {size} bytes, at most {MAX_BYTES} are read")
    header = read_header(content.readline(), PRICE_FIELDS, "a file of reference prices")
    prices = read_prices(
        map(_entry, read_records(content, header, _INTEGERS)), lambda line, field: f"line {line} {field}"
    )
    if not prices:
        raise UnreadableFile("the file has no prices")
    return prices


def _entry(record: Record) -> Entry:
    return Entry(record.line, record.fields, (*record.problems, *([_CUT] if record.cut else [])))
