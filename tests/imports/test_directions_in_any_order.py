"""Both directions of one id, in the daily file and in a feed whose rows name a side, end in one book in any order."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import permutations
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.feeds.receipt import BOOKED_STATES
from chalicelib.imports.confirmation import confirm_withdrawn
from chalicelib.imports.context import ImportContext
from chalicelib.positions.model import Direction
from chalicelib.trades.model import Trade
from tests.fixtures.import_nights import csv_of, some
from tests.fixtures.import_sandbox import counts
from tests.imports.test_feed_formats import OtherFormat, v2_csv_of
from tests.imports.test_feeds_in_any_order import Killed, KilledBook, poll_until_done

DAY = date(2026, 6, 15)
OF_DAY = some(16, "2026-06-15T10:00:00Z", "a")
[BUY] = some(1, "2026-06-15T10:00:00Z", "p", trader_id="bot_a")
SELL = BUY._replace(direction=Direction.SELL)
ROWS: Final = ((BUY,), (SELL,), (BUY, SELL), ())
Version = tuple[str, Sequence[Trade]]
"""The feed of a version, and its rows beside those of `OF_DAY`."""


class TwoSenders(OtherFormat):
    """A book with the daily file and the file of a feed in `voltbook-v2`, whose runs may be killed."""

    feed = replace(OtherFormat.feed, venue="epex")

    def put_version(self, version: Version) -> None:
        """Store a version, and poll until it is imported."""
        feed, rows = version
        self.clock.time += timedelta(minutes=30)
        if feed == "daily":
            self.put(DAY, csv_of([*OF_DAY, *rows]))
        else:
            self.store.put(self.feed.key(DAY), io.BytesIO(v2_csv_of([*OF_DAY, *rows])))
        poll_until_done(self)

    @property
    def contexts(self) -> Sequence[ImportContext]:
        """Those of both feeds, the daily one first."""
        return self.desk(), self.desk().of(self.feed)

    def confirm_all(self) -> None:
        """Accept what is missing from either file, until nothing is."""
        for context in (*self.contexts, *self.contexts):
            receipt = context.receipts.newest([DAY]).get(DAY)
            if receipt is not None and receipt.state in BOOKED_STATES and receipt.unconfirmed:
                confirm_withdrawn(DAY, "anna", context)

    def sides(self) -> set[Trade]:
        return {*self.standing().values()} - {*OF_DAY}


def senders(killed_at: int = 0) -> TwoSenders:
    nights = TwoSenders(book=KilledBook(killed_at))
    nights.at(DAY + timedelta(days=1), "00:30")
    return nights


def orders_of(versions: Mapping[str, Sequence[Sequence[Trade]]]) -> list[list[Version]]:
    """Return all orders in which the versions of each feed come one after the other."""
    senders = [feed for feed, of_feed in versions.items() for _ in of_feed]
    orders = sorted(set(permutations(senders)))
    return [_taken(order, {feed: list(of_feed) for feed, of_feed in versions.items()}) for order in orders]


def _taken(order: Sequence[str], left: Mapping[str, list[Sequence[Trade]]]) -> list[Version]:
    return [(feed, left[feed].pop(0)) for feed in order]


@pytest.mark.parametrize("daily_first", [True, False])
def test_a_direction_of_each_file_is_a_side_of_its_own(daily_first: bool) -> None:
    nights = senders()
    for version in [("daily", [BUY]), ("nordpool", [SELL])][:: 1 if daily_first else -1]:
        nights.put_version(version)
    assert (nights.sides(), nights.deviations()) == ({BUY, SELL}, ())
    daily, other = (context.receipts.newest([DAY])[DAY] for context in nights.contexts)
    assert [(one.corrected, one.withdrawn) for one in (daily, other)] == [(0, 0), (0, 0)]
    beside = "1 row is booked beside a trade of the same id and the other direction, the first on line 18"
    assert daily.warnings == (() if daily_first else (beside,))
    assert counts(nights.again(DAY)) == (0, 17, 0, 0)
    [sell] = [newest for newest, *_ in nights.book.sides("epex", "p-0") if newest.trade == SELL]
    assert {file.feed for file in sell.seen_in} == ({"daily", "nordpool"} if daily_first else {"nordpool"})


@pytest.mark.parametrize("daily", [(one, two) for one in ROWS if one != (SELL,) for two in ROWS])
@pytest.mark.parametrize(
    "other", [[(BUY,)], [(SELL,)], [(BUY,), (SELL,)], [(SELL,), (BUY,)], [(BUY,), ()], [(SELL,), ()]]
)
def test_versions_of_both_files_end_alike_in_any_order(
    daily: Sequence[Sequence[Trade]], other: Sequence[Sequence[Trade]]
) -> None:
    for order in orders_of({"daily": daily, "nordpool": other}):
        nights = senders()
        for version in order:
            nights.put_version(version)
        nights.confirm_all()
        assert (nights.sides(), nights.deviations()) == ({*daily[-1], *other[-1]}, ()), order


def test_a_side_that_another_feed_states_meanwhile_is_not_turned() -> None:
    nights = senders()
    nights.put_version(("daily", [BUY]))
    nights.book.before_correcting = lambda: nights.again_other([*OF_DAY, BUY])
    nights.arrive(DAY, csv_of([*OF_DAY, SELL]))
    assert (nights.sides(), nights.deviations()) == ({BUY, SELL}, ())


@pytest.mark.parametrize(("write", "row"), [("note", BUY), ("correct_all", BUY._replace(area="10YDE-EON------1"))])
def test_a_side_that_the_daily_file_turns_meanwhile_stands_again(
    write: str, row: Trade, monkeypatch: pytest.MonkeyPatch
) -> None:
    nights = senders()
    nights.put_version(("daily", [BUY]))

    def meanwhile(*args: Any) -> object:
        monkeypatch.undo()
        nights.arrive(DAY, csv_of([*OF_DAY, SELL]))
        return getattr(nights.book, write)(*args)

    monkeypatch.setattr(nights.book, write, meanwhile)
    receipt = nights.again_other([row, *OF_DAY])
    assert (nights.sides(), nights.deviations(), receipt.accounted_for) == ({row, SELL}, (), True)


OF_TWO_IDS = st.tuples(st.sampled_from(ROWS), st.sampled_from(ROWS)).map(
    lambda rows: [*rows[0], *(trade._replace(id="q") for trade in rows[1])]
)
VERSIONS = st.lists(st.tuples(st.sampled_from(["daily", "nordpool"]), OF_TWO_IDS), min_size=2, max_size=6)


@given(VERSIONS, st.integers(min_value=0, max_value=20), st.sets(st.integers(min_value=0, max_value=5), max_size=2))
def test_any_versions_and_kills_end_with_the_last_sides(
    versions: Sequence[Version], killed_at: int, confirmed_after: set[int]
) -> None:
    nights = senders(killed_at)
    last: dict[str, Sequence[Trade]] = {}
    for number, (feed, rows) in enumerate(versions):
        nights.put_version((feed, rows))
        last[feed] = rows
        stated = {trade for of_feed in last.values() for trade in of_feed}
        assert stated <= nights.sides()
        if number in confirmed_after:
            _confirm(nights)
            assert stated <= nights.sides()
    _confirm(nights)
    assert nights.sides() == {trade for of_feed in last.values() for trade in of_feed}
    assert nights.deviations() == ()


def _confirm(nights: TwoSenders) -> None:
    try:
        nights.confirm_all()
    except Killed:
        nights.clock.time += timedelta(minutes=30)
        nights.confirm_all()
