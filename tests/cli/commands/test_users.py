"""`voltbook users`: passwords never on the command line."""

import json
from pathlib import Path

import pytest

from chalicelib.access.identity import Role
from tests.cli.conftest import CommandLine
from tests.cli.open_books import FakeBook

ANNA = ("users", "add", "anna", "--role", "trader", "--trader-id", "trader_1")


def test_the_password_comes_from_a_variable(book: FakeBook, run: CommandLine) -> None:
    result = run(*ANNA, VOLTBOOK_NEW_PASSWORD="wharf otter lantern")
    assert result.exit_code == 0
    assert book.asked == [("anna", Role.TRADER, "trader_1", "wharf otter lantern")]
    assert "otter" not in result.output


def test_or_from_a_prompt_that_asks_twice(book: FakeBook, run: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cli.passwords.at_terminal", lambda _: True)
    result = run(*ANNA, "-o", "json", stdin="one one one\nother\nwharf otter lantern\nwharf otter lantern\n")
    assert result.exit_code == 0
    assert [asked[-1] for asked in book.asked] == ["wharf otter lantern"]
    assert json.loads(result.stdout)[0]["name"] == "anna"
    assert "otter" not in result.output


def test_a_new_password_comes_the_same_way_and_is_said_nowhere(book: FakeBook, run: CommandLine) -> None:
    result = run("users", "set-password", "anna", VOLTBOOK_NEW_PASSWORD="correct horse")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "anna has a new password\n")
    assert book.asked == [("anna", "correct horse")]


def test_with_nobody_to_ask_it_says_which_variable(book: FakeBook, run: CommandLine) -> None:
    result = run(*ANNA)
    assert result.exit_code == 2
    assert "VOLTBOOK_NEW_PASSWORD" in result.stderr


def test_no_flag_takes_a_password(book: FakeBook, run: CommandLine) -> None:
    assert run(*ANNA, "--password", "wharf otter lantern").exit_code == 2
    assert run("--api", "http://localhost", "--password", "x", "report").exit_code == 2


def test_a_role_that_is_none_is_a_usage_error(book: FakeBook, run: CommandLine) -> None:
    assert run("users", "add", "anna", "--role", "king").exit_code == 2


def test_the_roles_are_the_domains() -> None:
    from cli.commands.users import ROLES

    assert list(ROLES) == [role.value for role in Role]


def test_list_shows_the_disabled_too(book: FakeBook, run: CommandLine) -> None:
    book.users = [
        {"name": "anna", "role": "trader", "trader_id": "trader_1", "disabled": True},
        {"name": "desk", "role": "desk", "trader_id": None, "disabled": False},
    ]
    lines = run("users", "list", "-o", "table").stdout.splitlines()
    assert [line.split() for line in lines[2:]] == [
        ["anna", "trader", "trader_1", "disabled"],
        ["desk", "desk", "-", "may", "log", "in"],
    ]


def test_disable_says_so_on_stderr(book: FakeBook, run: CommandLine) -> None:
    result = run("users", "disable", "anna", "--yes")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "anna is disabled\n")
    assert book.asked == [("anna", False)]


@pytest.mark.parametrize(("answer", "exit_code", "asked"), [("y\n", 0, [("anna", False)]), ("n\n", 1, [])])
def test_disable_asks_first(
    answer: str, exit_code: int, asked: list[object], book: FakeBook, run: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cli.terminal.at_terminal", lambda _: True)
    result = run("users", "disable", "anna", stdin=answer)
    assert (result.exit_code, book.asked) == (exit_code, asked)
    assert "Disable anna?" in result.stderr


def test_disable_without_a_terminal_asks_for_yes(book: FakeBook, run: CommandLine) -> None:
    result = run("users", "disable", "anna")
    assert (result.exit_code, book.asked) == (2, [])
    assert "add --yes" in " ".join(result.stderr.split())


def test_enable_says_so_on_stderr(book: FakeBook, run: CommandLine) -> None:
    result = run("users", "enable", "anna")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "anna is enabled\n")
    assert book.asked == [("anna", "enabled")]


