"""Quotes on an hour's price: whatever the order in which they arrive, the newest counts."""

from __future__ import annotations

from functools import reduce

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.prices.quote import Quote, changed_hours, newest, prices_of

quotes = st.builds(
    Quote,
    price=st.integers(-3, 3),
    stated_at=st.integers(0, 3),
    source=st.sampled_from(["ada", "reference_prices_20260615.csv"]),
    turn=st.integers(0, 2),
)


def order(quote: Quote) -> tuple[int, str, int, int]:
    return quote.stated_at, quote.source, quote.turn, quote.price


@given(st.lists(st.dictionaries(st.integers(0, 2), quotes), max_size=8), st.randoms())
def test_in_any_order_the_newest_quote_of_each_hour_wins(batches: list[dict[int, Quote]], chance: object) -> None:
    expected = {
        hour: max((batch[hour] for batch in batches if hour in batch), key=order)
        for hour in {h for batch in batches for h in batch}
    }
    shuffled = list(batches)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis types its random as a strategy
    nothing: dict[int, Quote] = {}
    assert reduce(newest, shuffled, nothing) == expected
    assert reduce(newest, [*shuffled, *batches], nothing) == expected


def test_of_two_readings_of_a_file_in_one_second_the_later_one_counts() -> None:
    first, second = Quote(1, 10, "f", turn=1), Quote(2, 10, "f", turn=2)
    assert newest({1: first}, {1: second}) == newest({1: second}, {1: first}) == {1: second}


def test_a_quote_is_not_newer_than_itself() -> None:
    assert not Quote(1, 10, "f").newer_than(Quote(1, 10, "f"))


def test_the_first_reading_of_a_file_has_the_first_turn() -> None:
    assert Quote(1, 10, "f") == Quote(1, 10, "f", turn=0)


def test_prices_are_in_order_of_hours_and_changes_are_counted_by_price() -> None:
    before = {3: Quote(1, 1, "a"), 4: Quote(1, 1, "a"), 1: Quote(2, 1, "a")}
    after = {3: Quote(1, 2, "b"), 4: Quote(1, 2, "b"), 1: Quote(5, 2, "b"), 2: Quote(0, 2, "b")}
    assert list(prices_of(after).items()) == [(1, 5), (2, 0), (3, 1), (4, 1)]
    assert changed_hours(before, after) == 2
