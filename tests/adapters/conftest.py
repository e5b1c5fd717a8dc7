"""Each port thrice: in memory, in moto, and on the durable engine. A fake earns its place by passing the same tests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.client import BaseClient

from chalicelib.access import bootstrap as access_bootstrap
from chalicelib.access.store import Directory, LoginAttempts
from chalicelib.admin import bootstrap as admin_bootstrap
from chalicelib.admin.store import BookScan
from chalicelib.feeds import bootstrap as feeds_bootstrap
from chalicelib.feeds.store import FileStore, Receipts
from chalicelib.notices import bootstrap as notices_bootstrap
from chalicelib.notices.store import Outbox
from chalicelib.trades import bootstrap as trades_bootstrap
from chalicelib.trades.store import Book
from tests.adapters.reads import is_ours, stale_reads
from tests.fakes import FakeAttempts, FakeBook, FakeDirectory, FakeFileStore, FakeLedger, FakeOutbox, FakeReceipts


@pytest.fixture(autouse=True)
def _no_read_is_stale(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A table is read as it is, wherever an adapter reads it; an index alone can be read no other way."""
    stale: list[str] = []
    ask = BaseClient._make_api_call  # type: ignore[attr-defined]  # botocore's types leave it out

    def noting(client: Any, operation: str, parameters: dict[str, Any]) -> Any:
        if is_ours():
            stale.extend(stale_reads(operation, parameters))
        return ask(client, operation, parameters)

    monkeypatch.setattr(BaseClient, "_make_api_call", noting)
    yield
    assert stale == []


@pytest.fixture(params=["fake", "moto", "durable"])
def engine(request: pytest.FixtureRequest) -> str:
    """Which of the three; its tables are there."""
    name: str = request.param
    if name != "fake":
        request.getfixturevalue(f"{name}_tables")
    return name


@pytest.fixture
def book(engine: str) -> Book:
    return FakeBook() if engine == "fake" else trades_bootstrap.book()


@pytest.fixture
def outbox(engine: str) -> Outbox:
    return FakeOutbox() if engine == "fake" else notices_bootstrap.outbox()


@pytest.fixture
def receipts(engine: str, outbox: Outbox) -> Receipts:
    return FakeReceipts(outbox) if isinstance(outbox, FakeOutbox) else feeds_bootstrap.receipts()


@pytest.fixture
def ledger(book: Book, receipts: Receipts) -> BookScan:
    if isinstance(book, FakeBook) and isinstance(receipts, FakeReceipts):
        return FakeLedger(book, receipts)
    return admin_bootstrap.book_scan()


@pytest.fixture
def directory(engine: str) -> Directory:
    return FakeDirectory() if engine == "fake" else access_bootstrap.directory()


@pytest.fixture
def attempts(engine: str) -> LoginAttempts:
    return FakeAttempts() if engine == "fake" else access_bootstrap.attempts()


@pytest.fixture(params=["fake", "moto"])
def store(request: pytest.FixtureRequest) -> FileStore:
    if request.param == "fake":
        return FakeFileStore()
    request.getfixturevalue("moto_cloud")
    return feeds_bootstrap.file_store()