def test_change_shows_the_login_as_it_is_now(book: FakeBook, run: CommandLine) -> None:
    result = run("users", "change", "anna", "--role", "trader", "--trader-id", "trader_2", "-o", "csv")
    assert (result.exit_code, result.stdout.splitlines()[1]) == (0, "anna,trader,trader_2,false")
    assert book.asked == [("anna", Role.TRADER, "trader_2", False)]


def test_a_change_of_nothing_is_a_usage_error(book: FakeBook, run: CommandLine) -> None:
    result = run("users", "change", "anna")
    assert (result.exit_code, book.asked) == (2, [])


@pytest.mark.parametrize(
    "guessable",
    ["password1234", "qwertyuiop12", "123456789012", "aaaaaaaaaaaa", "P@ssw0rd1234", "annatrader_1", "voltbook2026"],
)
def test_a_common_password_is_refused_before_the_book_is_asked(
    guessable: str, book: FakeBook, run: CommandLine
) -> None:
    result = run(*ANNA, VOLTBOOK_NEW_PASSWORD=guessable)
    assert result.exit_code == 1
    assert "password: can be guessed" in result.stderr
    assert guessable not in result.output
    assert book.asked == []


A_KEY = {"id": "0000000000000001", "label": "night", "created_at": "2026-06-15T10:00:00Z", "last_used_at": None}


def test_a_new_key_is_shown_once_with_a_warning(book: FakeBook, run: CommandLine) -> None:
    book.keys = [A_KEY]
    result = run("users", "add-key", "bot", "--label", "day", "-o", "json")
    assert json.loads(result.stdout) == [A_KEY | {"label": "day", "token": "vb_0_secret"}]
    assert "stored nowhere" in result.stderr
    assert book.asked == [("bot", "day")]
    assert "vb_0_secret" in run("users", "add-key", "bot", "-o", "table").stdout


def test_a_new_key_is_saved_for_its_owner_only(book: FakeBook, run: CommandLine, tmp_path: Path) -> None:
    book.keys, path = [A_KEY], tmp_path / "bot.key"
    result = run("users", "add-key", "bot", "--save", str(path), "-o", "json")
    assert (path.read_text(), path.stat().st_mode & 0o777) == ("vb_0_secret\n", 0o600)
    assert json.loads(result.stdout) == [A_KEY | {"label": None}]
    assert f"use it with --key-file {path}" in result.stderr
    again = run("users", "add-key", "bot", "--save", str(path))
    assert (again.exit_code, "exists already" in again.stderr) == (1, True)
    assert run("users", "add-key", "bot", "--save", str(tmp_path / "no" / "bot.key")).exit_code == 1
    assert book.asked == [("bot", None)]


def test_a_key_that_is_refused_leaves_no_file(book: FakeBook, run: CommandLine, tmp_path: Path) -> None:
    assert run("users", "add-key", "bot", "--save", str(tmp_path / "bot.key")).exit_code == 1  # the book has no key
    assert list(tmp_path.iterdir()) == []


def test_keys_are_listed_with_their_last_use(book: FakeBook, run: CommandLine) -> None:
    book.keys = [A_KEY, A_KEY | {"last_used_at": "2026-06-15T11:00:00Z"}]
    shown = run("users", "keys", "bot", "-o", "table").stdout
    assert ("15 Jun 2026 13:00 CEST" in shown, "Token" in shown) == (True, False)
    assert run("users", "keys", "bot", "-o", "csv").stdout.splitlines()[0] == "id,label,created_at,last_used_at"


def test_revoke_says_so_on_stderr(book: FakeBook, run: CommandLine) -> None:
    result = run("users", "revoke-key", "bot", "0000000000000001")
    assert (result.exit_code, result.stderr) == (0, "key 0000000000000001 of bot is revoked\n")
    assert book.asked == [("bot", "0000000000000001")]
