"""A command line to call, and a book in memory for it to open."""

from __future__ import annotations

import getpass
import os
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from click.testing import CliRunner, Result

from cli.app import voltbook
from cli.client import connect
from cli.profiles import ConnectionOptions
from tests.cli.open_books import FakeBook
from tests.cli.stores import BUILDERS, Stores


class CommandLine:
    """Runs `voltbook` in this process."""

    def __call__(self, *args: str, stdin: bytes | str = "", **environment: str) -> Result:
        return CliRunner(env=environment).invoke(voltbook, args, input=stdin)


@pytest.fixture
def run() -> CommandLine:
    return CommandLine()


@pytest.fixture
def book(monkeypatch: pytest.MonkeyPatch) -> FakeBook:
    """Stands in for whatever book the command line asks for."""
    held = FakeBook()

    @contextmanager
    def opened(connection: ConnectionOptions) -> Iterator[FakeBook]:
        held.connections.append(connection)
        yield held

    monkeypatch.setattr(connect, "opened", opened)
    return held


@pytest.fixture
def stores(monkeypatch: pytest.MonkeyPatch) -> Stores:
    """Stands in for everything that the bootstraps builds; the operator is anna."""
    stores = Stores()
    for name, builder in BUILDERS.items():
        monkeypatch.setattr(f"chalicelib.{builder}", lambda name=name: getattr(stores, name))
    monkeypatch.setattr("chalicelib.imports.bootstrap.import_context", stores.desk)
    monkeypatch.setattr(getpass, "getuser", lambda: "anna")
    return stores


@pytest.fixture(autouse=True)
def _environment_as_it_was() -> Iterator[None]:
    """Tests set variables where they need them."""
    before = dict(os.environ)
    yield
    os.environ.clear()
    os.environ.update(before)
