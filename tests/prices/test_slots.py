"""Reference prices by slot: an hour's price covers its slots, and the newest quote of a slot counts."""

from __future__ import annotations

from datetime import date, timedelta
from functools import reduce

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.common.delivery import HOUR, QUARTER, Period, hours_of, slot_rows
from chalicelib.prices.quote import Quote, Quotes, newest
from chalicelib.prices.sets import SETS
from chalicelib.prices.slots import (
    PriceChange,
    Series,
    SlotPrice,
    counting_periods,
    hourly_prices,
    period_of,
    price_changes,
    priced_periods,
    prices_by_slot,
    series_fault,
)

DAY, SPRING, AUTUMN = date(2026, 6, 15), date(2026, 3, 29), date(2026, 10, 25)
SLOTS, HOURS = slot_rows(DAY, QUARTER), slot_rows(DAY, HOUR)


def slot(place: int, day: date = DAY) -> Period:
    return Period(slot_rows(day, QUARTER)[place].start, QUARTER)


def hour(place: int, day: date = DAY) -> Period:
    return Period(slot_rows(day, HOUR)[place].start, HOUR)


def quote(price: int, at: int = 1, source: str = "ada", turn: int = 0) -> Quote:
    return Quote(price, at, source, turn)


def prices_of(quotes: Quotes, day: date = DAY) -> dict[int, int]:
    return {place: quotes[counts].price for place, counts in enumerate(counting_periods(day, quotes)) if counts}


def test_an_hour_covers_four_slots_and_a_label_that_comes_twice_eight() -> None:
    assert prices_of({hour(1): quote(5)}) == dict.fromkeys(range(4, 8), 5)
    label = next(period_of(row) for row in hours_of(AUTUMN) if row.hour == 2)
    assert prices_of({label: quote(3000)}, AUTUMN) == dict.fromkeys(range(8, 16), 3000)
    after = next(period_of(row) for row in hours_of(SPRING) if row.hour == 3)
    assert prices_of({after: quote(7)}, SPRING) == dict.fromkeys(range(8, 12), 7)


def test_a_newer_quote_of_a_slot_or_its_hour_counts_and_at_once_the_slot_s() -> None:
    fine, wide = {slot(5): quote(9, 2)}, {hour(1): quote(5, 1)}
    assert prices_of({**fine, **wide}) == {4: 5, 5: 9, 6: 5, 7: 5}
    assert prices_of({**fine, hour(1): quote(5, 3)}) == dict.fromkeys(range(4, 8), 5)
    assert prices_of({**fine, hour(1): quote(5, 2)}) == {4: 5, 5: 9, 6: 5, 7: 5}
    assert prices_of({**fine, hour(1): quote(5, 2, turn=1)}) == dict.fromkeys(range(4, 8), 5)


def test_an_hour_label_has_the_mean_of_its_slots_rounded_half_up() -> None:
    quarters = {slot(place): quote(price) for place, price in zip(range(4, 8), (1, 2, 3, 4), strict=True)}
    assert hourly_prices(DAY, quarters) == {1: 3}
    assert hourly_prices(DAY, {period: quote(-of.price) for period, of in quarters.items()}) == {1: -3}
    assert hourly_prices(AUTUMN, {hour(2, AUTUMN): quote(6112), hour(3, AUTUMN): quote(2211)}) == {2: 4162}


def test_an_hour_label_with_an_unpriced_slot_has_no_price() -> None:
    assert hourly_prices(DAY, {slot(place): quote(1) for place in (4, 5, 6)}) == {}
    assert hourly_prices(AUTUMN, {hour(2, AUTUMN): quote(6112)}) == {}


def test_prices_are_listed_by_hour_where_one_quote_counts_in_all_of_it() -> None:
    quotes: Quotes = {hour(0): quote(1), hour(1): quote(2), slot(5): quote(3), slot(8): quote(4), slot(9): quote(4)}
    assert priced_periods(DAY, quotes) == [
        (hour(0), 1),
        (slot(4), 2),
        (slot(5), 3),
        (slot(6), 2),
        (slot(7), 2),
        (slot(8), 4),
        (slot(9), 4),
    ]
    label = period_of(hours_of(AUTUMN)[2])
    assert priced_periods(AUTUMN, {label: quote(3000)}) == [(hour(2, AUTUMN), 3000), (hour(3, AUTUMN), 3000)]


