"""Quotes of a period's price: whatever the order in which they arrive, the newest counts."""

from __future__ import annotations

from datetime import date
from functools import reduce

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.common.delivery import Period, day_start
from chalicelib.prices.quote import Quote, Quotes, newest

PERIODS = [Period(day_start(date(2026, 6, 15)), minutes) for minutes in (15, 60)]
FIRST = PERIODS[0]
quotes = st.builds(
    Quote,
    price=st.integers(-3, 3),
    stated_at=st.integers(0, 3),
    source=st.sampled_from(["ada", "reference_prices_20260615.csv"]),
    turn=st.integers(0, 2),
)


def order(quote: Quote) -> tuple[int, str, int, int]:
    return quote.stated_at, quote.source, quote.turn, quote.price


@given(st.lists(st.dictionaries(st.sampled_from(PERIODS), quotes), max_size=8), st.randoms())
def test_in_any_order_the_newest_quote_of_each_period_wins(batches: list[dict[Period, Quote]], chance: object) -> None:
    expected = {
        period: max((batch[period] for batch in batches if period in batch), key=order)
        for period in {p for batch in batches for p in batch}
    }
    shuffled = list(batches)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis types its random as a strategy
    nothing: Quotes = {}
    assert reduce(newest, shuffled, nothing) == expected
    assert reduce(newest, [*shuffled, *batches], nothing) == expected


def test_of_two_readings_of_a_file_in_one_second_the_later_one_counts() -> None:
    first, second = Quote(1, 10, "f", turn=1), Quote(2, 10, "f", turn=2)
    assert newest({FIRST: first}, {FIRST: second}) == newest({FIRST: second}, {FIRST: first}) == {FIRST: second}


def test_a_quote_is_not_newer_than_itself() -> None:
    assert not Quote(1, 10, "f").newer_than(Quote(1, 10, "f"))


def test_the_first_reading_of_a_file_has_the_first_turn() -> None:
    assert Quote(1, 10, "f") == Quote(1, 10, "f", turn=0)
