"""Profiles: options go before variables, variables before the file, and no password stands in it."""

from __future__ import annotations

import csv
import io
from datetime import date
from pathlib import Path

import click
import pytest

from cli.profiles import ConnectionOptions, Profile, config_path, read_profiles, resolve
from tests.cli.conftest import CommandLine
from tests.cli.open_books import FakeBook, a_report
from tests.fixtures.trades import trade

DAY = date(2023, 2, 28)
FILE = """
default = "home"

[profiles.home]
book = "local"

[profiles.prod]
api = "https://book.example.com"
user = "anna"
trader = "trader_1"
output = "json"
"""


@pytest.fixture
def profiles_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    path = tmp_path / "voltbook" / "config.toml"
    path.parent.mkdir()
    path.write_text(FILE, "utf-8")
    return path


def test_the_file_is_in_the_configuration_folder(profiles_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert config_path() == profiles_file
    monkeypatch.setenv("XDG_CONFIG_HOME", "not/absolute")
    monkeypatch.setenv("HOME", "/home/anna")
    assert config_path() == Path("/home/anna/.config/voltbook/config.toml")


def test_without_a_file_nothing_is_usual() -> None:
    assert resolve(ConnectionOptions()) == Profile()


@pytest.mark.parametrize(
    ("connection", "variables", "holds"),
    [
        (ConnectionOptions(), {}, Profile(book="local")),
        (
            ConnectionOptions(profile="prod"),
            {},
            Profile(api="https://book.example.com", user="anna", trader="trader_1", output="json"),
        ),
        (
            ConnectionOptions(),
            {"VOLTBOOK_PROFILE": "prod", "VOLTBOOK_USER": "bert", "VOLTBOOK_TRADER": "t2", "VOLTBOOK_OUTPUT": "csv"},
            Profile(api="https://book.example.com", user="bert", trader="t2", output="csv"),
        ),
        (ConnectionOptions(profile="home"), {"VOLTBOOK_PROFILE": "prod"}, Profile(book="local")),
        (ConnectionOptions(user="carl"), {"VOLTBOOK_USER": "bert"}, Profile(book="local", user="carl")),
        (ConnectionOptions(), {"VOLTBOOK_API": "https://b"}, Profile(api="https://b")),
        (ConnectionOptions(book="dev"), {"VOLTBOOK_API": "https://b"}, Profile(book="dev")),
        (ConnectionOptions(api="https://c"), {"VOLTBOOK_BOOK": "dev"}, Profile(api="https://c")),
        (ConnectionOptions(), {"VOLTBOOK_OUTPUT": ""}, Profile(book="local")),
    ],
    ids=[
        "the default profile",
        "a profile that is asked for",
        "variables before the file",
        "the option before the variable",
        "a login as an option",
        "an API in a variable in place of the file's book",
        "a book as an option in place of a variable's API",
        "an API as an option in place of a variable's book",
        "an empty variable is none",
    ],
)
def test_what_holds(
    connection: ConnectionOptions,
    variables: dict[str, str],
    holds: Profile,
    profiles_file: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert resolve(connection) == holds


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[profiles.a]\npassword = 'x'", "profiles.a.password: a password does not belong in this file"),
        ("[profiles.a]\nAPI_Password = 'x'", "a password does not belong in this file"),
        ("password = 'x'", "password: a password does not belong in this file"),
        ("[profiles.a]\nurl = 'x'", "profiles.a.url: unknown key; expected: book, api, user, trader, output"),
        ("colour = 'x'", "colour: unknown key; expected: default, profiles"),
        ("[profiles.a]\nuser = 5", "profiles.a.user must be text, got 5"),
        ("[profiles.a]\nuser = ''", "profiles.a.user must be text, got ''"),
        ("[profiles.a]\nbook = 'x'\napi = 'y'", "book and api exclude each other"),
        ("[profiles.a]\noutput = 'xml'", "profiles.a.output must be one of table, json, csv, got 'xml'"),
        ("default = 'b'\n[profiles.a]", "default must be the name of a profile, got 'b'"),
        ("profiles = 5", "profiles must be tables such as"),
        ("profiles.a = 5", "profiles must be tables such as"),
        ("[profiles.a]\nuser = x\n", "line 2"),
        ("\xff", "cannot be read"),
    ],
)
def test_a_file_that_is_wrong_says_where(text: str, says: str, profiles_file: Path) -> None:
    profiles_file.write_bytes(text.encode("latin-1"))
    with pytest.raises(click.UsageError) as raised:
        read_profiles()
    assert raised.value.message.startswith(str(profiles_file))
    assert says in raised.value.message


def test_a_format_in_a_variable_is_one_of_ours(run: CommandLine) -> None:
    result = run("report", VOLTBOOK_OUTPUT="xml")
    assert result.exit_code == 2
    assert "VOLTBOOK_OUTPUT must be one of table, json, csv, got 'xml'" in " ".join(result.stderr.split())


@pytest.mark.parametrize("args", [("--profile", "prd", "report"), ("report", "--profile", "prd")])
def test_a_profile_that_is_not_there_names_those_that_are(
    args: tuple[str, ...], profiles_file: Path, run: CommandLine
) -> None:
    result = run(*args)
    assert result.exit_code == 2
    assert "no profile 'prd'" in result.stderr
    assert "it has home, prod" in " ".join(result.stderr.split())


def test_the_usual_trader_and_format_are_those_of_the_report(
    profiles_file: Path, book: FakeBook, run: CommandLine
) -> None:
    book.reports = [a_report([trade("a")], DAY) for _ in range(3)]
    shown = [
        run("report", "--start-day", "2026-06-15", *more, VOLTBOOK_PROFILE="prod").stdout
        for more in ((), ("--desk",), ("bot", "-o", "csv"))
    ]
    assert [asked[0] for asked in book.asked] == ["trader_1", None, "bot"]
    assert [text[:5] for text in shown] == ['{\n  "', '{\n  "', "kind,"]


def test_profiles_are_listed(profiles_file: Path, run: CommandLine) -> None:
    result = run("profiles", "list")
    assert result.stderr == f"profiles: {profiles_file}\n"
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert [(row["name"], row["default"], row["book"], row["api"]) for row in rows] == [
        ("home", "true", "local", ""),
        ("prod", "false", "", "https://book.example.com"),
    ]
    printed = run("profiles", "list", "-o", "table").stdout
    assert [line.split() for line in printed.splitlines()[2:]] == [
        ["home", "(default)", "local", "-", "-", "-"],
        ["prod", "https://book.example.com", "anna", "trader_1", "json"],
    ]
