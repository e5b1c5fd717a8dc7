"""What a whole book read through shows: each trade with its history, each position, each file day."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from chalicelib.admin.store import BookScan
from chalicelib.aws.items import CURRENT
from chalicelib.feeds.feed import Feed
from chalicelib.feeds.file_day import FileDay
from chalicelib.feeds.key_pattern import KeyPattern
from chalicelib.feeds.leases import FileItem
from chalicelib.feeds.receipt import FileState, Receipt
from chalicelib.feeds.store import Receipts
from chalicelib.positions.model import NO_CHANGE
from chalicelib.trades import bootstrap as trades_bootstrap
from chalicelib.trades.items import TradeItem
from chalicelib.trades.store import Book
from tests.fixtures.trades import FILE_DAY, SAID_AT, from_file, positions_of, posted, trade

NOW = datetime(2023, 2, 21, 1, tzinfo=UTC)
RECEIPT = Receipt(FILE_DAY, 1, FileState.IMPORTED, "key", "abc", "o1")


def test_each_trade_is_shown_once_with_its_history_in_order(ledger: BookScan, book: Book) -> None:
    first, other = from_file(trade("a")), posted(trade("b"))
    book.add([first, other])
    second = first.next(trade("a", price=7), first.source, SAID_AT)
    book.correct(first, second)
    shown = {words.name: words for words in ledger.trades()}
    assert [(list(one.revisions), one.current, one.found_by) for _, one in sorted(shown.items())] == [
        ([first, second], second, True),
        ([other], other, True),
    ]


def test_positions_are_those_of_the_trades(ledger: BookScan, book: Book) -> None:
    trades = [trade(str(number), delivery_hour=number % 3) for number in range(9)]
    book.add([posted(one) for one in trades])
    assert set(ledger.positions()) == set(positions_of(trades))


def test_a_position_is_mended_only_where_it_is_as_it_was_read(ledger: BookScan, book: Book) -> None:
    book.add([posted(trade("a"))])
    [position] = ledger.positions()
    assert not ledger.mend(position.key, None, NO_CHANGE, "ida")
    assert ledger.mend(position.key, position.change, NO_CHANGE, "ida")
    assert [one.change for one in ledger.positions()] == [NO_CHANGE]


def test_file_days_are_those_with_a_receipt_in_order(ledger: BookScan, receipts: Receipts) -> None:
    for day in (FILE_DAY, FILE_DAY - timedelta(days=1), FILE_DAY + timedelta(days=1)):
        lease = receipts.acquire(day, "a", NOW, NOW)
        if day <= FILE_DAY:
            receipts.save(lease, replace(RECEIPT, file_day=day), NOW)
    other = receipts.of(Feed("nordpool", KeyPattern("np/{YYYYMMDD}.csv")))
    other.save(other.acquire(FILE_DAY, "a", NOW, NOW), replace(RECEIPT, file_day=FILE_DAY, feed="nordpool"), NOW)
    of_daily = [FileDay(FILE_DAY - timedelta(days=1)), FileDay(FILE_DAY)]
    assert list(ledger.file_days()) == [*of_daily, FileDay(FILE_DAY, "nordpool")]


@pytest.mark.usefixtures("moto_tables")
def test_other_kinds_of_items_are_no_file_days() -> None:
    from chalicelib.admin import bootstrap as admin_bootstrap

    ledger = admin_bootstrap.book_scan()  # connects its tables
    FileItem("2023-02-19", CURRENT, number=1).save()
    for partition, version in [("delivery#2023-02-20", CURRENT), ("delivery#2023-02-20", "2023-02-20"), ("2023", "x")]:
        FileItem(partition, version, number=1).save()
    assert list(ledger.file_days()) == [FileDay(date(2023, 2, 19))]


@pytest.mark.usefixtures("moto_tables")
def test_a_history_without_a_current_revision_is_in_no_list() -> None:
    from chalicelib.admin import bootstrap as admin_bootstrap

    book, first = trades_bootstrap.book(), posted(trade("a"))
    book.add([first])
    book.correct(first, first.next(trade("a", price=7), first.source, SAID_AT))
    TradeItem("a", CURRENT).delete()
    [shown] = admin_bootstrap.book_scan().trades()
    assert (list(shown.revisions), shown.current, shown.found_by) == ([first], None, False)
