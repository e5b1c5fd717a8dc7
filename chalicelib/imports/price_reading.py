"""Files of prices in any format, read whole."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import BinaryIO, Final, NamedTuple

from chalicelib.common.csv_records import UnreadableFile
from chalicelib.feeds.receipt import QuarantinedRow
from chalicelib.feeds.store import MAX_FILE_BYTES
from chalicelib.imports.formats.head import read_head
from chalicelib.imports.formats.reading import Format, Kind, Row
from chalicelib.imports.formats.recognition import AUTO, named, recognise
from chalicelib.imports.formats.reference_prices import NAME as DESK_FORMAT
from chalicelib.imports.formats.unpacked import unpacked
from chalicelib.imports.price_format import read_price_file
from chalicelib.prices.model import InvalidPrices, StatedPrice
from chalicelib.prices.period_price import MAX_PERIOD_PRICES

MAX_UNPACKED: Final = 32 * 1024 * 1024


class PriceReading(NamedTuple):
    """What a file states; `gaps` are the rows or days without a price, which stay without one."""

    prices: Sequence[StatedPrice]
    format: str = DESK_FORMAT
    mapping: str | None = None
    gaps: Sequence[QuarantinedRow] = ()


def read_prices(content: BinaryIO, size: int, name: str, mappings: Sequence[Format], file_day: date) -> PriceReading:
    """Return the prices of a file in the format of this name, or in the one it is recognised by (`auto`).

    Raises InvalidPrices with all problems, or another InvalidRequest or UnreadableFile for the file as a whole.
    """
    if size > MAX_FILE_BYTES:
        raise UnreadableFile(f"the file has {size} bytes, at most {MAX_FILE_BYTES} are read")
    if name == DESK_FORMAT:
        return PriceReading(read_price_file(content, size))
    with unpacked(content, MAX_UNPACKED) as plain:
        head = read_head(plain)
        form = recognise(head, mappings) if name == AUTO else named(name, mappings)
        if form.kind is not Kind.PRICES:
            raise UnreadableFile(f"the file has {form.kind.value.replace('_', ' ')} ({form.name}), expected prices")
        return _collected(form, form.read(plain, head, file_day))


def _collected(form: Format, rows: Iterable[Row]) -> PriceReading:
    prices: list[StatedPrice] = []
    invalid: list[QuarantinedRow] = []
    gaps: list[QuarantinedRow] = []
    for row in rows:
        prices += row.prices
        if row.problems:
            (gaps if row.gap else invalid).append(QuarantinedRow(row.line, row.problems))
        if len(prices) > MAX_PERIOD_PRICES:
            raise UnreadableFile(f"the file has more than {MAX_PERIOD_PRICES} prices: split it")
    if invalid:
        raise InvalidPrices(tuple(invalid), lambda line, field: f"line {line} {field}")
    if not prices:
        raise UnreadableFile("the file has no prices")
    return PriceReading(prices, form.name, form.mapping, gaps)
