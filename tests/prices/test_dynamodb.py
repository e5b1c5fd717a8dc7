"""The port of reference prices, held by one contract on all three engines."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest

from chalicelib.common.delivery import HOUR, QUARTER, Period, hours_of, slot_rows
from chalicelib.prices import bootstrap as prices_bootstrap
from chalicelib.prices.quote import Quote, Quotes
from chalicelib.prices.slots import Series, SlotPrice, period_of
from chalicelib.prices.store import Prices
from tests.fakes.prices import FakePrices, hourly_quotes

DAY = date(2026, 6, 15)
NEXT = DAY + timedelta(days=1)
AUTUMN = date(2026, 10, 25)
SLOTS, HOURS = ([Period(row.start, grain) for row in slot_rows(DAY, grain)] for grain in (QUARTER, HOUR))


@pytest.fixture
def prices(engine: str) -> Prices:
    return FakePrices() if engine == "fake" else prices_bootstrap.prices()


def quote(price: int, at: int, by: str = "ada", turn: int = 0) -> Quote:
    return Quote(price, at, by, turn)


def test_days_without_prices_are_absent(prices: Prices) -> None:
    assert prices.of([]) == {}
    assert prices.of([DAY]) == {}


def test_prices_are_read_by_day_and_hour_also_negative_and_15_digit_ones(prices: Prices) -> None:
    assert (
        prices.record(hourly_quotes({DAY: {13: quote(5000, 1), 2: quote(-500, 1)}, NEXT: {0: quote(10**15 - 1, 1)}}))
        == 3
    )
    assert prices.of([DAY, NEXT, NEXT + timedelta(days=1)]) == {DAY: {2: -500, 13: 5000}, NEXT: {0: 10**15 - 1}}


def test_a_later_quote_of_some_hours_changes_these_only(prices: Prices) -> None:
    prices.record(hourly_quotes({DAY: {1: quote(10, 1), 2: quote(20, 1)}}))
    assert prices.record(hourly_quotes({DAY: {2: quote(21, 2), 3: quote(30, 2)}})) == 2
    assert prices.of([DAY]) == {DAY: {1: 10, 2: 21, 3: 30}}


def test_an_older_quote_never_replaces_a_newer_one(prices: Prices) -> None:
    prices.record(hourly_quotes({DAY: {1: quote(10, 5)}}))
    assert prices.record(hourly_quotes({DAY: {1: quote(99, 4), 2: quote(20, 4)}})) == 1
    assert prices.of([DAY]) == {DAY: {1: 10, 2: 20}}


def test_the_same_price_quoted_later_changes_nothing_and_outranks_others(prices: Prices) -> None:
    prices.record(hourly_quotes({DAY: {1: quote(10, 1)}}))
    assert prices.record(hourly_quotes({DAY: {1: quote(10, 3)}})) == 0
    assert prices.record(hourly_quotes({DAY: {1: quote(99, 2)}})) == 0
    assert prices.of([DAY]) == {DAY: {1: 10}}


def test_a_year_of_prices_is_given_at_once(prices: Prices) -> None:
    year = [DAY + timedelta(days=number) for number in range(366)]
    assert prices.record(hourly_quotes({day: {12: quote(number, 1)} for number, day in enumerate(year)})) == 366
    assert prices.of(year) == {day: {12: number} for number, day in enumerate(year)}


def test_sets_zones_hours_and_quarters_are_kept_apart(prices: Prices) -> None:
    quarters = {slot: quote(place, 2) for place, slot in enumerate(SLOTS[:3])}
    new: dict[Series, Quotes] = {
        Series(DAY): {HOURS[0]: quote(100, 1), **quarters},
        Series(DAY, "DE-LU", "da"): {HOURS[0]: quote(200, 1)},
        Series(DAY, "FR", "da"): {SLOTS[5]: quote(300, 1)},
    }
    assert prices.record(new) == 6
    assert prices.quotes([*new, Series(NEXT), Series(DAY)]) == new
    assert prices.of([DAY]) == {DAY: {0: 26}}
    own = prices.by_slot([DAY], sets=["desk"])[DAY]
    assert own[:5] == [*(SlotPrice("desk", price) for price in (0, 1, 2, 100)), None]
    assert prices.by_slot([NEXT, DAY])[DAY][:5] == [*[SlotPrice("da", 200)] * 4, None]
    assert prices.by_slot([DAY], "FR")[DAY][5] == SlotPrice("da", 300)


def test_prices_of_an_earlier_release_are_read_and_kept(moto_tables: None) -> None:
    from chalicelib.prices.dynamodb import PriceItem

    stores = prices_bootstrap.prices()
    stored = '{"2": [3000, 1700000000000000, "ada", 0], "13": [-5, 1700000000000000, "ada", 1]}'
    PriceItem(str(AUTUMN), words=stored, writes=7).save()
    assert stores.of([AUTUMN]) == {AUTUMN: {2: 3000, 13: -5}}
    assert stores.by_slot([AUTUMN])[AUTUMN][7:17] == [None, *[SlotPrice("desk", 3000)] * 8, None]
    assert stores.record({Series(AUTUMN): {Period(slot_rows(AUTUMN, QUARTER)[8].start, QUARTER): quote(1, 1)}}) == 0
    assert PriceItem.get(str(AUTUMN)).words == stored


def test_a_series_is_stored_readably_with_the_number_of_its_writes(moto_tables: None) -> None:
    from chalicelib.prices.dynamodb import PriceItem

    for price in (5000, 6000):
        prices_bootstrap.prices().record(hourly_quotes({DAY: {13: quote(price, price, "Zoë")}}))
    item = PriceItem.get(str(DAY))
    assert (item.words, item.writes) == ('{"13": [6000, 6000, "Zoë", 0]}', 2)


def test_series_that_are_wrong_are_named(moto_tables: None) -> None:
    from chalicelib.prices.dynamodb import PriceItem, faulty_series

    prices_bootstrap.prices().record({Series(AUTUMN): {period_of(hours_of(AUTUMN)[2]): quote(1, 1)}})
    prices_bootstrap.prices().record({Series(DAY, "FR", "da"): {SLOTS[3]: quote(1, 1), HOURS[3]: quote(1, 1)}})
    for file in ("1_prices_20260615.csv", "reference_prices_20260615.csv"):  # before and after the days in a scan
        PriceItem(file, turn=1, done=1, object_version="a").save()
    assert list(faulty_series()) == []
    PriceItem("2026-06-15#FR#best", words='{"3": [1, 1, "ada", 0]}').save()
    PriceItem("2026-03-29", words='{"2": [1, 1, "ada", 0]}').save()
    PriceItem("2026-06-16", slots='{"2026-06-15T12:00Z/15": [1, 1, "ada", 0]}').save()
    PriceItem("2026-06-17", words="[]").save()
    PriceItem("2026-06-18", slots="{").save()
    faults = sorted(faulty_series())
    assert [fault.partition(": ")[0] for fault in faults] == [
        "2026-03-29",
        "2026-06-15#FR#best",
        "2026-06-16",
        "2026-06-17",
        "2026-06-18",
    ]
    assert faults[1].startswith("2026-06-15#FR#best: its set is unknown; expected one of da, ida1")
    assert faults[2] == "2026-06-16: its period 2026-06-15T12:00Z/15 is no hour or quarter-hour of the day"
    assert all("cannot be read" in faults[place] for place in (0, 3, 4))


def test_simultaneous_writers_lose_nothing_and_the_newest_quote_wins(durable_tables: str) -> None:
    stores = prices_bootstrap.prices()

    def record(number: int) -> int:
        return stores.record(hourly_quotes({DAY: {number: quote(number, 1), 23: quote(number, number)}}))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(record, (5, 2, 7, 1, 6, 3, 0, 4)))
    assert stores.of([DAY]) == {DAY: {**{number: number for number in range(8)}, 23: 7}}


def test_what_a_lost_reply_had_written_is_counted_as_changed(
    durable_tables: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from chalicelib.aws.errors import Contended
    from chalicelib.prices.dynamodb import PriceItem

    save = PriceItem.save
    replies = iter([True])

    def losing(item: PriceItem, condition: object) -> object:
        answer = save(item, condition)  # type: ignore[arg-type]  # whatever the adapter asks
        if next(replies, False):
            raise Contended
        return answer

    monkeypatch.setattr(PriceItem, "save", losing)
    assert prices_bootstrap.prices().record(hourly_quotes({DAY: {1: quote(10, 1)}})) == 1
    assert prices_bootstrap.prices().of([DAY]) == {DAY: {1: 10}}
