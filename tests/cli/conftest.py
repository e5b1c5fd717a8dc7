"""A command line to call, and a book in memory for it to open."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from click.testing import CliRunner, Result

from cli import books
from cli.main import voltbook
from cli.options import Wish
from tests.cli.open_books import FakeBook


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
    def opened(wish: Wish) -> Iterator[FakeBook]:
        held.wishes.append(wish)
        yield held

    monkeypatch.setattr(books, "opened", opened)
    return held


@pytest.fixture(autouse=True)
def _environment_as_it_was() -> Iterator[None]:
    """Opening a book points the whole process at it."""
    before = dict(os.environ)
    yield
    os.environ.clear()
    os.environ.update(before)
