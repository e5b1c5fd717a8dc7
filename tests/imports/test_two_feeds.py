"""Imports of two feeds: each has its own receipts, and together they decide about one trade."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from chalicelib.feeds.feed import BUILT_IN, DAILY, REFERENCE_PRICES, Feed
from chalicelib.feeds.file_change import FileChange
from chalicelib.feeds.file_day import FileDay
from chalicelib.feeds.key_pattern import KeyPattern
from chalicelib.feeds.receipt import Receipt
from chalicelib.feeds.store import Lease, ListedFile
from chalicelib.imports.acceptance import accept
from chalicelib.imports.context import ImportContext
from chalicelib.imports.polling import arrived, poll
from chalicelib.imports.price_import import PriceStores
from chalicelib.imports.withdrawals import AFTER_ALL_LINES
from chalicelib.notices.model import Kind
from chalicelib.trades.model import Trade
from chalicelib.trades.revision import Revision
from cli.client.poll_once import poll_once
from tests.fakes.prices import FakePriceFiles, FakePrices
from tests.fixtures.import_nights import Nights, csv_of, some

DAY = date(2026, 6, 15)
NEXT = DAY + timedelta(days=1)
NORDPOOL = Feed(
    "nordpool", KeyPattern("nordpool/trades_{YYYYMMDD}.csv"), deadline=time(9, 30), timezone=ZoneInfo("Europe/Helsinki")
)
TRADES = some(3, "2026-06-15T10:00:00Z", "a")


class TwoFeeds(Nights):
    """A book with the daily file and the files of another sender."""

    feed: Feed = NORDPOOL

    def desk(self) -> ImportContext:
        self.book.sees(self.receipts)
        return replace(super().desk(), feeds=(*BUILT_IN, self.feed))

    def other(self, rows: Sequence[Trade], day: date = DAY, clock: str = "01:00") -> Receipt:
        """Let a file of the other feed arrive in the night after its day."""
        self.at(day + timedelta(days=1), clock)
        key = self.feed.key(day)
        self.store.put(key, io.BytesIO(csv_of(rows)))
        receipt = arrived(key, self.desk())
        assert isinstance(receipt, Receipt)
        return receipt

    def kinds(self, feed: str) -> list[str]:
        return [notice.kind.value for notice in self.receipts.outbox.of_feed(feed).notices.values()]

    def seen_in(self, one: str) -> set[str]:
        return {file.text for file in self.book.words[one][-1].seen_in}


@pytest.fixture
def nights() -> TwoFeeds:
    return TwoFeeds()


def counts(receipt: Receipt) -> tuple[int, int, int, int]:
    return (receipt.booked, receipt.already_there, receipt.corrected, receipt.withdrawn)


def test_a_trade_in_both_files_is_booked_once_and_known_from_both(nights: TwoFeeds) -> None:
    assert counts(nights.other(TRADES)) == (3, 0, 0, 0)
    receipt = nights.night(DAY, csv_of(TRADES))
    assert (counts(receipt), receipt.version) == ((0, 3, 0, 0), 1)
    assert nights.seen_in("a-0") == {"2026-06-15", "nordpool@2026-06-15"}
    assert nights.receipts.of(NORDPOOL).newest([DAY])[DAY].key == "nordpool/trades_20260615.csv"
    assert nights.deviations() == ()


@pytest.mark.parametrize("daily_first", [True, False])
def test_in_any_order_the_daily_file_of_the_same_day_leads(nights: TwoFeeds, daily_first: bool) -> None:
    daily, other = TRADES, [TRADES[0]._replace(price=777), *TRADES[1:]]
    if daily_first:
        nights.night(DAY, csv_of(daily))
        assert counts(nights.other(other)) == (0, 3, 0, 0)
    else:
        nights.other(other)
        assert counts(nights.night(DAY, csv_of(daily))) == (0, 2, 1, 0)
    assert nights.standing()["a-0"] == TRADES[0]
    assert nights.deviations() == ()


def test_what_one_feed_dropped_stays_until_all_did_and_it_is_accepted(nights: TwoFeeds) -> None:
    many = some(20, "2026-06-15T10:00:00Z", "m")
    nights.other(many)
    nights.night(DAY, csv_of(many))
    assert nights.other(many[:19], clock="02:00").withdrawn == 0
    nights.at(NEXT, "03:00")
    assert nights.arrive(DAY, csv_of(many[:19])).withdrawn == 1
    accept(DAY, "anna", nights.desk())
    assert "m-19" not in nights.standing()
    assert nights.deviations() == ()


def test_a_trade_that_two_runs_at_once_find_dropped_is_named(nights: TwoFeeds, monkeypatch: pytest.MonkeyPatch) -> None:
    many = some(20, "2026-06-15T10:00:00Z", "m")
    nights.other(many)
    nights.night(DAY, csv_of(many))
    store_changes = nights.receipts.store_changes

    def meanwhile(lease: Lease, version: int, first: int, changes: Iterable[FileChange]) -> None:
        store_changes(lease, version, first, changes)
        if first == AFTER_ALL_LINES:
            monkeypatch.undo()
            nights.other(many[:19], clock="02:00")

    monkeypatch.setattr(nights.receipts, "store_changes", meanwhile)
    nights.at(NEXT, "02:00")
    nights.arrive(DAY, csv_of(many[:19]))
    nights.poll()
    newest = [receipts.newest([DAY])[DAY] for receipts in (nights.receipts, nights.receipts.of(NORDPOOL))]
    assert sorted(receipt.withdrawn for receipt in newest) == [0, 1]


def test_each_feed_is_late_on_its_own_clock(nights: TwoFeeds) -> None:
    nights.night(DAY - timedelta(days=1), csv_of(some(1, "2026-06-14T10:00:00Z", "e")))
    nights.other(some(1, "2026-06-14T11:00:00Z", "o"), DAY - timedelta(days=1))
    nights.at(NEXT, "08:00")
    assert [file.text for file in poll(nights.desk()).late] == ["2026-06-15"]
    nights.at(NEXT, "08:30")  # 09:30 in Helsinki
    assert [file.text for file in poll(nights.desk()).late] == ["nordpool@2026-06-15"]
    assert (nights.kinds("daily"), nights.kinds("nordpool")) == (["late"], ["late"])
    [notice] = nights.receipts.outbox.of_feed("nordpool").of([DAY])
    assert notice.subject == "Voltbook: the file of feed nordpool of 2026-06-15 is late"
    assert "nordpool/trades_20260615.csv is not there." in notice.body
    assert "08:30" in notice.body
    assert "voltbook files show 2026-06-15 --feed nordpool" in notice.body
    assert "Reports" not in notice.body


def test_a_day_without_a_file_is_not_late(nights: TwoFeeds) -> None:
    nights.feed = replace(NORDPOOL, weekdays=frozenset({1}))
    nights.other(some(1, "2026-06-14T11:00:00Z", "o"), DAY - timedelta(days=1))
    nights.at(NEXT, "12:00")
    poll(nights.desk())
    assert nights.kinds("nordpool") == []


def test_a_poll_imports_the_files_of_every_feed(nights: TwoFeeds) -> None:
    nights.at(NEXT, "01:00")
    nights.put(DAY, csv_of(TRADES))
    nights.store.put(NORDPOOL.key(DAY), io.BytesIO(csv_of(some(1, "2026-06-15T11:00:00Z", "n"))))
    imported = poll(nights.desk()).imported
    assert [receipt.file for receipt in imported] == [FileDay(DAY), FileDay(DAY, "nordpool")]
    assert poll(nights.desk()).imported == ()


def test_a_feed_that_fails_keeps_no_other_from_being_polled(nights: TwoFeeds, monkeypatch: pytest.MonkeyPatch) -> None:
    nights.at(NEXT, "12:00")
    nights.store.put(NORDPOOL.key(DAY), io.BytesIO(csv_of(TRADES)))
    whole = nights.receipts.open_days

    def broken() -> None:
        raise OSError("the daily feed cannot be read")

    monkeypatch.setattr(nights.receipts, "open_days", broken)
    with pytest.raises(OSError, match="cannot be read"):
        poll(nights.desk())
    assert nights.standing().keys() == {"a-0", "a-1", "a-2"}
    monkeypatch.setattr(nights.receipts, "open_days", whole)
    assert poll(nights.desk()).imported == ()


SEVERAL = replace(NORDPOOL, pattern=KeyPattern("nordpool/{YYYYMMDD}_*.csv"))


def test_a_file_with_an_earlier_name_counts_if_it_is_stored_later(nights: TwoFeeds) -> None:
    nights.feed = SEVERAL
    nights.at(NEXT, "01:00")
    nights.store.put("nordpool/20260615_1000.csv", io.BytesIO(csv_of(TRADES[:1])))
    poll(nights.desk())
    nights.at(NEXT, "02:00")
    nights.store.put("nordpool/20260615_0900.csv", io.BytesIO(csv_of(TRADES)))
    [second] = poll(nights.desk()).imported
    assert (second.key, second.version, counts(second)) == ("nordpool/20260615_0900.csv", 2, (2, 1, 0, 0))
    assert second.warnings == ()  # the other one was imported before
    assert poll(nights.desk()).imported == ()


def test_files_of_a_day_that_were_never_imported_are_named(nights: TwoFeeds) -> None:
    nights.feed = SEVERAL
    nights.at(NEXT, "01:00")
    for part in ("a", "b\n"):
        nights.store.put(f"nordpool/20260615_{part}.csv", io.BytesIO(csv_of(TRADES)))
    nights.at(NEXT, "01:10")
    nights.store.put("nordpool/20260615_.csv", io.BytesIO(csv_of(TRADES)))
    [receipt] = poll(nights.desk()).imported
    warning = "2 other files of its day are in the bucket and not imported, as the one stored last counts: "
    assert receipt.warnings == (f"{warning}nordpool/20260615_a.csv, nordpool/20260615_b\\n.csv",)
    [notice] = nights.receipts.outbox.of_feed("nordpool").of([DAY])
    assert (notice.kind, warning in notice.body) == (Kind.WARNING, True)


def _prefixes_listed(nights: TwoFeeds, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    asked: list[str] = []
    listed = nights.store.listed

    def counted(prefix: str = "") -> Iterator[ListedFile]:
        asked.append(prefix)
        return listed(prefix)

    monkeypatch.setattr(nights.store, "listed", counted)
    return asked


def test_a_poll_lists_only_keys_that_may_be_of_its_days(nights: TwoFeeds, monkeypatch: pytest.MonkeyPatch) -> None:
    nights.feed = replace(NORDPOOL, pattern=KeyPattern("nordpool/*_{YYYYMMDD}.csv"), deadline=None)
    asked = _prefixes_listed(nights, monkeypatch)
    nights.at(NEXT, "01:00")
    poll(nights.desk())
    assert asked == ["nordpool/"]


def test_of_several_keys_of_a_day_the_last_counts(nights: TwoFeeds) -> None:
    nights.feed = replace(NORDPOOL, pattern=KeyPattern("nordpool/{YYYYMMDD}_*.csv"))
    nights.at(NEXT, "01:00")
    nights.store.put("nordpool/20260615_0900.csv", io.BytesIO(csv_of(TRADES[:1])))
    [first] = poll(nights.desk()).imported
    nights.store.put("nordpool/20260615_1000.csv", io.BytesIO(csv_of(TRADES)))
    [second] = poll(nights.desk()).imported
    assert (first.key, first.version) == ("nordpool/20260615_0900.csv", 1)
    assert (second.key, second.version, counts(second)) == ("nordpool/20260615_1000.csv", 2, (2, 1, 0, 0))
    assert poll(nights.desk()).imported == ()


def test_the_file_of_another_feed_is_no_misspelt_one(nights: TwoFeeds) -> None:
    nights.feed = replace(NORDPOOL, pattern=KeyPattern("nordpool/epex_trades_{YYYYMMDD}.csv"))
    nights.other(TRADES)
    nights.at(NEXT, "12:00")
    poll(nights.desk())
    [late] = nights.receipts.outbox.of([DAY])
    assert (late.kind, "The bucket holds" in late.body) == (Kind.LATE, False)


def test_late_feeds_share_one_listing_of_the_bucket(nights: TwoFeeds, monkeypatch: pytest.MonkeyPatch) -> None:
    nights.feed = replace(NORDPOOL, since=DAY)
    asked = _prefixes_listed(nights, monkeypatch)
    nights.at(NEXT, "12:00")
    poll(nights.desk())
    assert (nights.kinds("daily"), nights.kinds("nordpool"), asked) == (["late"], ["late"], [""])


def test_a_misspelt_key_is_named_with_the_right_one(nights: TwoFeeds) -> None:
    why = arrived("nordpool/Trades-2026-06-15.CSV", nights.desk())
    assert why == "this is not the name of a file of feed nordpool; expected nordpool/trades_20260615.csv"
    nights.store.put("nordpool/Trades_20260615.csv", io.BytesIO(b""))
    nights.other(some(1, "2026-06-14T11:00:00Z", "o"), DAY - timedelta(days=1))
    nights.at(NEXT, "12:00")
    poll(nights.desk())
    [late] = [one for one in nights.receipts.outbox.of_feed("nordpool").of([DAY]) if one.kind is Kind.LATE]
    assert "The bucket holds nordpool/Trades_20260615.csv" in late.body


def test_verify_compares_the_files_of_every_feed(nights: TwoFeeds) -> None:
    nights.other(TRADES)
    assert nights.deviations() == ()
    words = nights.book.words["a-0"]
    words[-1] = words[-1]._replace(withdrawn=True)
    [found, *_] = [one for one in nights.deviations() if one.startswith("file ")]
    assert found.startswith("file 2026-06-15 of feed nordpool version 1, line 2: trade 'a-0' was withdrawn by")


def test_a_feed_is_late_from_its_first_day_though_no_file_ever_came(nights: TwoFeeds) -> None:
    nights.feed = replace(NORDPOOL, since=DAY - timedelta(days=2))
    nights.at(NEXT, "12:00")
    late = [file for file in poll(nights.desk()).late if file.feed == "nordpool"]
    assert late == [FileDay(DAY - timedelta(days=back), "nordpool") for back in (2, 1, 0)]


def test_accepted_withdrawals_share_transactions(nights: TwoFeeds, monkeypatch: pytest.MonkeyPatch) -> None:
    trades = some(60, "2026-06-15T10:00:00Z", "a")
    nights.night(DAY, csv_of(trades))
    assert nights.arrive(DAY, csv_of(trades[50:])).state.value == "held"
    correct_all, sizes = nights.book.correct_all, []

    def counted(changes: Sequence[tuple[Revision, Revision]], lease: Lease) -> object:
        sizes.append(len(changes))
        return correct_all(changes, lease)

    monkeypatch.setattr(nights.book, "correct_all", counted)
    assert accept(DAY, "anna", nights.desk()).withdrawn == 50
    assert (sum(sizes), len(sizes) < 5) == (50, True)
    assert nights.deviations() == ()


def test_a_check_covers_the_days_of_the_built_in_feeds_as_they_are_set(nights: TwoFeeds) -> None:
    feeds = (replace(DAILY, look_back=10), replace(REFERENCE_PRICES, look_back=10))
    nights.at(NEXT, "12:00")
    prices = PriceStores(FakePrices(), FakePriceFiles(nights.receipts.outbox), feeds, tuple)
    old = DAY - timedelta(days=9)
    nights.store.put(REFERENCE_PRICES.key(old), io.BytesIO(b"no prices"))
    checked = poll_once(replace(nights.desk(), feed=feeds[0], feeds=feeds), prices, nights.clock.now())
    assert checked["start_day"] == (NEXT - timedelta(days=10)).isoformat()
    assert [notice["file_day"] for notice in checked["notices"] if notice["kind"] == "prices"] == [old.isoformat()]