def test_each_slot_has_the_price_of_the_first_set_that_has_one() -> None:
    quotes: dict[Series, Quotes] = {
        Series(DAY): {hour(0): quote(100)},
        Series(DAY, "DE-LU", "da"): {slot(1): quote(200), slot(7): quote(201)},
        Series(DAY, "FR", "da"): {slot(0): quote(300)},
    }
    by_slot = prices_by_slot([DAY, SPRING], "DE-LU", ("id3", "da", "desk"), quotes)
    assert [len(by_slot[day]) for day in (DAY, SPRING)] == [96, 92]
    assert by_slot[DAY][:4] == [SlotPrice("desk", 100), SlotPrice("da", 200), *[SlotPrice("desk", 100)] * 2]
    assert {place: price for place, price in enumerate(by_slot[DAY]) if price and place > 3} == {
        7: SlotPrice("da", 201)
    }
    assert set(by_slot[SPRING]) == {None}
    assert prices_by_slot([DAY], "FR", ("desk", "da"), quotes)[DAY][:2] == [SlotPrice("da", 300), None]


def test_changes_are_of_quotes_that_count_and_change_a_price() -> None:
    before: Quotes = {hour(0): quote(10), hour(1): quote(20, 5), slot(8): quote(1)}
    new: Quotes = {hour(0): quote(10, 2), hour(1): quote(21, 4), slot(1): quote(11, 2), hour(2): quote(1, 2)}
    after = newest(before, new)
    assert price_changes(DAY, before, after, new) == {
        slot(1): PriceChange(10, 11),
        hour(2): PriceChange(None, 1),
    }


def test_stored_quotes_are_wrong_in_an_unknown_set_or_outside_their_day() -> None:
    label = period_of(hours_of(AUTUMN)[2])
    assert (
        series_fault(Series(AUTUMN), {label: quote(1), hour(2, AUTUMN): quote(1), slot(99, AUTUMN): quote(1)}) is None
    )
    assert series_fault(Series(DAY, "DE-LU", "best"), {}) == f"its set is unknown; expected one of {', '.join(SETS)}"
    others: Quotes = {
        slot(0): quote(1),
        slot(5, AUTUMN): quote(1),
        slot(4, AUTUMN): quote(1),
        slot(6, AUTUMN): quote(1),
    }
    fault = f"its period {slot(4, AUTUMN).key} is no hour or quarter-hour of the day"
    assert series_fault(Series(DAY), others) == fault


periods = st.builds(lambda place: slot(place, AUTUMN), st.integers(4, 19)) | st.sampled_from(
    [hour(place, AUTUMN) for place in range(1, 5)] + [period_of(hours_of(AUTUMN)[2])]
)
quotes = st.builds(quote, st.integers(-9, 9), st.integers(0, 3), st.sampled_from(["ada", "file"]), st.integers(0, 1))
statements = st.lists(st.dictionaries(periods, quotes, max_size=4), max_size=8)


@given(statements, st.randoms())
def test_any_quotes_in_any_order_give_the_same_prices(batches: list[Quotes], chance: object) -> None:
    shuffled = list(batches)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis types its random as a strategy
    nothing: Quotes = {}
    merged = reduce(newest, shuffled, nothing)
    assert prices_of(merged, AUTUMN) == _by_brute_force(batches)
    assert prices_of(reduce(newest, [*batches, *shuffled], nothing), AUTUMN) == _by_brute_force(batches)
    listed = {period: quote(price) for period, price in priced_periods(AUTUMN, merged)}
    assert prices_of(listed, AUTUMN) == prices_of(merged, AUTUMN)


def _by_brute_force(batches: list[Quotes]) -> dict[int, int]:
    """Return the price of each slot from the greatest of all quotes that cover it."""
    prices = {}
    for place, row in enumerate(slot_rows(AUTUMN, QUARTER)):
        covering = [
            (stated.stated_at, stated.source, stated.turn, -period.minutes, stated.price)
            for batch in batches
            for period, stated in batch.items()
            if period.start <= row.start < period.start + timedelta(minutes=period.minutes)
        ]
        if covering:
            prices[place] = max(covering)[-1]
    return prices
