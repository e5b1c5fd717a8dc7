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


def fake_import_context(
    store: FileStore, receipts: FakeReceipts, book: Book, clock: Clock, owner: str = "test", **changes: Any
) -> ImportContext:
    """Return an import context of fakes, except for `changes`."""
    if isinstance(book, FakeBook):
        book.sees(receipts)
    return replace(
        ImportContext(store, receipts, receipts.outbox, FakeNotices(), book, clock, owner, in_flight=1), **changes
    )
