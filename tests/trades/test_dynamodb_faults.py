"""Throttles, conflicts, lost replies and races: the book ends as if none of them had happened."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from chalicelib.aws.client import connection
from chalicelib.aws.errors import MOST_RETRYING
from chalicelib.aws.items import CURRENT
from chalicelib.common import clock as common_clock
from chalicelib.common.errors import DamagedHistory, Unavailable
from chalicelib.feeds import bootstrap as feeds_bootstrap
from chalicelib.feeds.file_day import FileDay
from chalicelib.imports.context import LEASE
from chalicelib.positions.dynamodb import PositionItem
from chalicelib.trades import bootstrap as trades_bootstrap
from chalicelib.trades.items import TradeItem, old_item
from chalicelib.trades.model import Trade
from chalicelib.trades.revision import Revision
from chalicelib.trades.service import settle
from chalicelib.trades.store import Book
from tests.fakes.dynamodb_faults import (
    Fault,
    cancelled,
    changed,
    damaged_reply,
    injected,
    lost_reply,
    lost_request,
    refusal,
)
from tests.fixtures.trades import FILE_DAY, from_file, positions_of, posted, trade
from tests.fixtures.waiting import CALL, RetryClock

WRITE = "TransactWriteItems"
DAY = trade().delivery_day


@pytest.fixture
def book(durable_tables: str, quick_retries: None) -> Book:
    return trades_bootstrap.book()


def assert_holds(book: Book, *trades: Trade) -> None:
    assert {position for position in book.positions(DAY, None) if position.change.trades} == set(positions_of(trades))
    for one in trades:
        word = book.find(one.id)
        assert word is not None
        assert word.trade == one


@pytest.mark.parametrize(
    "fault",
    [
        cancelled("None", "TransactionConflict"),
        cancelled("TransactionConflict", "None"),
        cancelled("None", "ThrottlingError"),
        cancelled("ProvisionedThroughputExceeded", "None"),
        refusal("ThrottlingException"),
        refusal("ProvisionedThroughputExceededException"),
        refusal("RequestLimitExceeded"),
        refusal("TransactionInProgressException"),
        refusal("InternalServerError", 500),
        refusal("ServiceUnavailable", 503),
        lost_request,
    ],
)
def test_a_write_that_did_not_happen_is_made_again(book: Book, fault: Fault) -> None:
    with injected(WRITE, fault, fault) as calls:
        assert book.add([posted(trade())]) == {}
    assert len(calls) == 3
    assert_holds(book, trade())


@pytest.mark.parametrize("fault", [lost_reply, damaged_reply])
@pytest.mark.parametrize("times", [1, 2])
def test_a_write_whose_reply_was_lost_is_not_made_twice_and_is_no_conflict(
    book: Book, times: int, fault: Fault
) -> None:
    with injected(WRITE, *[fault] * times):
        standing = book.add([posted(trade())])
    assert standing in ({}, {"trade-1": posted(trade())})
    assert_holds(book, trade())


@pytest.mark.parametrize("fault", [lost_reply, damaged_reply])
def test_a_correction_whose_reply_was_lost_is_not_made_twice(book: Book, fault: Fault) -> None:
    old = posted(trade())
    new = old.next(trade(price=1), from_file(trade()).source, old.recorded_at)
    book.add([old])
    with injected(WRITE, fault):
        assert book.correct(old, new) in (None, new)
    assert_holds(book, new.trade)
    assert list(book.history("trade-1")) == [new, old]


@pytest.mark.parametrize(
    ("reasons", "stored"),
    [
        (("None", "TransactionConflict"), "trader_1#2023-02-28T12:00Z/60~3"),
        (("TransactionConflict", "TransactionConflict"), "trader_1#2023-02-28T12:00Z/60~3"),
        (("TransactionConflict", "None"), "trader_1#2023-02-28T12:00Z/60"),
        (("None", "ThrottlingError"), "trader_1#2023-02-28T12:00Z/60"),
    ],
)
def test_a_position_is_written_in_parts_after_a_conflict_on_it(
    book: Book, monkeypatch: pytest.MonkeyPatch, reasons: tuple[str, ...], stored: str
) -> None:
    monkeypatch.setattr("chalicelib.positions.dynamodb.randrange", lambda _: 3)
    with injected(WRITE, cancelled(*reasons)):
        assert book.add([posted(trade())]) == {}
    assert [item.trader_period for item in PositionItem.scan()] == [stored]
    assert book.add([posted(trade("b"))]) == {}
    assert_holds(book, trade(), trade("b"))


def test_a_correction_takes_from_any_part_what_was_booked_in_another(book: Book) -> None:
    old = posted(trade())
    book.add([old])
    conflict = cancelled("None", "None", "TransactionConflict", "TransactionConflict")
    with injected(WRITE, conflict, conflict):
        assert book.correct(old, old.next(trade(delivery_hour=20), old.source, old.recorded_at)) is None
    assert_holds(book, trade(delivery_hour=20))


@pytest.mark.parametrize(
    "fault", [cancelled("TransactionConflict", "None"), refusal("ThrottlingException"), lost_request]
)
def test_persistent_contention_is_reported_after_some_time(book: Book, fault: Fault, retry_clock: RetryClock) -> None:
    with injected(WRITE, *[retry_clock.until(1e9, fault)] * 9999), pytest.raises(Unavailable):
        book.add([posted(trade())])
    assert retry_clock.now <= MOST_RETRYING + 2 * CALL
    assert book.find("trade-1") is None


@pytest.mark.parametrize("fault", [lost_reply, damaged_reply])
def test_a_client_can_repeat_a_write_whose_every_reply_was_lost(book: Book, fault: Fault) -> None:
    with injected(WRITE, *[fault] * 99), pytest.raises(Unavailable):
        book.add([posted(trade())])
    assert book.add([posted(trade())]) == {"trade-1": posted(trade())}
    assert_holds(book, trade())


def test_a_booked_trade_beside_a_conflict_is_named_in_the_result(book: Book) -> None:
    book.add([posted(trade())])
    with injected(WRITE, cancelled("ConditionalCheckFailed", "TransactionConflict", "None")):
        assert book.add([posted(trade()), posted(trade("b"))]) == {"trade-1": posted(trade())}


def test_keys_that_were_not_processed_are_asked_for_again(book: Book) -> None:
    book.add([posted(trade(str(number))) for number in range(40)])

    def only_half(answer: dict[str, Any]) -> dict[str, Any]:
        [(table, items)] = answer["Responses"].items()
        kept, left = items[: len(items) // 2], items[len(items) // 2 :]
        keys = [{"trade_id": item["trade_id"], "revision": item["revision"]} for item in left]
        return {"Responses": {table: kept}, "UnprocessedKeys": {table: {"Keys": keys, "ConsistentRead": True}}}

    with injected("BatchGetItem", changed(only_half)) as calls:
        assert len(book.find_many([str(number) for number in range(40)])) == 40
    assert len(calls) == 2


def test_keys_that_are_never_processed_are_not_asked_for_forever(
    book: Book, retry_clock: RetryClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nothing(answer: dict[str, Any]) -> dict[str, Any]:
        [table] = answer["Responses"]
        key = {"trade_id": {"S": "x"}, "revision": {"S": "current"}}
        return {"Responses": {table: []}, "UnprocessedKeys": {table: {"Keys": [key], "ConsistentRead": True}}}

    monkeypatch.setattr("chalicelib.aws.errors.MOST_RETRYING", 0.1)
    with injected("BatchGetItem", *[changed(nothing)] * 999), pytest.raises(Unavailable):
        book.find_many(["x"])
    assert retry_clock.now < 0.1


def test_an_error_that_is_no_weather_is_not_hidden(book: Book) -> None:
    with injected(WRITE, refusal("AccessDeniedException")) as calls, pytest.raises(Exception, match="Failed to write"):
        book.add([posted(trade())])
    assert len(calls) == 1


def test_of_sixteen_who_book_one_id_at_once_one_does_and_the_others_see_it(book: Book) -> None:
    words = [posted(trade(price=price)) for price in range(16)]
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda word: book.add([word]), words))
    winner = book.find("trade-1")
    assert winner is not None
    assert [answer for answer in answers if answer] == [{"trade-1": winner}] * 15
    assert_holds(book, winner.trade)


def test_of_sixteen_who_book_on_one_position_at_once_none_is_lost(book: Book) -> None:
    words = [[posted(trade(f"{thread}-{number}")) for number in range(5)] for thread in range(16)]
    with ThreadPoolExecutor(16) as pool:
        assert list(pool.map(book.add, words)) == [{}] * 16
    assert_holds(book, *(word.trade for some in words for word in some))


def test_of_sixteen_who_correct_one_trade_at_once_one_does(book: Book) -> None:
    old = posted(trade())
    book.add([old])
    news = [old.next(trade(price=price), old.source, old.recorded_at) for price in range(16)]

    def correct(new: Revision) -> Revision | None:
        return book.correct(old, new)

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(correct, news))
    winner = book.find("trade-1")
    assert answers.count(None) == 1
    assert [answer for answer in answers if answer] == [winner] * 15
    assert winner is not None
    assert_holds(book, winner.trade)
    assert len(book.history("trade-1")) == 2


def test_a_correction_that_the_history_forbids_is_an_error_and_not_a_loop(book: Book) -> None:
    old = posted(trade())
    book.add([old])
    client: Any = connection().client
    client.put_item(TableName=TradeItem.Meta.table_name, Item=old_item(old))
    row = from_file(trade(price=1))
    now = common_clock.clock().now()
    lease = feeds_bootstrap.receipts().acquire(FILE_DAY, "t", now, now + LEASE)
    with pytest.raises(DamagedHistory, match=r"'trade-1' is damaged: revision v000001.*voltbook verify"):
        settle(row, old, book, lease, finished=False)
    with pytest.raises(DamagedHistory):
        book.correct(old, old.withdrawal(old.source, old.recorded_at), lease)
    assert book.find("trade-1") == old
    assert_holds(book, old.trade)


def test_a_trade_without_current_revision_is_not_corrected_nor_matched(book: Book) -> None:
    old = posted(trade())
    book.add([old])
    TradeItem("trade-1", CURRENT).delete()
    with pytest.raises(DamagedHistory, match="it has no current revision"):
        book.correct(old, old.next(trade(price=1), from_file(trade()).source, old.recorded_at))
    with pytest.raises(DamagedHistory, match="it has no current revision"):
        book.note([(old, old.note(FileDay(FILE_DAY), old.trade))])
