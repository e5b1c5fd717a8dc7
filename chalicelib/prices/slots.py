"""Reference prices of a delivery day by slot, from quotes of quarter-hours and hours."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta
from typing import Final, NamedTuple

from chalicelib.common.delivery import HOUR, QUARTER, HourRow, Period, day_end, day_start, hours_of, slot_rows
from chalicelib.common.units import half_up
from chalicelib.prices.quote import Quote, Quotes
from chalicelib.prices.sets import DESK, SETS
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


def counting_periods(day: date, quotes: Quotes) -> list[Period | None]:
    """Return the period whose quote counts in each slot: the newest that covers it, of one statement the finest."""
    counting: list[Period | None] = [None] * _slots_in(day)
    for period, _ in sorted(quotes.items(), key=_oldest_first):
        first, end = _slots_of(day, period)
        counting[first:end] = [period] * (end - first)
    return counting


def priced_periods(day: date, quotes: Quotes) -> list[tuple[Period, int]]:
    """Return the prices in delivery order: of a whole hour where one quote counts in it, else of quarter-hours."""
    counting, prices = counting_periods(day, quotes), []
    for hour in slot_rows(day, HOUR):
        first, end = _slots_of(day, Period(hour.start, HOUR))
        [of_hour, *others] = dict.fromkeys(counting[first:end])
        if of_hour is not None and not others and of_hour.minutes >= HOUR:
            prices.append((Period(hour.start, HOUR), quotes[of_hour].price))
            continue
        slots = zip(slot_rows(day, QUARTER)[first:end], counting[first:end], strict=True)
        prices += [(Period(slot.start, QUARTER), quotes[period].price) for slot, period in slots if period is not None]
    return prices


def hourly_prices(day: date, quotes: Quotes) -> dict[int, int]:
    """Return the prices by hour label, rounded half up: the mean of its slots, which must all have a price."""
    prices = _slot_prices(day, quotes)
    means = {row.hour: _mean(prices[slice(*_slots_of(day, period_of(row)))]) for row in hours_of(day)}
    return {hour: price for hour, price in means.items() if price is not None}


def prices_by_slot(
    days: Collection[date], zone: str, sets: Sequence[str], quotes: Mapping[Series, Quotes]
) -> dict[date, Sequence[SlotPrice | None]]:
    """Return one entry for each slot of each day, from the first set that has it."""
    return {day: _first_prices(day, zone, sets, quotes) for day in days}


def price_changes(day: date, before: Quotes, after: Quotes, new: Quotes) -> dict[Period, PriceChange]:
    """Return the new quotes that count after and changed the price of a slot."""
    old, counting = _slot_prices(day, before), counting_periods(day, after)
    changes = {}
    for period, quote in sorted(new.items()):
        first, end = _slots_of(day, period)
        past = [price for price, counts in zip(old[first:end], counting[first:end], strict=True) if counts == period]
        if after[period] == quote and any(price != quote.price for price in past):
            changes[period] = PriceChange(_mean(old[first:end]), quote.price)
    return changes


def series_fault(series: Series, quotes: Quotes) -> str | None:
    """Return what is wrong with stored quotes; None if nothing is."""
    periods = {Period(row.start, row.minutes) for grain in (QUARTER, HOUR) for row in slot_rows(series.day, grain)}
    periods |= {period_of(row) for row in hours_of(series.day)}
    outside = sorted(quotes.keys() - periods)
    if series.set not in SETS:
        return f"its set is unknown; expected one of {', '.join(SETS)}"
    if outside:
        return f"its period {outside[0].key} is no hour or quarter-hour of the day"
    return None


def period_of(row: HourRow) -> Period:
    """Return the period of an hour label: two hours long where the clock shows it twice."""
    return Period(row.start, row.minutes)


def _first_prices(day: date, zone: str, sets: Sequence[str], quotes: Mapping[Series, Quotes]) -> list[SlotPrice | None]:
    prices: list[SlotPrice | None] = [None] * _slots_in(day)
    for name in reversed(sets):
        of_set = quotes.get(Series(day, zone, name))
        for place, price in enumerate(_slot_prices(day, of_set) if of_set else ()):
            if price is not None:
                prices[place] = SlotPrice(name, price)
    return prices


def _slot_prices(day: date, quotes: Quotes) -> list[int | None]:
    return [None if period is None else quotes[period].price for period in counting_periods(day, quotes)]


def _mean(prices: Sequence[int | None]) -> int | None:
    known = [price for price in prices if price is not None]
    return half_up(sum(known), len(known)) if len(known) == len(prices) else None


def _slots_in(day: date) -> int:
    return (day_end(day) - day_start(day)) // _SLOT


def _slots_of(day: date, period: Period) -> tuple[int, int]:
    first = (period.start - day_start(day)) // _SLOT
    return first, first + period.minutes // QUARTER


def _oldest_first(stated: tuple[Period, Quote]) -> tuple[tuple[int, str, int], int]:
    period, quote = stated
    return quote.order, -period.minutes
