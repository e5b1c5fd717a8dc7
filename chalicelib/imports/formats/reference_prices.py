"""The desk's own CSV of reference prices, where it is not named but recognised."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date
from typing import BinaryIO, Final

from chalicelib.common.delivery import HOUR, Period, slot_rows
from chalicelib.imports.formats.head import Head
from chalicelib.imports.formats.reading import Kind, Row
from chalicelib.imports.price_format import FilePrice, read_price_file
from chalicelib.prices.model import InvalidPrices
from chalicelib.prices.period_price import PeriodPrice
from chalicelib.prices.sets import DESK
from chalicelib.prices.zones import DE_LU

NAME: Final = "reference_prices"
_COLUMNS: Final = ({"delivery_day", "delivery_hour"}, {"start", "minutes"})


class ReferencePrices:
    name = NAME
    kind = Kind.PRICES
    mapping: str | None = None
    recognised_by = "the columns delivery_day, delivery_hour and price, or start, minutes and price_eur_mwh"

    def recognises(self, head: Head) -> bool:
        columns = set() if head.found else set(head.columns(","))
        priced = any(column.startswith("price") for column in columns)
        return priced and "quantity" not in columns and any(names <= columns for names in _COLUMNS)

    def likeness(self, head: Head) -> int:
        columns = set(head.columns(head.separator))
        return max(len(names & columns) for names in _COLUMNS)

    def read(self, content: BinaryIO, head: Head, file_day: date | None = None) -> Iterator[Row]:  # noqa: ARG002 - a Format
        size = content.seek(0, io.SEEK_END)
        content.seek(0)
        try:
            prices = read_price_file(content, size)
        except InvalidPrices as invalid:
            yield from (Row(row.line, problems=row.problems) for row in invalid.rows)
            return
        yield Row(1, prices=tuple(one for price in prices for one in by_period(price)))


def by_period(price: FilePrice) -> Iterator[PeriodPrice]:
    """Return a price of an hour label as one of each hour that the label is of."""
    if isinstance(price, PeriodPrice):
        yield price
        return
    for row in slot_rows(price.delivery_day, HOUR):
        if int(row.period[:2]) == price.delivery_hour:
            yield PeriodPrice(DESK, DE_LU, Period(row.start, HOUR), price.price)
