"""`-` in place of a file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import CommandLine
from tests.cli.open_books import FakeBook, a_receipt
from tests.fixtures.trades import fields

NAME = "epex_trades_20230220.csv"
PRICES = "delivery_day,delivery_hour,price\n2023-02-28,13,5000\n"


def test_a_daily_file_is_read_from_stdin_under_its_name(
    book: FakeBook, run: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []

    def import_file(path: Path, *_: object) -> dict[str, object]:
        read.append(f"{path.name}: {path.read_text('utf-8')}")
        return a_receipt()

    monkeypatch.setattr(book, "import_file", import_file)
    result = run("import", "-", "--name", NAME, stdin="content")
    assert (result.exit_code, read) == (0, [f"{NAME}: content"])


@pytest.mark.parametrize(
    "args", [("-",), (NAME, "--name", NAME), ("-", "--name", "../trades.csv"), ("-", "-", "--name", NAME)]
)
def test_stdin_needs_one_name(args: tuple[str, ...], book: FakeBook, run: CommandLine) -> None:
    assert run("import", *args).exit_code == 2
    assert book.asked == []


def test_prices_are_read_from_stdin(book: FakeBook, run: CommandLine) -> None:
    book.said = [{"received": 1, "changed": 1, "unchanged": 0}]
    result = run("prices", "import", "-", stdin=PRICES)
    assert (result.exit_code, book.asked) == (0, [(("2023-02-28", 13, 5000),)])
    assert result.stdout.startswith("stdin: 1 price")


@pytest.mark.parametrize("args", [("-",), ("--json", "-")])
def test_trades_are_booked_from_stdin(args: tuple[str, ...], book: FakeBook, run: CommandLine) -> None:
    assert run("trades", "book", *args, stdin=json.dumps([fields()])).exit_code == 0
    assert book.trades == [fields()]


def test_trades_are_given_once(book: FakeBook, run: CommandLine) -> None:
    result = run("trades", "book", "-", "--json", "-", stdin=json.dumps(fields()))
    assert (result.exit_code, book.trades) == (2, [])
