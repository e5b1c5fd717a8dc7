"""`voltbook files accept`: it says what it will do, never acts without a yes, and prints the receipt."""

import json

import pytest

from chalicelib.common.errors import InvalidRequest
from tests.cli.conftest import CommandLine
from tests.cli.open_books import FakeBook

ACCEPT = ("files", "accept", "2023-02-20")
TOLD = """\
Accepting the file of 2023-02-20 will:
  - Take 2 trades out.
  - Leave 1 \\x1b[2J row.
"""
DONE = "accepted; its receipt:\n"
ACCEPTED = {
    "version": 2,
    "booked": 9,
    "quarantined": 1,
    "accepted_at": "2023-02-21T08:00:00Z",
    "accepted_by": "operator:ida",
}


@pytest.fixture(autouse=True)
def _something_to_accept(book: FakeBook) -> None:
    book.steps = ["Take 2 trades out.", "Leave 1 \x1b[2J row."]
    book.files = [ACCEPTED]


@pytest.fixture
def _at_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cli.terminal.at_terminal", lambda _: True)


def test_with_yes_it_says_what_it_does_and_prints_the_receipt(book: FakeBook, run: CommandLine) -> None:
    result = run(*ACCEPT, "--yes")
    assert result.exit_code == 0
    assert result.stderr == TOLD + DONE
    assert result.stdout == (
        "epex_trades_20230220.csv: 9 booked, 0 already there, 1 quarantined (accepted by operator:ida)\n"
    )
    assert book.asked == [("2023-02-20", False)]


def test_a_footer_is_remembered_where_it_is_asked_for(book: FakeBook, run: CommandLine) -> None:
    assert run(*ACCEPT, "--footer", "--yes").exit_code == 0
    assert book.asked == [("2023-02-20", True)]


def test_the_feed_is_named_before_its_file_is_accepted(run: CommandLine) -> None:
    stderr = run("files", "accept", "2026-06-14", "--feed", "nordpool", "--yes").stderr
    assert "Accepting the file of feed nordpool of 2026-06-14 will:" in stderr


def test_json_is_an_array_of_the_receipt(run: CommandLine) -> None:
    (receipt,) = json.loads(run(*ACCEPT, "--yes", "-o", "json").stdout)
    assert receipt["accepted_by"] == "operator:ida"


@pytest.mark.usefixtures("_at_a_terminal")
def test_a_person_is_told_first_and_asked(book: FakeBook, run: CommandLine) -> None:
    result = run(*ACCEPT, stdin="y\n")
    assert result.exit_code == 0
    assert result.stderr.startswith(f"{TOLD}Do that? [y/N]: ")
    assert book.asked == [("2023-02-20", False)]


@pytest.mark.usefixtures("_at_a_terminal")
@pytest.mark.parametrize("answer", ["n\n", "\n"])
def test_a_no_changes_nothing_and_is_1(answer: str, book: FakeBook, run: CommandLine) -> None:
    result = run(*ACCEPT, stdin=answer)
    assert result.exit_code == 1
    assert result.stderr.endswith("nothing was changed\n")
    assert book.asked == []


def test_with_nobody_to_ask_it_says_what_to_add(book: FakeBook, run: CommandLine) -> None:
    result = run(*ACCEPT)
    assert result.exit_code == 2
    assert "There is no terminal to ask at: add --yes" in " ".join(result.stderr.split())
    assert book.asked == []


@pytest.mark.parametrize(
    ("receipt", "code"),
    [
        ({"state": "absent", "version": 0, "reason": "no file of 20 Feb 2023, accepted by ida"}, 0),
        ({"state": "provisional", "quarantined": 1}, 3),
        ({"state": "importing"}, 1),
    ],
)
def test_the_exit_code_is_that_of_the_receipt(
    receipt: dict[str, object], code: int, book: FakeBook, run: CommandLine
) -> None:
    book.files = [receipt]
    assert run(*ACCEPT, "--yes").exit_code == code


def test_a_day_without_a_file_is_a_sentence(book: FakeBook, run: CommandLine) -> None:
    book.files = [{"state": "absent", "version": 0, "reason": "no file of 20 Feb 2023, accepted by ida"}]
    assert run(*ACCEPT, "--yes").stdout == "epex_trades_20230220.csv: no file of 20 Feb 2023, accepted by ida\n"


def test_nothing_to_accept_is_1_with_the_reason(
    book: FakeBook, run: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nothing(*_: object) -> None:
        raise InvalidRequest("there is nothing to accept of the file of 2023-02-20: it is settled")

    monkeypatch.setattr(book, "accept_file", nothing)
    result = run(*ACCEPT, "--yes")
    assert result.exit_code == 1
    assert result.stderr == "voltbook: there is nothing to accept of the file of 2023-02-20: it is settled\n"
