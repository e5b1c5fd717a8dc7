"""`voltbook trades withdraw`: a trade that was booked by mistake, and its way back."""

from __future__ import annotations

import csv
import io
import json

import click
import pytest

from chalicelib.common.errors import InvalidRequest, NotAllowed
from cli import terminal
from cli.output.json import Json
from cli.render.trades import in_full
from tests.cli.conftest import CommandLine
from tests.cli.open_books import FakeBook
from tests.fixtures.trades import fields

ACT = ("trades", "withdraw", "trade-1", "--reason", "a typo")
UNDO = ("trades", "withdraw", "trade-1", "--undo")


def revision(number: int, *, withdrawn: bool = False, **source: str) -> Json:
    source = {"user": "anna"} | source
    about = {"revision": number, "said_at": "2023-02-21T00:54:00Z", "source": source, "matched_by": None}
    return {**about, "withdrawn": withdrawn, "trade": in_full(fields())}


WITHDRAWN = revision(4, withdrawn=True, reason="a typo")


@pytest.fixture
def booked(book: FakeBook) -> FakeBook:
    book.history, book.said = [revision(3)], [WITHDRAWN]
    return book


@pytest.fixture
def withdrawn(book: FakeBook) -> FakeBook:
    book.history, book.said = [WITHDRAWN], [revision(5)]
    return book


def test_the_current_revision_is_withdrawn(booked: FakeBook, run: CommandLine) -> None:
    result = run(*ACT, "--yes", "-o", "json")
    assert result.exit_code == 0
    assert booked.asked == [("trade-1",), ("epex", "trade-1", "buy", 3, "a typo")]
    assert json.loads(result.stdout) == WITHDRAWN


def test_undo_restores_it(withdrawn: FakeBook, run: CommandLine) -> None:
    result = run(*UNDO, "--yes")
    assert result.exit_code == 0
    assert withdrawn.asked == [("trade-1",), ("epex", "trade-1", "buy", 4)]
    [row] = csv.DictReader(io.StringIO(result.stdout))
    assert (row["revision"], row["withdrawn"]) == ("5", "false")


def test_the_table_says_that_it_is_restored_and_by_whom(withdrawn: FakeBook, run: CommandLine) -> None:
    withdrawn.said = [revision(5) | {"restored_by": "bert"}]
    table = run(*UNDO, "--yes", "-o", "table").stdout
    assert "user anna; restored by bert  restored" in table


def test_the_table_shows_who_withdrew_it_and_why(booked: FakeBook, run: CommandLine) -> None:
    result = run(*ACT, "--yes", "-o", "table")
    assert "user anna: a typo" in result.stdout
    assert "withdrawn" in result.stdout


@pytest.mark.parametrize("act", [ACT, UNDO], ids=["withdraw", "undo"])
def test_without_a_terminal_it_needs_yes(act: tuple[str, ...], book: FakeBook, run: CommandLine) -> None:
    book.history = [revision(3) if act == ACT else WITHDRAWN]
    result = run(*act)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "add --yes" in result.stderr
    assert book.asked == [("trade-1",)]


@pytest.mark.parametrize("agreed", [True, False])
def test_it_shows_the_terms_and_asks(
    agreed: bool, booked: FakeBook, run: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(terminal, "at_terminal", lambda _: True)
    monkeypatch.setattr(click, "confirm", lambda *_, **__: agreed)
    result = run(*ACT, "-o", "csv")
    assert result.exit_code == (0 if agreed else 1)
    assert "EUR/MWh   50.00\n" in result.stderr
    assert (len(booked.asked), "nothing was changed" in result.stderr) == ((2, False) if agreed else (1, True))


@pytest.mark.parametrize(("error", "code"), [(InvalidRequest("line 2 of version 1"), 1), (NotAllowed("not yours"), 4)])
def test_a_refusal_is_shown(error: Exception, code: int, booked: FakeBook, run: CommandLine) -> None:
    booked.said = [error]
    result = run(*ACT, "--yes")
    assert (result.exit_code, result.stdout) == (code, "")
    assert str(error) in result.stderr


def test_a_trade_that_is_withdrawn_already_is_not_asked_about(withdrawn: FakeBook, run: CommandLine) -> None:
    withdrawn.said = [InvalidRequest("trade 'trade-1' is withdrawn already")]
    result = run(*ACT)
    assert result.exit_code == 1
    assert "is withdrawn already" in result.stderr


def test_a_trade_that_a_file_brought_meanwhile_stays(booked: FakeBook, run: CommandLine) -> None:
    booked.said = [revision(5)]
    result = run(*ACT, "--yes")
    assert result.exit_code == 1
    assert "a file that was imported meanwhile contains trade 'trade-1'" in result.stderr


@pytest.mark.parametrize(
    "args",
    [
        ("trades", "withdraw", "trade-1", "--yes"),
        ("trades", "withdraw", "trade-1", "--undo", "--reason", "a typo"),
        ("trades", "withdraw", "trade-1", "--reason", " "),
        ("trades", "withdraw", "trade-1", "--reason", "x" * 201),
    ],
    ids=["no reason", "both", "blank", "too long"],
)
def test_it_needs_a_reason_or_undo(args: tuple[str, ...], booked: FakeBook, run: CommandLine) -> None:
    assert run(*args).exit_code == 2
    assert booked.asked == []
