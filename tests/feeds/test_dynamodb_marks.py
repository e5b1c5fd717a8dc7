"""What every store promises of day marks: written with the trade that they tell of, and ended with the run."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from unittest.mock import Mock

import pytest
from botocore.exceptions import ClientError

from chalicelib.admin import bootstrap as admin_bootstrap
from chalicelib.aws.client import connection
from chalicelib.common.errors import ImportUnderWay
from chalicelib.feeds import bootstrap as feeds_bootstrap
from chalicelib.feeds.day_mark import UNMARKED, DayMark, DayStates
from chalicelib.feeds.file_day import FileDay
from chalicelib.feeds.leases import FileItem
from chalicelib.feeds.receipt import FileState, Receipt
from chalicelib.feeds.store import Lease, Receipts
from chalicelib.trades import bootstrap as trades_bootstrap
from chalicelib.trades.model import parse_trade
from chalicelib.trades.revision import Revision
from chalicelib.trades.store import Book
from tests.fakes.feeds import FakeReceipts
from tests.fakes.trades import FakeBook
from tests.fixtures.trades import from_file, posted, trade

FILE_DAY = date(2023, 2, 20)
DAY = date(2023, 2, 21)
OTHER = date(2023, 2, 22)
NOW = datetime(2023, 2, 21, 1, tzinfo=UTC)
UNTIL = NOW + timedelta(minutes=2)
AT = "2023-02-21T01:00:00Z"
LATE = "2023-02-23T12:00:00Z"
RECEIPT = Receipt(FILE_DAY, 1, FileState.IMPORTED, key="k", sha256="s", object_version="1", imported_at=AT)


@pytest.fixture(autouse=True)
def shared_marks(book: Book, receipts: Receipts) -> None:
    if isinstance(book, FakeBook) and isinstance(receipts, FakeReceipts):
        book.sees(receipts)


def delivering(trade_id: str = "a", day: date = DAY) -> Revision:
    return posted(trade(trade_id, delivery_day=day.isoformat()))


def corrected(old: Revision, **changes: object) -> Revision:
    terms = parse_trade(old.trade.as_fields() | {"price": 7} | changes)
    return old.next(terms, from_file(old.trade).source, AT)


def mark(receipts: Receipts, day: date = DAY) -> DayMark:
    return receipts.states((), [day]).marks.get(day, UNMARKED)


def with_marks(receipts: Receipts, *file_days: date) -> set[date]:
    return {day for day, attempt in receipts.attempts(file_days).items() if attempt.marked}


def begun(receipts: Receipts, owner: str = "run", now: datetime = NOW) -> Lease:
    return receipts.acquire(FILE_DAY, owner, now, now + timedelta(minutes=2))


def test_a_day_without_a_change_has_no_mark(book: Book, receipts: Receipts) -> None:
    book.add([delivering()])
    assert receipts.states([FILE_DAY], [DAY, OTHER]) == DayStates({}, {})


def test_the_first_correction_of_a_day_marks_it_once_for_its_run(book: Book, receipts: Receipts) -> None:
    words = [delivering("a"), delivering("b")]
    book.add(words)
    lease = begun(receipts)
    for word in words:
        assert book.correct(word, corrected(word), lease) is None
        assert mark(receipts) == DayMark(1, frozenset({FileDay(FILE_DAY)}), changed_at=AT)
    assert with_marks(receipts, FILE_DAY, DAY) == {FILE_DAY}


def test_a_day_is_marked_while_withdrawals_in_it_are_unconfirmed(receipts: Receipts) -> None:
    later, last = FILE_DAY + timedelta(days=5), FILE_DAY + timedelta(days=6)
    lease = begun(receipts)
    undecided = replace(RECEIPT, undecided_days=(later, last))
    for _ in range(2):
        receipts.save(lease, undecided, UNTIL)
    assert {receipts.newest([FILE_DAY])[FILE_DAY].undecided_days, receipts.versions(FILE_DAY)[0].undecided_days} == {
        (later, last)
    }
    assert {mark(receipts, day).undecided for day in (later, last)} == {frozenset({FileDay(FILE_DAY)})}
    receipts.release(lease)
    again = begun(receipts)
    for _ in range(2):
        receipts.save(again, replace(undecided, undecided_days=(last,)), UNTIL)
    assert mark(receipts, later).undecided == frozenset()
    assert mark(receipts, last) == DayMark(undecided=frozenset({FileDay(FILE_DAY)}))


def test_a_withdrawal_marks_its_day(book: Book, receipts: Receipts) -> None:
    word = delivering()
    book.add([word])
    assert book.correct(word, word.withdrawal(word.source, AT), begun(receipts)) is None
    assert mark(receipts).running == {FileDay(FILE_DAY)}


def test_a_trade_that_moves_to_another_day_marks_both(book: Book, receipts: Receipts) -> None:
    word = delivering()
    book.add([word])
    book.correct(word, corrected(word, delivery_day=OTHER.isoformat()), begun(receipts))
    assert receipts.states((), [DAY, OTHER]).marks.keys() == {DAY, OTHER}


def test_a_correction_that_writes_nothing_marks_nothing(book: Book, receipts: Receipts) -> None:
    old = delivering()
    book.add([old])
    zombie = begun(receipts, "zombie")
    awake = begun(receipts, "awake", UNTIL)
    with pytest.raises(ImportUnderWay):
        book.correct(old, corrected(old), zombie)
    assert mark(receipts) == UNMARKED
    assert book.correct(old._replace(number=5), corrected(old), awake) == old
    assert mark(receipts) == UNMARKED
    assert book.correct(old, corrected(old), awake) is None
    assert mark(receipts).count == 1


def test_marks_end_with_the_run_and_record_it_permanently(book: Book, receipts: Receipts) -> None:
    words = [delivering("a"), delivering("b", OTHER)]
    book.add(words)
    lease = begun(receipts)
    for word in words:
        book.correct(word, corrected(word), lease)
    receipts.save(lease, RECEIPT, UNTIL)
    assert mark(receipts).running == {FileDay(FILE_DAY)}
    receipts.release(lease)
    assert {mark(receipts, day) for day in (DAY, OTHER)} == {DayMark(1, changed_at=AT)}
    assert with_marks(receipts, FILE_DAY) == set()


def test_marks_stay_until_the_next_run_ends_an_unfinished_import(book: Book, receipts: Receipts) -> None:
    words = [delivering("a"), delivering("b")]
    book.add(words)
    lease = begun(receipts)
    receipts.save(lease, replace(RECEIPT, state=FileState.IMPORTING), UNTIL)
    book.correct(words[0], corrected(words[0]), lease)
    receipts.release(lease)
    assert mark(receipts).running == {FileDay(FILE_DAY)}
    lease = begun(receipts, "next")
    book.correct(words[1], corrected(words[1]), lease)
    assert mark(receipts) == DayMark(2, frozenset({FileDay(FILE_DAY)}), changed_at=AT)
    receipts.save(lease, RECEIPT, UNTIL)
    receipts.release(lease)
    assert mark(receipts) == DayMark(2, changed_at=AT)


def test_a_crashed_run_is_found_by_its_open_day_and_a_later_run_ends_it(book: Book, receipts: Receipts) -> None:
    word = delivering()
    book.add([word])
    dead = begun(receipts)
    book.correct(word, corrected(word), dead)
    assert receipts.open_days() == {FILE_DAY: dead.fence}
    later = begun(receipts, "later", UNTIL)
    receipts.release(dead)
    assert mark(receipts).running == {FileDay(FILE_DAY)}, "only who has the lease may end them"
    receipts.release(later)
    assert mark(receipts).running == set()


def test_two_runs_at_one_day_end_each_its_own(book: Book, receipts: Receipts) -> None:
    words = [delivering("a"), delivering("b")]
    book.add(words)
    first, second = begun(receipts), receipts.acquire(DAY, "other", NOW, UNTIL)
    book.correct(words[0], corrected(words[0]), first)
    book.correct(words[1], corrected(words[1]), second)
    assert mark(receipts) == DayMark(2, frozenset({FileDay(FILE_DAY), FileDay(DAY)}), changed_at=AT)
    receipts.release(first)
    assert mark(receipts).running == {FileDay(DAY)}


def test_more_marks_than_fit_a_transaction_are_ended(book: Book, receipts: Receipts) -> None:
    days = [DAY + timedelta(days=n) for n in range(101)]
    words = [delivering(str(n), day) for n, day in enumerate(days)]
    for first in range(0, 101, 40):
        book.add(words[first : first + 40])
    lease = begun(receipts)
    for word in words:
        book.correct(word, corrected(word), lease)
    receipts.release(lease)
    marks = receipts.states((), days).marks
    assert len(marks) == 101
    assert not any(one.running for one in marks.values())
    assert with_marks(receipts, FILE_DAY) == set()


def test_a_late_trade_marks_its_day_and_one_that_is_there_already_does_not(book: Book, receipts: Receipts) -> None:
    late = delivering()._replace(recorded_at=LATE)
    assert book.add([late]) == {}
    assert mark(receipts) == DayMark(1, added_at=LATE)
    assert book.add([late]) == {"a": late}
    assert book.add([late, delivering("b", OTHER)._replace(recorded_at=LATE)]) == {"a": late}
    assert mark(receipts) == DayMark(1, added_at=LATE)
    assert mark(receipts, OTHER) == UNMARKED


def test_what_was_late_before_the_first_file_was_imported_is_forgotten(book: Book, receipts: Receipts) -> None:
    book.add([delivering()._replace(recorded_at=LATE)])
    lease = begun(receipts)
    receipts.save(lease, replace(RECEIPT, state=FileState.IMPORTING), UNTIL)
    assert mark(receipts).added_at == LATE
    receipts.save(lease, RECEIPT, UNTIL)
    assert mark(receipts) == DayMark(1)
    receipts.release(lease)

    book.add([delivering("b")._replace(recorded_at=LATE)])
    lease = begun(receipts)
    receipts.save(lease, replace(RECEIPT, object_version="2"), UNTIL)
    receipts.save(lease, replace(RECEIPT, version=2, standing_version=1), UNTIL)
    assert mark(receipts) == DayMark(2, added_at=LATE)


def test_states_are_the_newest_receipts_and_the_marks(book: Book, receipts: Receipts) -> None:
    word = delivering()
    book.add([word])
    lease = begun(receipts)
    book.correct(word, corrected(word), lease)
    assert receipts.states([FILE_DAY], [DAY]).receipts == {}, "a lease with marks is no receipt"
    receipts.save(lease, RECEIPT, UNTIL)
    found = receipts.states([FILE_DAY, DAY], [DAY, OTHER])
    assert found == DayStates({FILE_DAY: RECEIPT}, {DAY: mark(receipts)})
    assert receipts.versions(FILE_DAY) == [RECEIPT]


def test_the_first_file_day_is_the_earliest_that_has_a_receipt(receipts: Receipts) -> None:
    assert receipts.first_day() is None
    begun(receipts)
    assert receipts.first_day() is None, "a lease alone is no file"
    for day, first in ((DAY, DAY), (OTHER, DAY), (FILE_DAY, FILE_DAY)):
        lease = receipts.acquire(day, "run", UNTIL, UNTIL)
        receipts.save(lease, replace(RECEIPT, file_day=day), UNTIL)
        assert receipts.first_day() == first


@pytest.mark.parametrize("tables", ["moto_tables", "durable_tables"])
def test_an_older_release_s_book_learns_its_first_file_day_with_the_next(
    tables: str, request: pytest.FixtureRequest
) -> None:
    request.getfixturevalue(tables)
    receipts = feeds_bootstrap.receipts()
    for day in (DAY, OTHER):
        receipts.save(receipts.acquire(day, "run", NOW, UNTIL), replace(RECEIPT, file_day=day), UNTIL)
    FileItem("book", "begins").delete()
    assert receipts.first_day() is None
    day = OTHER + timedelta(days=1)
    receipts.save(receipts.acquire(day, "run", NOW, UNTIL), replace(RECEIPT, file_day=day), UNTIL)
    assert receipts.first_day() == DAY


@pytest.mark.usefixtures("moto_cloud")
def test_what_walks_through_the_files_passes_marks_by() -> None:
    book, receipts = trades_bootstrap.book(), feeds_bootstrap.receipts()
    word = delivering()
    book.add([word])
    lease = begun(receipts)
    book.correct(word, corrected(word), lease)
    assert admin_bootstrap.book_scan().file_days() == []
    receipts.save(lease, RECEIPT, UNTIL)
    assert admin_bootstrap.book_scan().file_days() == [FileDay(FILE_DAY)]
    assert receipts.open_days().keys() == {FILE_DAY}
    items, _ = admin_bootstrap.tables().page("files", None)
    assert {"delivery#2023-02-21", "book", "open"} <= {item["file_day"]["S"] for item in items}
    assert admin_bootstrap.tables().put_new("files", items) == []


def test_a_set_is_the_same_in_whatever_order_an_engine_gives_it(
    moto_tables: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    item = {"file_day": {"S": "delivery#2023-02-21"}, "version": {"S": "current"}, "running": {"SS": ["a", "b"]}}
    tables = admin_bootstrap.tables()
    assert tables.put_new("files", [item]) == []
    other = {**item, "running": {"SS": ["b", "a"]}}
    client: Any = connection().client
    monkeypatch.setattr(client, "scan", lambda **_: {"Items": [other]})
    assert tables.page("files", None) == ([item], None)
    error: Any = {"CancellationReasons": [{"Code": "ConditionalCheckFailed", "Item": other}]}
    monkeypatch.setattr(client, "transact_write_items", Mock(side_effect=ClientError(error, "TransactWriteItems")))
    assert tables.put_new("files", [item]) == []
