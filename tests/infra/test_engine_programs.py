"""Where the engines' programs are found, and with what they are started."""

from __future__ import annotations

import socket
import sys
import urllib.error
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest

from infra.local import engines, processes
from infra.local.engines import Engine
from infra.local.settings import CannotServe


def program(path: Path, mode: int = 0o700) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    path.chmod(mode)
    return path


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of a checkout, without programs on PATH."""
    monkeypatch.setattr(engines, "ROOT", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    for name in ("VOLTBOOK_DYNOXIDE", "VOLTBOOK_MINISTACK"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("platform.machine", lambda: "AMD64")
    return tmp_path


def test_dynoxide_is_the_named_one_or_npms_or_one_on_path(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert engines.find_dynoxide() is None
    on_path = program(root / "bin" / "dynoxide")
    assert engines.find_dynoxide() == on_path
    installed = program(root / "node_modules" / "@dynoxide" / f"{sys.platform}-x64" / "dynoxide", 0o600)
    assert engines.find_dynoxide() == on_path, "npm's cannot be run"
    installed.chmod(0o700)
    assert engines.find_dynoxide() == installed
    monkeypatch.setenv("VOLTBOOK_DYNOXIDE", str(root / "none"))
    assert engines.find_dynoxide() is None, "what is named is used or nothing"
    monkeypatch.setenv("VOLTBOOK_DYNOXIDE", str(program(root / "own")))
    assert engines.find_dynoxide() == root / "own"


def test_ministack_is_the_named_one_or_that_of_its_environment(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert engines.find_ministack() is None
    installed = program(root / ".venv-ministack" / "bin" / "ministack")
    assert engines.find_ministack() == installed
    monkeypatch.setenv("VOLTBOOK_MINISTACK", str(program(root / "own")))
    assert engines.find_ministack() == root / "own"


def test_a_key_is_one_of_awss_shape_that_cannot_be_guessed() -> None:
    keys = {engines.new_key() for _ in range(3)}
    assert len(keys) == 3
    assert {len(key) for key in keys} == {2 + 32}
    assert all(key.isalnum() and key.isupper() and key.startswith("VB") for key in keys)


def test_the_address_of_an_enclosed_engine_is_one_of_many(monkeypatch: pytest.MonkeyPatch) -> None:
    for choice, address in ((lambda _below: 0, "127.64.0.1"), (lambda below: below - 1, "127.127.255.254")):
        monkeypatch.setattr("secrets.randbelow", choice)
        assert engines._random_loopback() == address
    monkeypatch.setattr(sys, "platform", "darwin")
    assert engines._random_loopback() == "127.0.0.1"


@pytest.mark.parametrize(
    ("error", "found"),
    [
        (None, True),
        (urllib.error.HTTPError("http://x", 403, "no", Mock(), None), True),
        (urllib.error.URLError("nobody"), False),
        (ConnectionResetError("gone"), False),
    ],
)
def test_an_endpoint_is_one_that_answers(error: Exception | None, found: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("urllib.request.urlopen", Mock(side_effect=error))
    if found:
        assert engines.find_endpoint("http://x").url == "http://x"
    else:
        with pytest.raises(CannotServe, match=r"nothing answers at AWS_ENDPOINT_URL http://x \(.*\): start it first"):
            engines.find_endpoint("http://x")


class Started:
    """What would be started, and how often waiting for it fails."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, failures: int = 0) -> None:
        self.failures = failures
        self.commands: list[list[str]] = []
        self.environments: list[dict[str, str]] = []
        self.killed = 0
        monkeypatch.setattr(processes, "start", self.start)
        monkeypatch.setattr(processes, "wait_until_ready", self.wait)
        monkeypatch.setattr(processes, "kill", self.kill)

    def start(self, name: str, command: list[str], log: Path, environment: Any = None, guarded_by: Any = None) -> Any:
        self.commands.append(command)
        self.environments.append(dict(environment or {}))
        return Mock(log=log)

    def wait(self, _child: object, _ready: Callable[[], bool], _seconds: float) -> None:
        if len(self.commands) <= self.failures:
            raise CannotServe("the port is taken")

    def kill(self, _child: object) -> None:
        self.killed += 1


@pytest.mark.parametrize(("dynamodb", "services"), [(False, "s3,sns,sqs,events"), (True, "s3,sns,sqs,events,dynamodb")])
def test_ministack_keeps_its_state_and_listens_on_loopback_only(
    dynamodb: bool, services: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = Started(monkeypatch)
    (tmp_path / "tmp" / "old").mkdir(parents=True)
    engine = engines.start_ministack(Path("ministack"), tmp_path, tmp_path / "log", dynamodb=dynamodb)
    (environment,) = started.environments
    kept = {"SERVICES": services, "PERSIST_STATE": "1", "S3_PERSIST": "1", "TMPDIR": str(tmp_path / "tmp")}
    assert environment.items() >= (kept | {"BIND_HOST": "127.0.0.1", "GATEWAY_PORT": str(engine.port)}).items()
    assert list((tmp_path / "tmp").iterdir()) == [], "MiniStack never empties it"


def test_an_engine_whose_port_is_taken_is_tried_three_times(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for failures in (2, 3):
        started = Started(monkeypatch, failures)
        database = tmp_path / "data" / "new" / "book.db"
        if failures == 3:
            with pytest.raises(CannotServe, match="the port is taken"):
                engines.start_dynoxide(Path("dynoxide"), database, tmp_path / "log")
        else:
            engine = engines.start_dynoxide(Path("dynoxide"), database, tmp_path / "log")
            assert started.commands[-1][-3:] == [str(engine.port), "--db-path", str(database)]
        assert (len(started.commands), started.killed) == (3, failures)


def test_an_interrupted_start_is_not_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started = Started(monkeypatch)
    monkeypatch.setattr(processes, "wait_until_ready", Mock(side_effect=KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        engines.start_dynoxide(Path("dynoxide"), tmp_path / "book.db", tmp_path / "log")
    assert (len(started.commands), started.killed) == (1, 1)


def test_an_engine_is_enclosed_where_nobody_else_can_connect() -> None:
    child: Any = Mock()
    with socket.create_server(("127.0.0.1", 0)) as open_to_all:
        place = ("127.0.0.1", open_to_all.getsockname()[1])
        assert not Engine(child, 1, behind=place).is_enclosed()
    assert Engine(child, 1, behind=place).is_enclosed()
    assert not Engine(child, 1).is_enclosed(), "without a guard"
