"""Passwords in the system's keyring, through the keyring package and a backend of its public kind."""

from __future__ import annotations

import sys
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends import fail, null
from keyring.errors import KeyringLocked, PasswordDeleteError

from cli.client.login import login_of
from cli.passwords import ask_login, replace_stored
from tests.cli.conftest import CommandLine

API = "https://book.example.com"


class InMemory(KeyringBackend):
    """Keeps passwords for as long as a test runs."""

    priority = -2
    """Below all others: the package chooses among every class of this kind."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # the package's own classes carry no types
        self.held: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.held.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.held[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if self.held.pop((service, username), None) is None:
            raise PasswordDeleteError("not there")


class Locked(InMemory):
    """Its owner is away."""

    def get_password(self, service: str, username: str) -> str | None:
        raise KeyringLocked("locked")


@pytest.fixture
def keyring_in_memory() -> Iterator[InMemory]:
    before, backend = keyring.get_keyring(), InMemory()
    keyring.set_keyring(backend)
    yield backend
    keyring.set_keyring(before)


@pytest.fixture
def _prod_profile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    (tmp_path / "voltbook").mkdir()
    text = f"[profiles.prod]\napi = '{API}/v1/'\nuser = 'anna'\n[profiles.home]\nbook = 'local'\n"
    (tmp_path / "voltbook" / "config.toml").write_text(text, "utf-8")


@pytest.mark.usefixtures("_prod_profile")
def test_a_password_is_kept_used_and_forgotten(keyring_in_memory: InMemory, run: CommandLine) -> None:
    assert run("profiles", "set-password", "prod", VOLTBOOK_PASSWORD="secret").exit_code == 0
    assert keyring_in_memory.held == {(f"voltbook {API}", "anna"): "secret"}
    assert ask_login(API, "anna") == "secret"
    assert "is no longer in" in run("profiles", "forget-password", "prod").stderr
    assert "was not in" in run("profiles", "forget-password", "prod").stderr
    assert keyring_in_memory.held == {}


def test_a_variable_goes_before_the_keyring(keyring_in_memory: InMemory, monkeypatch: pytest.MonkeyPatch) -> None:
    keyring_in_memory.set_password(f"voltbook {API}", "anna", "kept")
    monkeypatch.setenv("VOLTBOOK_PASSWORD", "said")
    assert ask_login(API, "anna") == "said"


@pytest.mark.parametrize(("backend", "says"), [(null.Keyring, ""), (fail.Keyring, ""), (Locked, "failed: locked")])
def test_without_a_kept_password_it_is_asked_for(
    backend: type[KeyringBackend], says: str, keyring_in_memory: InMemory, run: CommandLine
) -> None:
    keyring.set_keyring(backend())
    result = run("--api", API, "--user", "anna", "report")
    assert result.exit_code == 2
    assert "set VOLTBOOK_PASSWORD" in result.stderr
    assert says in result.stderr


@pytest.mark.usefixtures("_prod_profile")
def test_without_a_keyring_setting_a_password_says_what_to_do(keyring_in_memory: InMemory, run: CommandLine) -> None:
    keyring.set_keyring(fail.Keyring())  # type: ignore[no-untyped-call]  # the package's own backends carry no types
    for name in ("set-password", "forget-password"):
        result = run("profiles", name, "prod", VOLTBOOK_PASSWORD="secret")
        assert result.exit_code == 2
        assert "VOLTBOOK_PASSWORD instead" in " ".join(result.stderr.split())


@pytest.mark.usefixtures("_prod_profile")
def test_a_profile_without_a_login_has_no_password(keyring_in_memory: InMemory, run: CommandLine) -> None:
    result = run("profiles", "set-password", "home", VOLTBOOK_PASSWORD="secret")
    assert result.exit_code == 2
    assert "needs an api and a user" in result.stderr


@pytest.mark.usefixtures("_prod_profile")
def test_without_the_package_one_line_says_how_to_get_it(run: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    result = run("profiles", "set-password", "prod", VOLTBOOK_PASSWORD="secret")
    assert result.exit_code == 2
    assert "run .venv/bin/pip install -e '.[keyring]'" in result.stderr


A_KEY = f"vb_{'0' * 16}_{'A' * 43}"


@pytest.mark.usefixtures("_prod_profile")
def test_a_key_is_kept_in_place_of_the_password(keyring_in_memory: InMemory, run: CommandLine) -> None:
    result = run("profiles", "set-key", "prod", VOLTBOOK_KEY="wharf otter")
    assert (result.exit_code, "otter" in result.output, keyring_in_memory.held) == (4, False, {})
    assert run("profiles", "set-key", "prod", VOLTBOOK_KEY=A_KEY).exit_code == 0
    assert login_of(API, "anna").authorization() == f"Bearer {A_KEY}"
    assert "is no longer in" in run("profiles", "forget-password", "prod").stderr
    assert run("profiles", "set-password", "prod", VOLTBOOK_PASSWORD="secret").exit_code == 0
    assert login_of(API, "anna").authorization() == f"Basic {b64encode(b'anna:secret').decode()}"


def test_a_kept_password_is_replaced_by_a_new_one(keyring_in_memory: InMemory) -> None:
    keyring_in_memory.set_password(f"voltbook {API}", "anna", "old")
    assert not replace_stored(API, "anna", "another", "new")
    assert not replace_stored(API, "bert", "old", "new")
    assert replace_stored(API, "anna", "old", "new")
    assert keyring_in_memory.held == {(f"voltbook {API}", "anna"): "new"}
