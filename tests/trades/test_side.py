"""Each side of each trade has a name of its own, and the first side at the exchange that of its id."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.trades.side import name_and_side, second_side_of, side_id, venue_and_id

IDS = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=5) | st.sampled_from(["a#2", "#", "2"])
VENUES = st.sampled_from(["epex", "epex-ida", "nordpool", "2"])


def test_the_first_side_at_the_exchange_has_the_name_of_its_id() -> None:
    assert side_id("epex", "EPX-1") == "EPX-1"


@given(VENUES, IDS, st.sampled_from([1, 2]))
def test_a_name_says_whose_it_is(venue: str, trade_id: str, side: int) -> None:
    name, found = name_and_side(side_id(venue, trade_id, side))
    assert found == side
    assert name == side_id(venue, trade_id)
    assert venue_and_id(name) == (venue, trade_id)
    assert second_side_of(name) == side_id(venue, trade_id, 2)
