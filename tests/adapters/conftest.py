"""Each port thrice: in memory, in moto, and on the durable engine. A fake earns its place by passing the same tests."""

from __future__ import annotations

import pytest

from chalicelib import wiring
from chalicelib.ledger import Ledger
from chalicelib.ports import Attempts, Book, Directory, FileStore, Outbox, Receipts
from tests.fakes import FakeAttempts, FakeBook, FakeDirectory, FakeFileStore, FakeLedger, FakeOutbox, FakeReceipts


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
