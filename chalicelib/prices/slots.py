"""Reference prices of a delivery day by slot, from quotes of quarter-hours and hours."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta
from typing import Final, NamedTuple

from chalicelib.common.delivery import QUARTER, HourRow, Period, day_start, hours_of, slot_rows
from chalicelib.common.units import half_up
from chalicelib.prices.quote import Quote, Quotes
from chalicelib.prices.sets import DESK
from chalicelib.prices.zones import DE_LU

_SLOT: Final = timedelta(minutes=QUARTER)


class Series(NamedTuple):
    """The prices of a delivery day in one set and zone."""

    day: date
    zone: str = DE_LU
    set: str = DESK


class SlotPrice(NamedTuple):
    """The reference price of a slot in eurocent/MWh, and the set it is from."""

    set: str
    price: int


class PriceChange(NamedTuple):
    """`old` is the mean of the slots, rounded half up; None if one had no price."""

    old: int | None
    new: int


def counting_quotes(day: date, quotes: Quotes) -> list[Quote | None]:
    """Return the quote that counts in each slot of a day: the newest that covers it, of one statement the finest."""
    counting: list[Quote | None] = [None] * len(slot_rows(day, QUARTER))
    for period, quote in sorted(quotes.items(), key=_oldest_first):
        first, end = _slots_of(day, period)
        counting[first:end] = [quote] * (end - first)
    return counting


def hourly_prices(day: date, quotes: Quotes) -> dict[int, int]:
    """Return the prices by hour label, rounded half up: the mean of its slots, which must all have a price."""
    counting = counting_quotes(day, quotes)
    prices = {row.hour: _mean(counting[slice(*_slots_of(day, period_of(row)))]) for row in hours_of(day)}
    return {hour: price for hour, price in prices.items() if price is not None}


def prices_by_slot(
    days: Collection[date], zone: str, sets: Sequence[str], quotes: Mapping[Series, Quotes]
) -> dict[date, Sequence[SlotPrice | None]]:
    """Return one entry for each slot of each day, from the first set that has it."""
    return {day: _first_prices(day, zone, sets, quotes) for day in days}


def price_changes(day: date, before: Quotes, after: Quotes, new: Quotes) -> dict[Period, PriceChange]:
    """Return the new quotes that count after and changed the price of a slot."""
    old, now = counting_quotes(day, before), counting_quotes(day, after)
    changes = {}
    for period, quote in sorted(new.items()):
        first, end = _slots_of(day, period)
        counts = [past for past, counting in zip(old[first:end], now[first:end], strict=True) if counting == quote]
        if any(past is None or past.price != quote.price for past in counts):
            changes[period] = PriceChange(_mean(old[first:end]), quote.price)
    return changes


def period_of(row: HourRow) -> Period:
    """Return the period of an hour label: two hours long where the clock shows it twice."""
    return Period(row.start, row.minutes)


def _first_prices(day: date, zone: str, sets: Sequence[str], quotes: Mapping[Series, Quotes]) -> list[SlotPrice | None]:
    prices: list[SlotPrice | None] = [None] * len(slot_rows(day, QUARTER))
    for name in reversed(sets):
        for place, quote in enumerate(counting_quotes(day, quotes.get(Series(day, zone, name), {}))):
            if quote is not None:
                prices[place] = SlotPrice(name, quote.price)
    return prices


def _mean(slots: Sequence[Quote | None]) -> int | None:
    known = [quote.price for quote in slots if quote is not None]
    return half_up(sum(known), len(known)) if len(known) == len(slots) else None


def _slots_of(day: date, period: Period) -> tuple[int, int]:
    first = (period.start - day_start(day)) // _SLOT
    return first, first + period.minutes // QUARTER


def _oldest_first(stated: tuple[Period, Quote]) -> tuple[tuple[int, str, int], int]:
    period, quote = stated
    return quote.order, -period.minutes
