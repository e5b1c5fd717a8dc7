"""Finding the local stack, and saying what to do where it is not there."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chalicelib import wiring
from cli.client.local_stack import WHAT_TO_DO, enter_local_stack
from cli.exit_codes import NotThere
from tests.cli.conftest import CommandLine


@pytest.fixture
def engine() -> Iterator[str]:
    """Something that listens where the database should."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


@pytest.fixture(autouse=True)
def _data_dir(tmp_path: Path) -> Iterator[None]:
    os.environ["DATA_DIR"] = str(tmp_path)
    wiring.reset()
    yield
    wiring.reset()


def write(folder: Path, engine: str, **changes: Any) -> None:
    environment = {
        "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
        "AWS_ENDPOINT_URL_DYNAMODB": engine,
        "AWS_DEFAULT_REGION": "eu-central-1",
        "VOLTBOOK_STAGE": "local",
        "VOLTBOOK_BUCKET": "voltbook-local-daily-files-000000000000",
    }
    stack = {"pid": os.getpid(), "api": "http://127.0.0.1:8000", "environment": environment}
    (folder / "stack.json").write_text(json.dumps(stack | changes), encoding="utf-8")


def a_dead_pid() -> int:
    done = subprocess.Popen([sys.executable, "-c", ""])
    done.wait()
    return done.pid


def test_its_variables_take_the_place_of_the_operators_own(tmp_path: Path, engine: str) -> None:
    os.environ.update(AWS_PROFILE="mine", AWS_ENDPOINT_URL_S3="https://s3.example", AWS_SESSION_TOKEN="t")
    write(tmp_path, engine)
    assert enter_local_stack() == "http://127.0.0.1:8000"
    assert {name for name in os.environ if name.startswith("AWS_")} == {
        "AWS_ENDPOINT_URL",
        "AWS_ENDPOINT_URL_DYNAMODB",
        "AWS_DEFAULT_REGION",
    }
    assert os.environ["VOLTBOOK_BUCKET"] == "voltbook-local-daily-files-000000000000"


def test_no_stack(run: CommandLine) -> None:
    result = run("report")
    assert result.exit_code == 5
    assert result.stderr.startswith("voltbook: the local book is not running (there is no ")
    assert WHAT_TO_DO in result.stderr


def test_a_stack_that_has_gone(tmp_path: Path, engine: str) -> None:
    write(tmp_path, engine, pid=a_dead_pid())
    with pytest.raises(NotThere, match="not running any more"):
        enter_local_stack()


def test_a_stack_that_does_not_answer(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    write(tmp_path, f"http://127.0.0.1:{port}")
    with pytest.raises(NotThere, match=f"does not answer at http://127.0.0.1:{port}"):
        enter_local_stack()


@pytest.mark.parametrize(
    "changes",
    [
        {"pid": "1"},
        {"pid": 10**30},
        {"environment": {}},
        {"environment": {"AWS_DEFAULT_REGION": "eu-central-1"}},
        {"environment": {"AWS_ENDPOINT_URL": 5}},
        {"environment": {"AWS_ENDPOINT_URL": "nonsense:x"}},
    ],
)
def test_a_stack_that_does_not_say_where_it_is(changes: dict[str, Any], tmp_path: Path, engine: str) -> None:
    write(tmp_path, engine, **changes)
    with pytest.raises(NotThere, match="make up"):
        enter_local_stack()


@pytest.mark.parametrize("text", ["", "[]", "{", "\x00"])
def test_a_file_that_is_broken(text: str, tmp_path: Path) -> None:
    (tmp_path / "stack.json").write_text(text, encoding="utf-8")
    with pytest.raises(NotThere, match="make up"):
        enter_local_stack()


def test_the_book_is_named_on_stderr(
    tmp_path: Path, engine: str, run: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, engine)
    monkeypatch.setattr("cli.client.operations.Client.list_users", lambda _: [])
    result = run("users", "list", "-o", "json")
    assert (result.exit_code, result.stdout) == (0, "[]\n")
    assert result.stderr == "book: local (http://127.0.0.1:8000)\n"
