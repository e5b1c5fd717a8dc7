"""Day-ahead prices of energy-charts.info: JSON with two lists, times in UTC seconds and prices."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import BinaryIO, Final

from chalicelib.common.csv_records import UnreadableFile
from chalicelib.common.delivery import HOUR, QUARTER, Period, berlin_day
from chalicelib.common.errors import InvalidJson, Problem, TooLarge
from chalicelib.common.fields import InvalidValue, shown_value
from chalicelib.common.strict_json import NotWhole, read_value
from chalicelib.common.timestamps import EPOCH, format_utc
from chalicelib.imports.formats.head import Head
from chalicelib.imports.formats.price_days import with_gaps, without_zeros
from chalicelib.imports.formats.reading import Row
from chalicelib.imports.formats.zoned_prices import ZonedPrices
from chalicelib.prices.period_price import MAX_PERIOD_BYTES, MAX_PERIOD_PRICES, PeriodPrice, read_eur, read_start

NAME: Final = "energy-charts"
_SET: Final = "da"
_TIMES, _PRICES, _UNIT = "unix_seconds", "price", "unit"
_EUR_MWH: Final = "EUR/MWh"
_LATEST: Final = 2**32


class EnergyCharts(ZonedPrices):
    __slots__ = ()
    built_in = NAME

    @property
    def recognised_by(self) -> str:
        return f"a JSON object with {_TIMES} and {_PRICES}"

    def recognises(self, head: Head) -> bool:
        return head.is_json and _TIMES in head.keys and (_PRICES in head.keys or not head.whole)

    def likeness(self, head: Head) -> int:
        return len({_TIMES, _PRICES} & head.keys)

    def read(self, content: BinaryIO, head: Head, file_day: date | None = None) -> Iterator[Row]:  # noqa: ARG002 - a Format
        fields = _object(content)
        unit = fields.get(_UNIT)
        if not isinstance(unit, str) or unit.replace(" ", "") != _EUR_MWH:
            raise UnreadableFile(f"{_UNIT} must be {_EUR_MWH}, got {shown_value(unit)}")
        starts = _starts(_list(fields, _TIMES))
        prices = _list(fields, _PRICES)
        if len(prices) != len(starts):
            raise UnreadableFile(f"{_TIMES} has {len(starts)} entries and {_PRICES} {len(prices)}, expected as many")
        minutes = _minutes(starts)
        rows = [
            self._row(number, start, minutes[berlin_day(start)], price)
            for number, (start, price) in enumerate(zip(starts, prices, strict=True), start=1)
        ]
        yield from with_gaps(rows)

    def _row(self, number: int, start: datetime, minutes: int | None, price: object) -> Row:
        problems = []
        if minutes is None:
            alone = f"{format_utc(start)} is alone on its day: nobody knows whether it is an hour or a quarter-hour"
            problems.append(Problem(_TIMES, alone))
        try:
            cents = read_eur(_text(price))
        except InvalidValue as error:
            problems.append(Problem(_PRICES, f"{error}, got {shown_value(price)}"))
        if problems or minutes is None:
            unusable = price is not None and minutes is not None
            return Row(number, problems=tuple(problems), gap=not unusable)
        return Row(number, prices=(PeriodPrice(_SET, self.zone, Period(start, minutes), cents),))


def _object(content: BinaryIO) -> Mapping[str, object]:
    try:
        value = read_value(
            content.read(MAX_PERIOD_BYTES + 1).removeprefix(b"\xef\xbb\xbf"), MAX_PERIOD_BYTES, "the file"
        )
    except (InvalidJson, TooLarge) as error:
        raise UnreadableFile(error.message) from error
    if not isinstance(value, dict):
        raise UnreadableFile(f"the file must be a JSON object with {_TIMES} and {_PRICES}")
    return value


def _list(fields: Mapping[str, object], name: str) -> Sequence[object]:
    value = fields.get(name)
    if not isinstance(value, list) or not 0 < len(value) <= MAX_PERIOD_PRICES:
        raise UnreadableFile(f"{name} must be a list of 1 to {MAX_PERIOD_PRICES} entries, got {shown_value(value)}")
    return value


def _starts(seconds: Sequence[object]) -> list[datetime]:
    starts: list[datetime] = []
    for number, second in enumerate(seconds, start=1):
        if type(second) is not int or not 0 <= second < _LATEST:
            raise UnreadableFile(f"{_TIMES}, entry {number}, must be whole seconds since 1970, got {second!r:.60}")
        start = EPOCH + timedelta(seconds=second)
        try:
            read_start(format_utc(start))
        except InvalidValue as error:
            raise UnreadableFile(f"{_TIMES}, entry {number}, {error}, got {format_utc(start)}") from error
        if starts and start <= starts[-1]:
            raise UnreadableFile(f"{_TIMES}, entry {number}, must be after the entry before, got {format_utc(start)}")
        starts.append(start)
    return starts


def _minutes(starts: Sequence[datetime]) -> Mapping[date, int | None]:
    """Return how long the periods of each day are: None if a day has one entry, which does not show it."""
    days: dict[date, list[datetime]] = defaultdict(list)
    for start in starts:
        days[berlin_day(start)].append(start)
    return {
        day: None if len(of_day) == 1 else QUARTER if any(start.minute for start in of_day) else HOUR
        for day, of_day in days.items()
    }


def _text(price: object) -> object:
    if isinstance(price, NotWhole):
        return without_zeros(price.text)
    return str(price) if type(price) is int else None
