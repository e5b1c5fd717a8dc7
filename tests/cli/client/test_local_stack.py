"""Finding the local stack, and saying what to do where it is not there."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import boto3
import pytest

from chalicelib import settings as settings_module
from chalicelib.aws import session as aws_session
from chalicelib.aws.client import connection
from chalicelib.common import once
from chalicelib.feeds import bootstrap as feeds_bootstrap
from chalicelib.trades import bootstrap as trades_bootstrap
from cli.client.local_stack import WHAT_TO_DO, find_local_stack
from cli.exit_codes import NotThere
from tests.cli.conftest import CommandLine


@pytest.fixture
def engine() -> Iterator[str]:
    """Something that listens where the database should."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


@pytest.fixture(autouse=True)
def _data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    os.environ["DATA_DIR"] = str(tmp_path)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    once.reset()
    yield
    once.reset()


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


def test_none_of_the_operators_own_variables_reaches_its_clients(tmp_path: Path, engine: str) -> None:
    os.environ.update(AWS_PROFILE="nobody", AWS_ENDPOINT_URL_S3="https://s3.example", AWS_SESSION_TOKEN="t")
    os.environ.update(AWS_USE_FIPS_ENDPOINT="true", HTTP_PROXY="http://127.0.0.1:9", VOLTBOOK_MAX_BAD_ROWS="7")
    write(tmp_path, engine)
    before = dict(os.environ)
    stack = find_local_stack()
    aws_session.use(stack.settings(), stack.session)
    s3: Any = stack.session().create_client("s3")
    credentials: Any = stack.session().get_credentials()
    assert os.environ == before
    assert stack.api == "http://127.0.0.1:8000"
    assert (settings_module.settings().bucket, settings_module.settings().bad_rows) == (
        "voltbook-local-daily-files-000000000000",
        7,
    )
    assert (s3.meta.endpoint_url, s3.meta.region_name) == ("http://127.0.0.1:1", "eu-central-1")
    assert s3.meta.config.proxies == {}
    assert credentials.token is None
    trades_bootstrap.book()
    assert connection().client.meta.endpoint_url == engine


def test_its_bucket_is_reached_after_its_tables(tmp_path: Path, engine: str) -> None:
    os.environ["AWS_PROFILE"] = "nobody"
    write(tmp_path, engine)
    stack = find_local_stack()
    aws_session.use(stack.settings(), stack.session)
    trades_bootstrap.book()
    feeds_bootstrap.file_store()
    assert boto3.client("sns").meta.endpoint_url == "http://127.0.0.1:1"


def test_its_bucket_is_listed_after_its_tables_are_reached(tmp_path: Path, engine: str) -> None:
    write(tmp_path, engine)
    session = find_local_stack().session()
    bucket: Any = session.create_client("s3")
    session.create_client("dynamodb")
    assert bucket.can_paginate("list_objects_v2")


def test_no_stack(run: CommandLine) -> None:
    result = run("report")
    assert result.exit_code == 5
    assert result.stderr.startswith("voltbook: the local book is not running (there is no ")
    assert WHAT_TO_DO in result.stderr


def test_a_stack_that_has_gone(tmp_path: Path, engine: str) -> None:
    write(tmp_path, engine, pid=a_dead_pid())
    with pytest.raises(NotThere, match="no longer running"):
        find_local_stack()


def test_a_stack_of_another_user_is_found(tmp_path: Path, engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, engine)
    monkeypatch.setattr(os, "kill", Mock(side_effect=PermissionError))
    assert find_local_stack().api == "http://127.0.0.1:8000"


def test_an_engine_without_a_port_is_asked_at_80(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = Mock()
    monkeypatch.setattr(socket, "create_connection", asked)
    write(tmp_path, "http://127.0.0.1")
    find_local_stack()
    assert asked.call_args.args[0] == ("127.0.0.1", 80)


def test_a_stack_that_does_not_answer(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    write(tmp_path, f"http://127.0.0.1:{port}")
    with pytest.raises(NotThere, match=f"does not answer at http://127.0.0.1:{port}"):
        find_local_stack()


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
        find_local_stack()


@pytest.mark.parametrize("text", ["", "[]", "{", "\x00"])
def test_a_file_that_is_broken(text: str, tmp_path: Path) -> None:
    (tmp_path / "stack.json").write_text(text, encoding="utf-8")
    with pytest.raises(NotThere, match="make up"):
        find_local_stack()


def test_the_book_is_named_on_stderr(
    tmp_path: Path, engine: str, run: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, engine)
    monkeypatch.setattr("cli.client.operations.Client.list_users", lambda _: [])
    result = run("users", "list", "-o", "json")
    assert (result.exit_code, result.stdout) == (0, "[]\n")
    assert result.stderr == "book: local (http://127.0.0.1:8000)\n"


def test_env_prints_what_a_shell_needs_to_reach_the_engines(tmp_path: Path, engine: str, run: CommandLine) -> None:
    os.environ.update(AWS_PROFILE="nobody", AWS_ENDPOINT_URL_S3="https://s3.example")
    write(tmp_path, engine, environment={"AWS_ENDPOINT_URL": engine, "VOLTBOOK_STAGE": "it's local"})
    printed = run("env").stdout
    script = f'{printed}\necho "$AWS_ENDPOINT_URL,$VOLTBOOK_STAGE,${{AWS_PROFILE-none}},${{AWS_ENDPOINT_URL_S3-none}}"'
    shell = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True)
    assert shell.stdout == f"{engine},it's local,none,none\n"


def test_env_without_a_stack_exports_nothing(run: CommandLine) -> None:
    result = run("env")
    assert (result.exit_code, result.stdout) == (5, "")
