"""Which sides a file may withdraw, and how often the book is asked about them."""

from __future__ import annotations

import io
from collections.abc import Iterable
from datetime import timedelta

import pytest

from chalicelib.feeds.feed import DAILY, file_name
from chalicelib.feeds.receipt import FileState, Receipt
from chalicelib.imports.service import import_daily_file
from chalicelib.imports.withdrawals import find_missing
from chalicelib.trades.model import Trade
from chalicelib.trades.revision import Posted, Revision
from tests.fakes.clock import FakeClock
from tests.fakes.feeds import FakeFileStore, FakeReceipts
from tests.fakes.imports import fake_import_context
from tests.fakes.trades import FakeBook
from tests.fixtures.daily_files import csv_of, day_of
from tests.fixtures.import_sandbox import ImportSandbox
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


def test_a_trade_is_kept_while_the_file_of_its_own_day_is_imported(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The version that is being imported may not have it, and then this file is to withdraw it."""
    sandbox, shared = ImportSandbox(), day_of(20)[0]
    own = [trade(f"own {number}", execution_time=f"{OTHER_DAY}T10:00:00Z") for number in range(9)]

    def of_other_day(*trades: Trade) -> Receipt:
        sandbox.store.put(file_name(OTHER_DAY), io.BytesIO(csv_of(trades)))
        return import_daily_file(OTHER_DAY, sandbox.context())

    of_other_day(*own, shared)
    sandbox.deliver(csv_of(day_of(20)))
    monkeypatch.setattr("chalicelib.imports.import_run.WINDOW", 10)
    sandbox.time_left = timedelta(seconds=1)
    assert sandbox.deliver(csv_of(day_of(19))).state is FileState.IMPORTING
    sandbox.time_left = timedelta.max
    dropped = of_other_day(*own)
    assert (dropped.withdrawn, dropped.kept) == (0, 1)


def test_sides_that_users_changed_since_are_read_in_one_request() -> None:
    book = Counted()
    for name in "abcde":
        state_and_correct(book, trade(name), in_file=name != "e")
    receipts = FakeReceipts()
    context = fake_import_context(FakeFileStore(), receipts, book, FakeClock())
    missing = find_missing(set("abcde"), DAILY.file(OTHER_DAY), context)
    assert book.asked == [5]
    assert missing.kept == set("abcd"), "the file of their own day is not in the book; e was never stated by this file"
