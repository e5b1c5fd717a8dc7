"""Which sides a file may withdraw, and how often the book is asked about them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from chalicelib.feeds.feed import DAILY
from chalicelib.imports.withdrawals import find_missing
from chalicelib.trades.model import Trade
from chalicelib.trades.revision import Posted, Revision
from tests.fakes.clock import FakeClock
from tests.fakes.feeds import FakeFileStore, FakeReceipts
from tests.fakes.imports import fake_import_context
from tests.fakes.trades import FakeBook
from tests.fixtures.trades import FILE_DAY, SAID_AT, from_file, trade

OTHER_DAY = FILE_DAY + timedelta(days=1)
"""Another than the one on which the trades were executed."""


class Counted(FakeBook):
    def __init__(self) -> None:
        super().__init__()
        self.asked: list[int] = []

    def earlier(self, current: Iterable[Revision]) -> Iterable[Revision]:
        revisions = list(current)
        self.asked.append(len(revisions))
        return super().earlier(revisions)


def state_and_correct(book: FakeBook, one: Trade, *, in_file: bool) -> None:
    """State a trade, in a file of another day or by a user, then correct it as a user."""
    first = from_file(one, file_day=OTHER_DAY)
    if not in_file:
        first = first._replace(source=Posted("anna"), noted=frozenset({DAILY.file(OTHER_DAY)}))
    corrected = trade(one.id, price=one.price + 1)
    book.words[one.id] = [first, first.next(corrected, Posted("anna"), SAID_AT)]


def test_sides_that_users_changed_since_are_read_in_one_request() -> None:
    book = Counted()
    for name in "abcde":
        state_and_correct(book, trade(name), in_file=name != "e")
    receipts = FakeReceipts()
    context = fake_import_context(FakeFileStore(), receipts, book, FakeClock())
    missing = find_missing(set("abcde"), DAILY.file(OTHER_DAY), context)
    assert book.asked == [5]
    assert missing.kept == set("abcd"), "the file of their own day is not in the book; e was never stated by this file"
