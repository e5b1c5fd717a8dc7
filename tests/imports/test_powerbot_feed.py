"""Files of PowerBot as a feed: both sides on one line, days without trades, and one content under two names."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.admin.integrity_check import BookStores, verify
from chalicelib.feeds.feed import Feed
from chalicelib.feeds.file_change import ChangeKind
from chalicelib.feeds.key_pattern import KeyPattern
from chalicelib.feeds.receipt import FileState, Receipt
from chalicelib.imports.context import ImportContext
from chalicelib.imports.format_reader import reader_of
from chalicelib.imports.polling import arrived, poll
from chalicelib.positions.model import Direction
from chalicelib.trades.model import Trade
from tests.durability.places import powerbot_entry
from tests.fakes.admin import FakeLedger
from tests.fixtures.import_nights import some
from tests.fixtures.trades import posted
from tests.imports.test_two_feeds import DAY, NEXT, NORDPOOL, TwoFeeds

BUY = some(1, "2026-06-15T10:00:00Z", "a")[0]._replace(venue="nordpool")
SELL = BUY._replace(direction=Direction.SELL)


class PowerBotFiles(TwoFeeds):
    feed: Feed = replace(NORDPOOL, format="powerbot")

    def desk(self) -> ImportContext:
        return replace(super().desk(), reader_of=lambda feed: reader_of(feed.format, tuple, feed.venue))

    def store_entries(self, key: str, *entries: tuple[Trade, ...]) -> Receipt:
        content = json.dumps([powerbot_entry(list(sides)) for sides in entries])
        self.store.put(key, io.BytesIO(content.encode()))
        receipt = arrived(key, self.desk())
        assert isinstance(receipt, Receipt)
        return receipt

    def verified(self) -> tuple[str, ...]:
        stores = BookStores(self.receipts, self.store, self.book, self.desk().feeds, self.desk().reader_of)
        return verify(FakeLedger(self.book, self.receipts), stores).deviations


@pytest.fixture
def nights() -> PowerBotFiles:
    nights = PowerBotFiles()
    nights.at(NEXT, "01:00")
    return nights


def test_verify_counts_both_sides_of_a_line_as_one_row(nights: PowerBotFiles) -> None:
    receipt = nights.store_entries(NORDPOOL.key(DAY), (BUY, SELL), (BUY._replace(id="b"),))
    assert (receipt.rows, receipt.booked) == (2, 2)
    assert nights.verified() == ()


def test_verify_names_a_lost_trade_of_a_tenth_of_a_megawatt(nights: PowerBotFiles) -> None:
    nights.store_entries(NORDPOOL.key(DAY), (BUY._replace(kw=100),))
    del nights.book.words["nordpool\x1fa-0"]
    nights.book.held.clear()
    [found] = nights.verified()
    assert "trade 'a-0' is not in the book; expected" in found
    assert "kw 100" in found


def test_a_list_without_trades_is_a_file_of_a_day_without_trades(nights: PowerBotFiles) -> None:
    receipt = nights.store_entries(NORDPOOL.key(DAY))
    assert (receipt.state, receipt.rows, receipt.usable) == (FileState.IMPORTED, 0, True)


def test_the_same_content_under_another_name_is_found_there(nights: PowerBotFiles) -> None:
    nights.feed = replace(nights.feed, pattern=KeyPattern("nordpool/{YYYYMMDD}_*.csv"))
    nights.store_entries("nordpool/20260615_0900.csv", (BUY,))
    nights.store_entries("nordpool/20260615_0900.csv", (BUY,))
    nights.clock.time += timedelta(minutes=1)
    again = nights.store_entries("nordpool/20260615_1000.csv", (BUY,))
    assert (again.version, again.key, again.object_version) == (1, "nordpool/20260615_1000.csv", "1")
    assert nights.verified() == ()
    assert arrived(again.key, nights.desk()) == "this file is imported already"
    assert poll(nights.desk()).imported == ()


def test_a_side_is_corrected_beside_one_that_clashes(nights: PowerBotFiles) -> None:
    """The line is quarantined, and a notice says that it changed the book."""
    nights.book.add([posted(BUY._replace(price=BUY.price + 1))])
    nights.book.add([posted(SELL._replace(execution_time="2026-06-13T10:00:00Z"))._replace(side=2)])
    receipt = nights.store_entries(NORDPOOL.key(DAY), (BUY, SELL))
    assert (receipt.state, receipt.quarantined, receipt.corrected) == (FileState.PROVISIONAL, 1, 0)
    [change] = nights.receipts.of(nights.feed).changes(DAY, 1)
    assert (change.kind, change.line) == (ChangeKind.CORRECTED, 1)
    assert receipt.changed
    assert sorted(nights.kinds("nordpool")) == ["corrected", "quarantined"]
    assert nights.verified() == ()


@pytest.mark.parametrize(
    ("buy", "sell", "counted"),
    [
        ("new", "new", "booked"),
        ("new", "there", "booked"),
        ("there", "new", "booked"),
        ("there", "there", "already_there"),
        ("other price", "there", "corrected"),
        ("there", "other price", "corrected"),
        ("other price", "new", "corrected"),
        ("new", "other price", "corrected"),
    ],
)
def test_a_line_is_counted_once_by_the_side_that_changed_more(
    nights: PowerBotFiles, buy: str, sell: str, counted: str
) -> None:
    for side, found in ((BUY, buy), (SELL, sell)):
        if found != "new":
            number = 2 if side is SELL and buy != "new" else 1
            nights.book.add([posted(side._replace(price=side.price + (found != "there")))._replace(side=number)])
    receipt = nights.store_entries(NORDPOOL.key(DAY), (BUY, SELL))
    counts = {name: getattr(receipt, name) for name in ("booked", "already_there", "corrected")}
    assert counts == {name: int(name == counted) for name in counts}
    assert nights.verified() == ()
