"""Reference prices in DynamoDB, one item for each delivery day, zone and set."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache

from pynamodb.attributes import UnicodeAttribute
from pynamodb.exceptions import PutError, TransactWriteError
from pynamodb.models import Model
from pynamodb.transactions import TransactWrite

from chalicelib.audit.dynamodb import add_entry
from chalicelib.audit.model import Act, Deed, Entry
from chalicelib.aws.client import connection
from chalicelib.aws.errors import Contended, condition_failed, retried, translated_errors
from chalicelib.aws.items import IntegerAttribute
from chalicelib.aws.reads import read_many, scan
from chalicelib.common.delivery import HOUR, QUARTER, Period, hours_of, slot_rows
from chalicelib.common.timestamps import EPOCH
from chalicelib.prices.quote import Quote, Quotes, newest
from chalicelib.prices.sets import DEFAULT_SETS
from chalicelib.prices.slots import (
    PriceChange,
    Series,
    SlotPrice,
    hourly_prices,
    period_of,
    price_changes,
    prices_by_slot,
    series_fault,
)
from chalicelib.prices.zones import DE_LU


class PriceItem(Model):
    """The quotes of a series, or the state of a price file, whose name replaces the key of the series."""

    class Meta:
        table_name = "reference_prices"

    delivery_day = UnicodeAttribute(hash_key=True)
    """`<day>` of the desk's prices in DE-LU, else `<day>#<zone>#<set>`."""
    words = UnicodeAttribute(null=True)
    """By hour label."""
    slots = UnicodeAttribute(null=True)
    """By period, where a quote is of another one than an hour label."""
    writes = IntegerAttribute(null=True)
    turn = IntegerAttribute(null=True)
    done = IntegerAttribute(null=True)
    object_version = UnicodeAttribute(null=True)
    outcome = UnicodeAttribute(null=True)
    """JSON."""
    counted_version = UnicodeAttribute(null=True)
    counted = IntegerAttribute(null=True)
    """The prices that this object version changed, by all readings of it."""


class PriceTable:
    """The table `reference_prices`; see `Prices`. Changes end with `changed()`."""

    def __init__(self, changed: Callable[[], None]) -> None:
        self._changed = changed

    def of(self, delivery_days: Collection[date]) -> Mapping[date, Mapping[int, int]]:
        quotes = self.quotes([Series(day) for day in delivery_days])
        hourly = {series.day: hourly_prices(series.day, of_day) for series, of_day in quotes.items()}
        return {day: prices for day, prices in hourly.items() if prices}

    def by_slot(
        self, days: Collection[date], zone: str = DE_LU, sets: Sequence[str] = DEFAULT_SETS
    ) -> Mapping[date, Sequence[SlotPrice | None]]:
        quotes = self.quotes([Series(day, zone, name) for day in days for name in sets])
        return prices_by_slot(days, zone, sets, quotes)

    def quotes(self, series: Collection[Series]) -> Mapping[Series, Quotes]:
        return {_series(item): _quotes(item) for item in _items(series)}

    def record(self, quotes: Mapping[Series, Quotes], user: str | None = None) -> int:
        items = {_series(item): item for item in _items(quotes)}
        changes = sum(
            _record(series, items.get(series, PriceItem(_key(series))), new, user) for series, new in quotes.items()
        )
        if changes:
            self._changed()
        return changes


def faulty_series() -> Iterator[str]:
    """Yield the key of each series that cannot be read or is wrong, with the reason."""
    for raw in scan({"TableName": PriceItem.Meta.table_name, "ConsistentRead": True}):
        item = PriceItem.from_raw_data(dict(raw))
        if item.words is None and item.slots is None:
            continue  # the state of a price file
        try:
            series, quotes = _series(item), _quotes(item)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            yield f"{item.delivery_day}: cannot be read ({type(error).__name__}: {error}); set its prices again"
        else:
            if fault := series_fault(series, quotes):
                yield f"{item.delivery_day}: {fault}"


def _record(series: Series, item: PriceItem, new: Quotes, user: str | None) -> int:
    """Write one series; one that changed meanwhile is read again."""
    before = _quotes(item)
    after: Quotes = before

    def write() -> None:
        nonlocal item, after
        stored = _quotes(item)
        after = newest(stored, new)
        if after == stored:
            return
        try:
            with translated_errors():
                _write(series, item, after, user)
        except (PutError, TransactWriteError) as error:
            if not condition_failed(error):
                raise
            item = next(iter(_items([series])), PriceItem(item.delivery_day))
            raise Contended from error

    retried(write)
    return len(price_changes(series.day, before, after, new))


def _write(series: Series, item: PriceItem, after: Quotes, user: str | None) -> None:
    """Replace a series if it is unchanged; with a user, audit the new prices in the same transaction."""
    before = _quotes(item)
    words, slots = _texts(series.day, after)
    new = PriceItem(item.delivery_day, words=words, slots=slots, writes=(item.writes or 0) + 1)
    unchanged = PriceItem.writes == item.writes if item.writes else PriceItem.delivery_day.does_not_exist()
    changed = {period: quote for period, quote in after.items() if before.get(period) != quote}
    changes = price_changes(series.day, before, after, changed)
    if user is None or not changes:
        new.save(unchanged)
        return
    stated_at = EPOCH + timedelta(microseconds=max(after[period].stated_at for period in changes))
    with TransactWrite(connection=connection()) as transaction:
        transaction.save(new, unchanged)
        add_entry(transaction, _entry(Deed(user, Act.PRICES_SET, _name(series)), stated_at, series.day, changes))


def _entry(deed: Deed, at: datetime, day: date, changes: Mapping[Period, PriceChange]) -> Entry:
    names = {Period(row.start, row.minutes): row.period for grain in (HOUR, QUARTER) for row in slot_rows(day, grain)}
    names |= {period: str(hour) for hour, period in _periods(day).items()}
    old = {names[period]: change.old for period, change in changes.items()}
    return Entry(deed, at, old, {names[period]: change.new for period, change in changes.items()})


def _key(series: Series) -> str:
    day = series.day.isoformat()
    return day if series == Series(series.day) else f"{day}#{series.zone}#{series.set}"


def _name(series: Series) -> str:
    return _key(series).replace("#", " ")


def _series(item: PriceItem) -> Series:
    day, *others = item.delivery_day.split("#")
    return Series(date.fromisoformat(day), *others)


def _items(series: Collection[Series]) -> list[PriceItem]:
    return read_many(PriceItem, [{"delivery_day": key} for key in dict.fromkeys(map(_key, series))])


@lru_cache(maxsize=1024)
def _periods(day: date) -> Mapping[int, Period]:
    return {row.hour: period_of(row) for row in hours_of(day)}


def _texts(day: date, quotes: Quotes) -> tuple[str | None, str | None]:
    hours = {period: hour for hour, period in _periods(day).items()}
    words = {str(hours[period]): quote for period, quote in sorted(quotes.items()) if period in hours}
    slots = {period.key: quote for period, quote in sorted(quotes.items()) if period not in hours}
    return _text(words), _text(slots)


def _text(quotes: Mapping[str, Quote]) -> str | None:
    return json.dumps(quotes, ensure_ascii=False) if quotes else None


def _quotes(item: PriceItem) -> dict[Period, Quote]:
    periods = _periods(_series(item).day)
    quotes = {periods[int(hour)]: Quote(*stored) for hour, stored in json.loads(item.words or "{}").items()}
    slots = {Period.of_key(key): Quote(*stored) for key, stored in json.loads(item.slots or "{}").items()}
    return quotes | slots
