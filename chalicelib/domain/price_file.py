"""A file of reference prices: its name, and its rows read strictly, all of them or none."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import BinaryIO, Final

from chalicelib.domain.csv_records import Record, UnreadableFile, read_header, read_records
from chalicelib.domain.delivery import berlin_day
from chalicelib.domain.errors import Problem
from chalicelib.domain.reference_price import MOST_BYTES, PRICE_FIELDS, Entry, ReferencePrice, read_prices
from chalicelib.domain.watch import DAYS_BACK

_NAME: Final = re.compile(r"reference_prices_(\d{8})\.csv", re.ASCII)
_INTEGERS: Final = frozenset({"delivery_hour", "price"})
_CUT: Final = Problem("row", "must end with a line end: the file may be cut short")


def price_file_name(file_day: date) -> str:
    """The name of a day's file, which is also its key in S3."""
    return f"reference_prices_{file_day:%Y%m%d}.csv"


def price_file_day_of(name: str) -> date | None:
    """The day a name speaks of, which tells files apart and no more; None for any other name."""
    match = _NAME.fullmatch(name)
    if match is None:
        return None
    try:
        return date.fromisoformat(match[1])
    except ValueError:
        return None


def read_price_file(content: BinaryIO, size: int) -> tuple[ReferencePrice, ...]:
    """Read the prices of a whole file of so many bytes, each hour once.

    Raises InvalidPrices with every problem of every line, or UnreadableFile where it is none of these files at all.
    """
    if size > MOST_BYTES:
        message = f"the file has {size} bytes, at most {MOST_BYTES} are read"
        raise UnreadableFile(message)
    header = read_header(content.readline(), PRICE_FIELDS, "a file of reference prices")
    prices = read_prices(
        map(_entry, read_records(content, header, _INTEGERS)), lambda line, field: f"line {line} {field}"
    )
    if not prices:
        message = "the file has no prices"
        raise UnreadableFile(message)
    return prices


def price_files_to_look_for(now: datetime) -> Iterator[date]:
    """The days whose files a look cares for, oldest first; prices of the day ahead are there the day before."""
    today = berlin_day(now)
    return (today + timedelta(days=ahead) for ahead in range(-DAYS_BACK, 2))


def _entry(record: Record) -> Entry:
    return Entry(record.line, record.fields, (*record.problems, *([_CUT] if record.cut else [])))
