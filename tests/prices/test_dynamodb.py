"""The port of reference prices, held by one contract on all three engines."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest

from chalicelib.prices import bootstrap as prices_bootstrap
from chalicelib.prices.quote import Quote
from chalicelib.prices.store import Prices
from tests.fakes.prices import FakePrices

DAY = date(2026, 6, 15)
NEXT = DAY + timedelta(days=1)


@pytest.fixture
def prices(engine: str) -> Prices:
    return FakePrices() if engine == "fake" else prices_bootstrap.prices()


def quote(price: int, at: int, by: str = "ada", turn: int = 0) -> Quote:
    return Quote(price, at, by, turn)


def test_days_without_prices_are_absent(prices: Prices) -> None:
    assert prices.of([]) == {}
    assert prices.of([DAY]) == {}


def test_prices_are_read_by_day_and_hour_also_negative_and_15_digit_ones(prices: Prices) -> None:
    assert prices.record({DAY: {13: quote(5000, 1), 2: quote(-500, 1)}, NEXT: {0: quote(10**15 - 1, 1)}}) == 3
    assert prices.of([DAY, NEXT, NEXT + timedelta(days=1)]) == {DAY: {2: -500, 13: 5000}, NEXT: {0: 10**15 - 1}}


def test_a_later_quote_of_some_hours_changes_these_only(prices: Prices) -> None:
    prices.record({DAY: {1: quote(10, 1), 2: quote(20, 1)}})
    assert prices.record({DAY: {2: quote(21, 2), 3: quote(30, 2)}}) == 2
    assert prices.of([DAY]) == {DAY: {1: 10, 2: 21, 3: 30}}


def test_an_older_quote_never_replaces_a_newer_one(prices: Prices) -> None:
    prices.record({DAY: {1: quote(10, 5)}})
    assert prices.record({DAY: {1: quote(99, 4), 2: quote(20, 4)}}) == 1
    assert prices.of([DAY]) == {DAY: {1: 10, 2: 20}}


def test_the_same_price_quoted_later_changes_nothing_and_outranks_others(prices: Prices) -> None:
    prices.record({DAY: {1: quote(10, 1)}})
    assert prices.record({DAY: {1: quote(10, 3)}}) == 0
    assert prices.record({DAY: {1: quote(99, 2)}}) == 0
    assert prices.of([DAY]) == {DAY: {1: 10}}


def test_a_year_of_prices_is_given_at_once(prices: Prices) -> None:
    year = [DAY + timedelta(days=number) for number in range(366)]
    assert prices.record({day: {12: quote(number, 1)} for number, day in enumerate(year)}) == 366
    assert prices.of(year) == {day: {12: number} for number, day in enumerate(year)}


def test_simultaneous_writers_lose_nothing_and_the_newest_quote_wins(durable_tables: str) -> None:
    stores = prices_bootstrap.prices()

    def record(number: int) -> int:
        return stores.record({DAY: {number: quote(number, 1), 23: quote(number, number)}})

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
    assert prices_bootstrap.prices().record({DAY: {1: quote(10, 1)}}) == 1
    assert prices_bootstrap.prices().of([DAY]) == {DAY: {1: 10}}
