"""Booking: once, whatever happens, and never over what another said."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from chalicelib.access.identity import Identity, Role
from chalicelib.common.errors import ConflictingTrade, ImportUnderWay, NotAllowed
from chalicelib.feeds.file_day import FileDay
from chalicelib.feeds.store import Lease
from chalicelib.trades.revision import Posted
from chalicelib.trades.rules import Outcome
from chalicelib.trades.service import book_trade, note_rows, settle
from tests.fakes.clock import FakeClock
from tests.fakes.trades import FakeBook
from tests.fixtures.trades import FILE_DAY, SAID_AT, from_file, positions_of, posted, trade

ADMIN = Identity("admin", Role.ADMIN)
LEASE = Lease(FILE_DAY, "test", 1, None)
TRADER = Identity("tina", Role.TRADER, "trader_1")


@pytest.fixture
def book() -> FakeBook:
    return FakeBook()


def test_a_new_trade_is_booked_with_who_posted_it_and_when(book: FakeBook) -> None:
    assert book_trade(trade(), TRADER, book, FakeClock()).outcome is Outcome.BOOKED
    word = book.find("trade-1")
    assert word is not None
    assert (word.source, word.number, word.recorded_at) == (Posted("tina"), 1, "2023-03-05T12:00:00Z")


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
    "caller", [Identity("tom", Role.TRADER, "trader_2"), Identity("desk", Role.DESK), Identity("odd", Role.TRADER)]
)
def test_nobody_books_for_a_trader_who_is_not_theirs(book: FakeBook, caller: Identity) -> None:
    with pytest.raises(NotAllowed):
        book_trade(trade(), caller, book, FakeClock())
    assert book.find("trade-1") is None


def test_what_was_corrected_since_it_was_read_is_not_taken_for_matched(book: FakeBook) -> None:
    """And what stood beside it is matched all the same."""
    one, other = posted(trade()), posted(trade("trade-2"))
    book.add([one, other])
    later = one.next(trade(price=1), from_file(trade()).source, "2023-02-22T01:00:00Z")
    book.correct(one, later)
    stands = note_rows([one.trade, other.trade], {one.trade.key: one, other.trade.key: other}, FileDay(FILE_DAY), book)
    noted = {"trade-1": later, "trade-2": other._replace(matched=FileDay(FILE_DAY))}
    assert {revision.side_id: revision for revision in stands.values()} == noted
    assert book.find_many(noted) == noted


def test_a_file_row_can_confirm_a_posted_trade(book: FakeBook) -> None:
    book.add([posted(trade())])
    assert settle(from_file(trade()), posted(trade()), book, LEASE, finished=False).outcome is Outcome.ALREADY_THERE


def test_the_file_corrects_a_posted_trade_and_moves_its_position(book: FakeBook) -> None:
    standing = posted(trade())
    book.add([standing])
    assert (
        settle(from_file(trade(price=1, delivery_hour=9)), standing, book, LEASE, finished=False).outcome
        is Outcome.CORRECTED
    )
    held = [position for position in book.positions(trade().delivery_day, None) if position.change.trades]
    assert held == positions_of([trade(price=1, delivery_hour=9)])
    assert [word.number for word in book.history("trade-1")] == [2, 1]


def test_a_correction_that_another_run_made_meanwhile_is_not_made_twice(book: FakeBook) -> None:
    stale = posted(trade())
    book.add([stale])
    book.correct(stale, stale.next(trade(price=1), from_file(trade()).source, "2023-02-21T00:00:00Z"))
    assert settle(from_file(trade(price=1)), stale, book, LEASE, finished=False).outcome is Outcome.CORRECTED
    assert len(book.history("trade-1")) == 2


def test_a_row_that_this_version_booked_before_it_died_counts_as_booked(book: FakeBook) -> None:
    book.add([from_file(trade())])
    assert settle(from_file(trade()), from_file(trade()), book, LEASE, finished=False).outcome is Outcome.BOOKED
    assert settle(from_file(trade()), from_file(trade()), book, LEASE, finished=True).outcome is Outcome.ALREADY_THERE


def test_a_row_of_an_older_version_never_corrects_a_newer_one(book: FakeBook) -> None:
    standing = from_file(trade(), version=2)
    book.add([standing])
    with pytest.raises(ImportUnderWay):
        settle(from_file(trade(price=1), version=1), standing, book, LEASE, finished=False)
    assert book.find("trade-1") == standing


@pytest.mark.parametrize(("file_day", "outcome"), [(-1, Outcome.STALE), (0, Outcome.CORRECTED), (1, Outcome.STALE)])
def test_a_trades_own_file_leads_over_those_of_other_days(book: FakeBook, file_day: int, outcome: Outcome) -> None:
    standing = from_file(trade(), file_day=FILE_DAY)
    book.add([standing])
    row = from_file(trade(price=1), version=2, file_day=FILE_DAY + timedelta(days=file_day))
    assert settle(row, standing, book, LEASE).outcome is outcome
    assert book.find("trade-1") == (
        standing.next(row.trade, row.source, row.recorded_at) if file_day == 0 else standing
    )


def test_of_the_files_of_other_days_the_later_leads(book: FakeBook) -> None:
    standing = from_file(trade(), file_day=FILE_DAY + timedelta(days=2))
    book.add([standing])
    earlier, later = FILE_DAY + timedelta(days=1), FILE_DAY + timedelta(days=3)
    assert settle(from_file(trade(price=1), file_day=earlier), standing, book, LEASE).outcome is Outcome.STALE
    assert settle(from_file(trade(price=1), file_day=later), standing, book, LEASE).outcome is Outcome.CORRECTED


def test_a_version_imported_again_restores_a_withdrawn_trade(book: FakeBook) -> None:
    standing = from_file(trade())
    book.add([standing])
    gone = standing.withdrawal(Posted("anna"), SAID_AT)
    book.correct(standing, gone)
    settled = settle(standing, gone, book, LEASE, finished=True)
    assert (settled.outcome, settled.replaced) == (Outcome.RESTORED, gone)
    assert [one.withdrawn for one in book.history("trade-1")] == [False, True, False]


def test_a_row_of_its_own_day_never_corrects_a_trade_of_another_day(book: FakeBook) -> None:
    standing = from_file(trade(execution_time="2023-02-17T10:00:00Z"), file_day=date(2023, 2, 17))
    book.add([standing])
    assert settle(from_file(trade()), standing, book, LEASE).outcome is Outcome.CLASHED
    assert book.find("trade-1") == standing


def test_times_agreeing_over_midnight_are_one_execution_the_finer_stays(book: FakeBook) -> None:
    standing = posted(trade(execution_time="2023-02-19T22:59:59.9Z"))
    book.add([standing])
    settled = settle(from_file(trade(price=1, execution_time="2023-02-19T23:00:00Z")), standing, book, LEASE)
    assert settled.outcome is Outcome.CORRECTED
    assert book.history("trade-1")[0].trade.execution_time == "2023-02-19T22:59:59.9Z"


def test_only_a_file_corrects(book: FakeBook) -> None:
    with pytest.raises(TypeError):
        settle(posted(trade(price=1)), posted(trade())._replace(), book, LEASE, finished=False)
