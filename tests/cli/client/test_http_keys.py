"""API keys in place of a password: from an option, a variable, a profile or the keyring."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.cli.an_api import Api
from tests.cli.conftest import CommandLine
from tests.fixtures.trades import fields

A_KEY = f"vb_{'0' * 16}_{'A' * 43}"
OTHER = f"vb_{'1' * 16}_{'B' * 43}"
SHOW = ("trades", "show", "trade-1", "-o", "json")


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    path = tmp_path / "night.key"
    path.write_text(f"{A_KEY}\n", "utf-8")
    path.chmod(0o600)
    return path


@pytest.fixture
def profile(key_file: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the file of a profile `bot`, whose key is beside it."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(key_file.parent))
    (key_file.parent / "voltbook").mkdir()
    key_file.rename(key_file.parent / "voltbook" / "night.key")
    return key_file.parent / "voltbook" / "config.toml"


def test_a_key_logs_in_unless_a_user_is_named(api: Api, run: CommandLine) -> None:
    api.will_answer(200, fields())
    result = run(*SHOW, "--api", api.url, VOLTBOOK_KEY=A_KEY, VOLTBOOK_USER="anna")
    assert (result.exit_code, result.stderr) == (0, f"book: {api.url} with a key\n")
    assert api.logins == [f"Bearer {A_KEY}"]
    run(*SHOW, "--api", api.url, "--user", "anna", VOLTBOOK_KEY=A_KEY, VOLTBOOK_PASSWORD="x")
    assert str(api.logins[1]).startswith("Basic ")


def test_a_key_file_goes_before_the_variables(api: Api, run: CommandLine, key_file: Path) -> None:
    api.will_answer(200, fields())
    result = run(*SHOW, "--api", api.url, "--key-file", str(key_file), VOLTBOOK_KEY=OTHER, VOLTBOOK_USER="anna")
    assert (result.exit_code, result.stderr) == (0, f"book: {api.url} with a key\n")
    run(*SHOW, "--api", api.url, VOLTBOOK_KEY_FILE=str(key_file), VOLTBOOK_USER="anna")
    run(*SHOW, "--api", api.url, VOLTBOOK_KEY_FILE=str(key_file), VOLTBOOK_KEY=OTHER)
    assert api.logins == [f"Bearer {A_KEY}", f"Bearer {A_KEY}", f"Bearer {OTHER}"]


def test_a_profile_names_its_key_file(api: Api, run: CommandLine, profile: Path) -> None:
    api.will_answer(200, fields())
    profile.write_text(f"[profiles.bot]\napi = '{api.url}'\nkey_file = 'night.key'\n", "utf-8")
    run(*SHOW, "--profile", "bot")
    run(*SHOW, "--profile", "bot", VOLTBOOK_KEY=OTHER)
    run(*SHOW, "--profile", "bot", VOLTBOOK_USER="anna", VOLTBOOK_PASSWORD="x")
    assert api.logins[:2] == [f"Bearer {A_KEY}", f"Bearer {OTHER}"]
    assert str(api.logins[2]).startswith("Basic ")
    assert f"key in {profile.parent / 'night.key'}" in run("profiles", "list", "-o", "table").stdout


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("user = 'anna'\nkey_file = 'a'", "profiles.bot: user and key_file exclude each other"),
        (f"key = '{A_KEY}'", "profiles.bot.key: a key does not belong in this file"),
        (f"API_Key = '{A_KEY}'", "profiles.bot.API_Key: a key does not belong in this file"),
    ],
)
def test_a_key_in_a_profile_is_refused_unshown(text: str, says: str, run: CommandLine, profile: Path) -> None:
    profile.write_text(f"[profiles.bot]\napi = 'https://b.example'\n{text}\n", "utf-8")
    result = run(*SHOW, "--profile", "bot")
    assert result.exit_code == 2
    assert says in " ".join(result.stderr.split())
    assert A_KEY not in result.output


def refused(run: CommandLine, api: Api, *args: str, **variables: str) -> str:
    """Return the one line about a key that is neither sent nor shown."""
    result = run(*SHOW, "--api", api.url, *args, **variables)
    assert (result.exit_code, api.asked) == (4, [])
    assert "otter" not in result.output
    (line,) = result.stderr.splitlines()
    return line.removeprefix("voltbook: ")


def test_what_is_no_key_is_not_sent_and_not_shown(api: Api, run: CommandLine, key_file: Path) -> None:
    key_file.write_text("wharf otter", "utf-8")
    expected = "is not a key: expected one as `voltbook users add-key` prints it (vb_...)"
    assert refused(run, api, VOLTBOOK_KEY="wharf otter") == f"VOLTBOOK_KEY {expected}"
    assert refused(run, api, "--key-file", str(key_file)).endswith(expected)


def test_a_key_file_that_others_can_read_is_refused(api: Api, run: CommandLine, key_file: Path) -> None:
    for mode in (0o640, 0o604, 0o620):
        key_file.chmod(mode)
        assert f"run chmod 600 {key_file}" in refused(run, api, "--key-file", str(key_file))


def test_a_key_file_that_is_none_says_why(api: Api, run: CommandLine, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    assert refused(run, api, "--key-file", str(pipe)).startswith(f"the content of {pipe} is not a key")
    assert refused(run, api, "--key-file", str(tmp_path / "none")).endswith("cannot be read: No such file or directory")
    assert refused(run, api, "--key-file", str(tmp_path)).endswith("cannot be read: Is a directory")


def test_a_user_and_a_key_file_exclude_each_other(api: Api, run: CommandLine, key_file: Path) -> None:
    result = run(*SHOW, "--api", api.url, "--key-file", str(key_file), "--user", "anna")
    assert (result.exit_code, "exclude each other" in result.stderr) == (2, True)
    result = run("--key-file", str(key_file), *SHOW)
    assert (result.exit_code, "--key-file requires --api" in result.stderr) == (2, True)


def test_a_revoked_key_is_refused_in_one_line(api: Api, run: CommandLine, key_file: Path) -> None:
    api.will_answer(401, {"status_code": 401, "message": "log in with a user name and password", "code": "x"})
    result = run(*SHOW, "--api", api.url, "--key-file", str(key_file))
    assert result.exit_code == 4
    (line,) = result.stderr.splitlines()[1:]
    assert line.startswith(f"voltbook: {api.url} does not accept the key {'0' * 16}: it was revoked")
    result = run(*SHOW, "--api", api.url, "--user", "anna", VOLTBOOK_PASSWORD="x")
    assert result.stderr.splitlines()[1:] == ["voltbook: log in with a user name and password"]
