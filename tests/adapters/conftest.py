"""Each port thrice: in memory, in moto, and on the durable engine. A fake earns its place by passing the same tests."""

from __future__ import annotations

import pytest

from chalicelib import wiring
from chalicelib.ports import Book, Directory, FileStore, Receipts
from tests.fakes import FakeBook, FakeDirectory, FakeFileStore, FakeReceipts


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
def receipts(engine: str) -> Receipts:
    return FakeReceipts() if engine == "fake" else wiring.receipts()


@pytest.fixture
def directory(engine: str) -> Directory:
    return FakeDirectory() if engine == "fake" else wiring.directory()


@pytest.fixture(params=["fake", "moto"])
def store(request: pytest.FixtureRequest) -> FileStore:
    if request.param == "fake":
        return FakeFileStore()
    request.getfixturevalue("moto_cloud")
    return wiring.file_store()
