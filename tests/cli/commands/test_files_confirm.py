"""`voltbook files confirm-withdrawn`: never without a yes, and what was withdrawn is named."""

import json

import pytest

from tests.cli.conftest import CommandLine
from tests.cli.open_books import FakeBook

CONFIRM = ("files", "confirm-withdrawn", "2023-02-20")
CHANGES = [
    {"kind": "corrected", "id": "T-0", "line": 3},
    {"kind": "withdrawn", "id": "T-1", "line": None},
    {"kind": "withdrawn", "id": "T-2", "line": None},
]


@pytest.fixture(autouse=True)
def _two_to_withdraw(book: FakeBook) -> None:
    book.question = "Withdraw 2 trades?"
    book.files = [{"version": 2, "withdrawn": 2, "changes": CHANGES}]


@pytest.fixture
def _at_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cli.terminal.at_terminal", lambda _: True)


def test_with_yes_it_is_done_and_the_trades_are_named(run: CommandLine) -> None:
    result = run(*CONFIRM, "--yes", "-o", "table")
    assert result.exit_code == 0
    assert result.stdout.splitlines()[2:] == ["T-1", "T-2"]
    assert result.stderr == "2 trades are withdrawn by version 2 of the file of 2023-02-20\n"


def test_piped_it_is_a_row_a_trade(run: CommandLine) -> None:
    stdout = run(*CONFIRM, "--yes").stdout_bytes.decode()
    assert stdout == "file_day,version,id\r\n2023-02-20,2,T-1\r\n2023-02-20,2,T-2\r\n"


def test_json_is_an_array_of_them(run: CommandLine) -> None:
    assert [one["id"] for one in json.loads(run(*CONFIRM, "--yes", "-o", "json").stdout)] == ["T-1", "T-2"]


@pytest.mark.usefixtures("_at_a_terminal")
def test_a_person_is_asked_first(book: FakeBook, run: CommandLine) -> None:
    result = run(*CONFIRM, stdin="y\n")
    assert result.exit_code == 0
    assert result.stderr.startswith("Withdraw 2 trades? [y/N]: ")
    assert book.asked == [("2023-02-20",)]


@pytest.mark.usefixtures("_at_a_terminal")
@pytest.mark.parametrize("answer", ["n\n", "\n"])
def test_a_no_changes_nothing_and_is_1(answer: str, book: FakeBook, run: CommandLine) -> None:
    result = run(*CONFIRM, stdin=answer)
    assert result.exit_code == 1
    assert result.stderr.endswith("nothing was changed\n")
    assert book.asked == []


def test_with_nobody_to_ask_it_says_what_to_add(book: FakeBook, run: CommandLine) -> None:
    result = run(*CONFIRM)
    assert result.exit_code == 2
    assert "Withdraw 2 trades? There is no terminal to ask at: add --yes" in " ".join(result.stderr.split())
    assert book.asked == []


def test_nothing_to_withdraw_asks_nobody(book: FakeBook, run: CommandLine) -> None:
    book.question, book.files = None, [{}]
    result = run(*CONFIRM)
    assert result.exit_code == 0
    assert result.stderr == "0 trades are withdrawn by version 1 of the file of 2023-02-20\n"
