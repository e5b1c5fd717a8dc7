"""The list of feeds: what each expects, and what became of its newest file."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from chalicelib.access.identity import Identity, Role
from chalicelib.common.errors import InvalidRequest, NotAllowed
from chalicelib.feeds.feed import BUILT_IN, DAILY, REFERENCE_PRICES, Feed
from chalicelib.feeds.feed_list import feed_of_trades, list_feeds
from chalicelib.feeds.key_pattern import KeyPattern
from chalicelib.feeds.receipt import FileState, Receipt
from tests.fakes.clock import FakeClock
from tests.fakes.feeds import FakeReceipts

NOW = datetime(2023, 2, 21, 12, tzinfo=UTC)
DAY = date(2023, 2, 20)
NORDPOOL = Feed("nordpool", KeyPattern("np/{YYYYMMDD}.csv"), required=True, since=DAY, weekdays=frozenset({0, 4}))
ADMIN = Identity("anna", Role.ADMIN)


def test_each_feed_has_its_newest_file_and_its_next_deadline() -> None:
    receipts, clock = FakeReceipts(), FakeClock()
    clock.time = NOW
    of_nordpool = receipts.of(NORDPOOL)
    for day in (DAY, date(2023, 2, 17)):
        receipt = Receipt(day, 1, FileState.IMPORTED, f"np/{day:%Y%m%d}.csv", "a", "b", feed="nordpool")
        of_nordpool.save(of_nordpool.acquire(day, "t", NOW, NOW), receipt, NOW)
    [daily, prices, other] = list_feeds((*BUILT_IN, NORDPOOL), ADMIN, receipts, receipts.outbox, clock)
    assert (daily.as_json()["newest_file_day"], daily.as_json()["next_deadline"]) == (None, "2023-02-22T07:00:00Z")
    assert (prices.as_json()["deadline"], prices.as_json()["next_deadline"]) == (None, None)
    assert other.as_json() == {
        "name": "nordpool",
        "kind": "trades",
        "venue": None,
        "format": "auto",
        "pattern": "np/{YYYYMMDD}.csv",
        "deadline": "08:00",
        "deadline_days": 1,
        "timezone": "Europe/Berlin",
        "required": True,
        "since": "2023-02-20",
        "weekdays": ["mon", "fri"],
        "newest_file_day": "2023-02-20",
        "state": "imported",
        "next_deadline": "2023-02-25T07:00:00Z",
    }


def test_a_trader_may_not_list_feeds() -> None:
    trader = Identity("tina", Role.TRADER, trader_id="tina")
    receipts = FakeReceipts()
    with pytest.raises(NotAllowed):
        list_feeds(BUILT_IN, trader, receipts, receipts.outbox, FakeClock())


def test_files_are_those_of_a_feed_of_trades() -> None:
    feeds = (replace(DAILY, look_back=2), REFERENCE_PRICES, NORDPOOL)
    assert feed_of_trades(None, feeds).look_back == 2
    assert feed_of_trades("nordpool", feeds) == NORDPOOL
    for name in ("reference_prices", "otc", "x" * 61):
        with pytest.raises(InvalidRequest) as refused:
            feed_of_trades(name, feeds)
        assert refused.value.problems[0].message == f"must be a feed of trades: daily, nordpool; got {name[:60]!r}"
