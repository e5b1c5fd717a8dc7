"""Each port thrice: in memory, in moto, and on the durable engine. A fake earns its place by passing the same tests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.client import BaseClient

from chalicelib import wiring
from chalicelib.ledger import Ledger
from chalicelib.ports import Attempts, Book, Directory, FileStore, Outbox, Receipts
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
    return FakeBook() if engine == "fake" else wiring.book()


@pytest.fixture
def outbox(engine: str) -> Outbox:
    return FakeOutbox() if engine == "fake" else wiring.outbox()


@pytest.fixture
def receipts(engine: str, outbox: Outbox) -> Receipts:
    return FakeReceipts(outbox) if isinstance(outbox, FakeOutbox) else wiring.receipts()


@pytest.fixture
def ledger(book: Book, receipts: Receipts) -> Ledger:
    if isinstance(book, FakeBook) and isinstance(receipts, FakeReceipts):
        return FakeLedger(book, receipts)
    return wiring.ledger()


@pytest.fixture
def directory(engine: str) -> Directory:
    return FakeDirectory() if engine == "fake" else wiring.directory()


@pytest.fixture
def attempts(engine: str) -> Attempts:
    return FakeAttempts() if engine == "fake" else wiring.attempts()


@pytest.fixture(params=["fake", "moto"])
def store(request: pytest.FixtureRequest) -> FileStore:
    if request.param == "fake":
        return FakeFileStore()
    request.getfixturevalue("moto_cloud")
    return wiring.file_store()
