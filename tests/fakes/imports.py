"""What an import needs, in memory."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from chalicelib.common.clock import Clock
from chalicelib.feeds.store import FileStore
from chalicelib.imports.context import ImportContext
from chalicelib.trades.store import Book
from tests.fakes.feeds import FakeReceipts
from tests.fakes.notices import FakeNotices
from tests.fakes.trades import FakeBook


def desk_of(
    store: FileStore, receipts: FakeReceipts, book: Book, clock: Clock, owner: str = "test", **changes: Any
) -> ImportContext:
    """A desk of fakes, which tells its notices to nobody unless `changes` says otherwise."""
    if isinstance(book, FakeBook):
        book.sees(receipts)
    return replace(
        ImportContext(store, receipts, receipts.outbox, FakeNotices(), book, clock, owner, in_flight=1), **changes
    )
