"""The files of two feeds, in any order and with runs killed at any write, end in one book."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import permutations
from typing import Any

import pytest

from chalicelib.feeds.feed import BUILT_IN, DAILY, Feed
from chalicelib.feeds.key_pattern import KeyPattern
from chalicelib.imports.context import ImportContext
from chalicelib.imports.polling import poll
from chalicelib.trades.model import Trade
from tests.fixtures.import_nights import InterruptedBook, Nights, csv_of, some

DAY = date(2026, 6, 15)
NORDPOOL = Feed("nordpool", KeyPattern("nordpool/{YYYYMMDD}.csv"), format="voltbook-daily")
SHARED = some(12, "2026-06-15T10:00:00Z", "s")
ONLY_DAILY = some(4, "2026-06-15T11:00:00Z", "d")
ONLY_OTHER = some(4, "2026-06-15T12:00:00Z", "o")
OTHER_TERMS = [SHARED[0]._replace(price=1), *SHARED[1:]]
FILES: Mapping[tuple[str, int], Sequence[Trade]] = {
    ("daily", 1): [*SHARED, *ONLY_DAILY],
    ("daily", 2): [*SHARED[:11], ONLY_DAILY[0]._replace(price=2), *ONLY_DAILY[1:]],
    ("nordpool", 1): [*OTHER_TERMS, *ONLY_OTHER],
    ("nordpool", 2): [*OTHER_TERMS, ONLY_OTHER[0]._replace(price=3), *ONLY_OTHER[1:3]],
}
ORDERS = [
    order
    for order in permutations(FILES)
    if all(order.index((feed, 1)) < order.index((feed, 2)) for feed in ("daily", "nordpool"))
]
EXPECTED = {one.id: one for one in [*SHARED, *ONLY_DAILY, *ONLY_OTHER]} | {
    ONLY_DAILY[0].id: ONLY_DAILY[0]._replace(price=2),
    ONLY_OTHER[0].id: ONLY_OTHER[0]._replace(price=3),
}
"""The daily file of the day leads; what one feed dropped stays, as the other has it or nobody accepted it."""


class Killed(BaseException):
    """The process ends here."""


class KilledBook(InterruptedBook):
    """Ends the process before a write, once."""

    def __init__(self, left: int) -> None:
        super().__init__()
        self.left = left

    def _write(self) -> None:
        self.left -= 1
        if self.left == 0:
            raise Killed

    def add(self, *args: Any) -> Any:
        self._write()
        return super().add(*args)

    def correct(self, *args: Any) -> Any:
        self._write()
        return super().correct(*args)

    def note(self, *args: Any) -> Any:
        self._write()
        return super().note(*args)


class AnyOrder(Nights):
    def desk(self) -> ImportContext:
        self.book.sees(self.receipts)
        return replace(super().desk(), feeds=(*BUILT_IN, NORDPOOL))


def poll_until_done(nights: Nights) -> None:
    """Poll as often as runs are killed; a lease of a killed one has ended by then."""
    while True:
        try:
            poll(nights.desk())
        except Killed:
            nights.clock.time += timedelta(minutes=30)
        else:
            return


@pytest.mark.parametrize("killed_at", [0, *range(1, 15)])
@pytest.mark.parametrize("order", ORDERS, ids=lambda order: "-".join(f"{feed[0]}{version}" for feed, version in order))
def test_the_order_of_two_feeds_and_kills_do_not_matter(order: Sequence[tuple[str, int]], killed_at: int) -> None:
    nights = AnyOrder(book=KilledBook(killed_at))
    nights.at(DAY + timedelta(days=1), "00:30")
    for feed, version in order:
        key = (DAILY if feed == "daily" else NORDPOOL).key(DAY)
        nights.store.put(key, io.BytesIO(csv_of(FILES[feed, version])))
        poll_until_done(nights)
        nights.clock.time += timedelta(minutes=30)
    assert nights.standing() == EXPECTED
    assert nights.deviations() == ()
    versions = {feed.name: len(nights.receipts.of(feed).versions(DAY)) for feed in (DAILY, NORDPOOL)}
    assert versions == {"daily": 2, "nordpool": 2}
    assert all(not mark.running for mark in nights.receipts.marks.days.values())
