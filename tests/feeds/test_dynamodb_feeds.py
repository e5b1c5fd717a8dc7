"""Two feeds with the same file day share no receipt, lease, notice or open day."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from chalicelib.common.errors import ImportUnderWay, Problem
from chalicelib.feeds.feed import DAILY, Feed
from chalicelib.feeds.file_change import ChangeKind, FileChange
from chalicelib.feeds.file_day import FileDay
from chalicelib.feeds.key_pattern import KeyPattern
from chalicelib.feeds.receipt import FileState, QuarantinedRow, Receipt
from chalicelib.feeds.store import Receipts
from chalicelib.notices.model import Kind, Notice, new_notice
from chalicelib.notices.store import Outbox
from chalicelib.trades.store import Book
from tests.fakes.feeds import FakeReceipts
from tests.fakes.trades import FakeBook
from tests.fixtures.trades import posted, trade

NORDPOOL = Feed("nordpool", KeyPattern("np/{YYYYMMDD}.csv"))
DAY = date(2023, 2, 20)
NOW = datetime(2023, 2, 21, 1, tzinfo=UTC)
LATER = NOW + timedelta(minutes=2)
OF_DAILY = Receipt(DAY, 1, FileState.IMPORTED, "epex_trades_20230220.csv", "abc", "o1", rows=1, booked=1)
OF_OTHER = replace(OF_DAILY, version=1, key="np/20230220.csv", sha256="def", feed="nordpool")


def notice(feed: str = "daily", kind: Kind = Kind.LATE) -> Notice:
    return new_notice(kind, DAY, 0, f"of {feed}", [], NOW, feed=feed)


@pytest.fixture
def nordpool(receipts: Receipts) -> Receipts:
    return receipts.of(NORDPOOL)


def test_each_feed_has_its_own_leases_and_receipts(receipts: Receipts, nordpool: Receipts) -> None:
    daily, other = receipts.acquire(DAY, "a", NOW, LATER), nordpool.acquire(DAY, "b", NOW, LATER)
    assert (daily.file, other.file) == (FileDay(DAY), FileDay(DAY, "nordpool"))
    with pytest.raises(ImportUnderWay, match="the file of 2023-02-20 of feed nordpool is being imported"):
        nordpool.acquire(DAY, "c", NOW, LATER)
    receipts.save(daily, OF_DAILY, LATER)
    assert (nordpool.newest([DAY]), nordpool.versions(DAY)) == ({}, [])
    nordpool.save(other, OF_OTHER, LATER)
    assert receipts.newest([DAY]) == {DAY: OF_DAILY}
    assert nordpool.newest([DAY]) == {DAY: OF_OTHER}
    assert (receipts.versions(DAY), nordpool.versions(DAY)) == ([OF_DAILY], [OF_OTHER])
    assert nordpool.of(DAILY).newest([DAY]) == {DAY: OF_DAILY}


def test_each_feed_has_its_own_rows_and_changes(receipts: Receipts, nordpool: Receipts) -> None:
    row = QuarantinedRow(2, (Problem("id", "is bad"),))
    change = FileChange(ChangeKind.STALE, "7", 3)
    lease = nordpool.acquire(DAY, "a", NOW, LATER)
    nordpool.store_quarantine(lease, 1, [row])
    nordpool.store_changes(lease, 1, 0, [change])
    assert (list(nordpool.quarantine(DAY, 1)), list(nordpool.changes(DAY, 1))) == ([row], [change])
    assert (list(receipts.quarantine(DAY, 1)), list(receipts.changes(DAY, 1))) == ([], [])


def test_each_feed_begins_by_itself(receipts: Receipts, nordpool: Receipts) -> None:
    nordpool.save(nordpool.acquire(DAY, "a", NOW, LATER), OF_OTHER, LATER)
    assert (receipts.first_day(), nordpool.first_day()) == (None, DAY)
    later = replace(OF_DAILY, file_day=DAY + timedelta(days=1))
    receipts.save(receipts.acquire(later.file_day, "a", NOW, LATER), later, LATER)
    assert (receipts.first_day(), nordpool.first_day()) == (later.file_day, DAY)


def test_each_feed_is_late_by_itself(receipts: Receipts, nordpool: Receipts, outbox: Outbox) -> None:
    assert nordpool.add_late(notice("nordpool"), NOW)
    assert not nordpool.add_late(notice("nordpool"), NOW)
    assert (receipts.open_days(), nordpool.open_days()) == ({}, {DAY: 0})
    assert outbox.of([DAY]) == []
    assert outbox.of_feed("nordpool").of([DAY]) == [notice("nordpool")]
    assert receipts.add_late(notice(), NOW)
    assert outbox.of([DAY]) == [notice()]
    nordpool.close_day(DAY, 0)
    assert (receipts.open_days(), nordpool.open_days()) == ({DAY: 0}, {})


def test_each_feed_s_notices_are_claimed_by_themselves(nordpool: Receipts, outbox: Outbox) -> None:
    nordpool.add_late(notice("nordpool"), NOW)
    scoped = outbox.of_feed("nordpool")
    assert scoped.claim(notice("nordpool"), "a", NOW, LATER)
    scoped.sent(notice("nordpool"), NOW)
    assert [one.sent_at for one in scoped.of([DAY])] == ["2023-02-21T01:00:00Z"]
    assert outbox.of([DAY]) == []


def test_what_a_poll_saw_is_of_one_feed(receipts: Receipts, nordpool: Receipts) -> None:
    nordpool.store_seen(DAY, "o1", NOW)
    assert nordpool.attempts([DAY])[DAY].seen == "o1"
    assert receipts.attempts([DAY]) == {}


def test_marks_and_footers_are_those_of_all_feeds(receipts: Receipts, nordpool: Receipts) -> None:
    receipts.add_footer("Total", "anna")
    assert nordpool.footers() == {"Total"}
    undecided = replace(OF_OTHER, undecided_days=(DAY,))
    nordpool.save(nordpool.acquire(DAY, "a", NOW, LATER), undecided, LATER)
    for scoped in (receipts, nordpool):
        assert scoped.states([], [DAY]).marks[DAY].undecided == {FileDay(DAY, "nordpool")}


@pytest.mark.parametrize(("required", "covered"), [(True, (DAY - timedelta(days=1), DAY)), (False, ())])
def test_the_first_file_of_a_required_feed_ends_marks_of_late_trades(
    receipts: Receipts, book: Book, *, required: bool, covered: tuple[date, ...]
) -> None:
    if isinstance(book, FakeBook) and isinstance(receipts, FakeReceipts):
        book.sees(receipts)
    days = [DAY - timedelta(days=1), DAY]
    book.add([posted(trade(str(day), delivery_day=str(day))) for day in days])
    feed = replace(NORDPOOL, required=required, file_days=(0, 1))
    scoped = receipts.of(feed)
    scoped.save(scoped.acquire(DAY, "a", NOW, LATER), OF_OTHER, LATER)
    marks = receipts.states([], days).marks
    assert tuple(day for day in days if marks[day].added_at is None) == covered
