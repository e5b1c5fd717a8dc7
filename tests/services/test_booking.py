"""Booking: once, whatever happens, and never over what another said."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.caller import Caller, Role
from chalicelib.domain.errors import ConflictingTrade, ImportUnderWay, NotAllowed
from chalicelib.domain.position import positions_of
from chalicelib.domain.revision import Posted
from chalicelib.ports import Lease
from chalicelib.services.booking import Outcome, book_trade, matched, settle
from tests.fakes import FakeBook, FakeClock
from tests.trades import FILE_DAY, from_file, posted, trade

ADMIN = Caller("admin", Role.ADMIN)
LEASE = Lease(FILE_DAY, "test", 1, None)
TRADER = Caller("tina", Role.TRADER, "trader_1")


@pytest.fixture
def book() -> FakeBook:
    return FakeBook()


def test_a_new_trade_is_booked_with_who_posted_it_and_when(book: FakeBook) -> None:
    assert book_trade(trade(), TRADER, book, FakeClock()).outcome is Outcome.BOOKED
    word = book.find("trade-1")
    assert word is not None
    assert (word.source, word.number, word.said_at) == (Posted("tina"), 1, "2023-03-05T12:00:00Z")


def test_the_same_trade_again_changes_nothing(book: FakeBook) -> None:
    book_trade(trade(), ADMIN, book, FakeClock())
    again = book_trade(trade(execution_time="2023-02-20T10:00:00.0Z"), ADMIN, book, FakeClock())
    assert again.outcome is Outcome.ALREADY_THERE
    assert again.trade.execution_time == "2023-02-20T10:00:00Z"
    assert book.positions(trade().delivery_day, None) == positions_of([trade()])


def test_the_same_id_with_other_terms_is_refused_and_the_first_stays(book: FakeBook) -> None:
    book_trade(trade(), ADMIN, book, FakeClock())
    with pytest.raises(ConflictingTrade):
        book_trade(trade(price=1), ADMIN, book, FakeClock())
    assert book.positions(trade().delivery_day, None) == positions_of([trade()])


@pytest.mark.parametrize(
    "caller", [Caller("tom", Role.TRADER, "trader_2"), Caller("desk", Role.DESK), Caller("odd", Role.TRADER)]
)
def test_nobody_books_for_a_trader_who_is_not_theirs(book: FakeBook, caller: Caller) -> None:
    with pytest.raises(NotAllowed):
        book_trade(trade(), caller, book, FakeClock())
    assert book.find("trade-1") is None


def test_what_was_corrected_since_it_was_read_is_not_taken_for_matched(book: FakeBook) -> None:
    """And what stood beside it is matched all the same."""
    one, other = posted(trade()), posted(trade("trade-2"))
    book.add([one, other])
    later = one.next(
        trade(price=1), from_file(trade(), file_day=FILE_DAY + timedelta(days=1)).source, "2023-02-22T01:00:00Z"
    )
    book.correct(one, later)
    stands = matched([one.trade, other.trade], {"trade-1": one, "trade-2": other}, FILE_DAY, book)
    assert stands == {"trade-1": later, "trade-2": replace(other, matched=FILE_DAY)}
    assert book.find_many(stands) == stands


def test_the_file_says_the_same_of_a_posted_trade(book: FakeBook) -> None:
    book.add([posted(trade())])
    assert settle(from_file(trade()), posted(trade()), book, LEASE, finished=False) is Outcome.ALREADY_THERE


def test_the_file_corrects_a_posted_trade_and_moves_its_position(book: FakeBook) -> None:
    standing = posted(trade())
    book.add([standing])
    assert (
        settle(from_file(trade(price=1, delivery_hour=9)), standing, book, LEASE, finished=False) is Outcome.CORRECTED
    )
    held = [position for position in book.positions(trade().delivery_day, None) if position.change.trades]
    assert held == positions_of([trade(price=1, delivery_hour=9)])
    assert [word.number for word in book.history("trade-1")] == [2, 1]


def test_a_correction_that_another_run_made_meanwhile_is_not_made_twice(book: FakeBook) -> None:
    stale = posted(trade())
    book.add([stale])
    book.correct(stale, stale.next(trade(price=1), from_file(trade()).source, "2023-02-21T00:00:00Z"))
    assert settle(from_file(trade(price=1)), stale, book, LEASE, finished=False) is Outcome.CORRECTED
    assert len(book.history("trade-1")) == 2


def test_a_row_that_this_very_version_booked_before_it_died_counts_as_booked(book: FakeBook) -> None:
    book.add([from_file(trade())])
    assert settle(from_file(trade()), from_file(trade()), book, LEASE, finished=False) is Outcome.BOOKED
    assert settle(from_file(trade()), from_file(trade()), book, LEASE, finished=True) is Outcome.ALREADY_THERE


def test_a_row_of_an_older_version_never_corrects_a_newer_one(book: FakeBook) -> None:
    standing = from_file(trade(), version=2)
    book.add([standing])
    with pytest.raises(ImportUnderWay):
        settle(from_file(trade(price=1), version=1), standing, book, LEASE, finished=False)
    assert book.find("trade-1") == standing


def test_the_file_of_a_later_day_had_the_later_word(book: FakeBook) -> None:
    standing = from_file(trade(), file_day=FILE_DAY + timedelta(days=1))
    book.add([standing])
    assert settle(from_file(trade(price=1)), standing, book, LEASE, finished=False) is Outcome.ALREADY_THERE
    earlier = from_file(trade(), file_day=FILE_DAY - timedelta(days=1))
    assert settle(from_file(trade(price=1)), earlier, book, LEASE, finished=False) is Outcome.CORRECTED


def test_a_version_that_came_to_its_end_corrects_nothing_any_more(book: FakeBook) -> None:
    standing = posted(trade())
    book.add([standing])
    assert settle(from_file(trade(price=1)), standing, book, LEASE, finished=True) is Outcome.ALREADY_THERE
    assert book.find("trade-1") == standing


def test_only_a_file_corrects(book: FakeBook) -> None:
    with pytest.raises(TypeError):
        settle(posted(trade(price=1)), replace(posted(trade())), book, LEASE, finished=False)
