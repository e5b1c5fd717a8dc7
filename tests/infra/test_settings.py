"""PORT, LISTEN, DATA_DIR and INBOX: what is not set has a default, what cannot be used is said."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from cli.client.local_stack import LocalStack
from infra.local.settings import (
    Samples,
    WrongSetting,
    configured_program,
    enter_environment,
    make_folder,
    publish_stack,
    read_settings,
)


def test_an_empty_environment_is_enough() -> None:
    settings = read_settings({"PORT": "", "DATA_DIR": "", "INBOX": ""})

    assert settings.port == 8000
    assert settings.listen == "127.0.0.1"
    assert settings.data_dir == Path(".voltbook").resolve()
    assert settings.inbox == Path(".voltbook/inbox").resolve()
    assert settings.logs == Path(".voltbook/logs").resolve()
    assert settings.notices == Path(".voltbook/notices.log").resolve()
    assert settings.reports == Path(".voltbook/reports.log").resolve()


def test_all_three_can_be_set(tmp_path: Path) -> None:
    settings = read_settings({"PORT": "0", "DATA_DIR": str(tmp_path), "INBOX": str(tmp_path / "in")})

    assert (settings.port, settings.data_dir, settings.inbox) == (0, tmp_path, tmp_path / "in")


def test_pages_of_other_origins_are_allowed_by_their_exact_names() -> None:
    assert read_settings({}).origins == ()
    named = {"VOLTBOOK_ALLOWED_ORIGINS": "https://desk.example.com, http://localhost:5173"}
    assert read_settings(named).origins == ("https://desk.example.com", "http://localhost:5173")
    for wrong in ("*", "http://desk.example.com", "localhost:5173"):
        with pytest.raises(WrongSetting, match="VOLTBOOK_ALLOWED_ORIGINS: expected exact origins such as"):
            read_settings({"VOLTBOOK_ALLOWED_ORIGINS": wrong})


@pytest.mark.parametrize(("text", "samples"), [("", Samples.RECENT), ("1", Samples.RECENT), ("0", Samples.NONE)])
def test_samples_are_loaded_unless_they_are_turned_off(text: str, samples: Samples) -> None:
    assert read_settings({"SAMPLES": text}).samples is samples


def test_an_unknown_choice_of_samples_is_refused() -> None:
    with pytest.raises(WrongSetting, match="SAMPLES must be 1, 0 or committed, got 'no'"):
        read_settings({"SAMPLES": "no"})


def test_an_endpoint_is_used_only_if_it_is_asked_for() -> None:
    url = "http://127.0.0.1:4566"
    used = read_settings({"ENDPOINT": "1", "AWS_ENDPOINT_URL": f"{url}/"})
    ignored = read_settings({"AWS_ENDPOINT_URL": url})
    assert (used.endpoint, used.ignored_endpoint) == (url, None)
    assert (ignored.endpoint, ignored.ignored_endpoint) == (None, url)


@pytest.mark.parametrize("url", ["", "127.0.0.1:4566", "https://dynamodb.eu-central-1.amazonaws.com", "http://x/path"])
def test_an_endpoint_that_cannot_be_used_is_refused(url: str) -> None:
    with pytest.raises(WrongSetting, match="ENDPOINT=1 needs AWS_ENDPOINT_URL"):
        read_settings({"ENDPOINT": "1", "AWS_ENDPOINT_URL": url})


def test_further_hosts_are_named_with_commas() -> None:
    assert read_settings({"ALLOWED_HOSTS": " Book.example, b.example,"}).allowed_hosts == {"book.example", "b.example"}
    assert read_settings({"ENDPOINT": "1", "AWS_ENDPOINT_URL": "http://x", "ALLOWED_HOSTS": "a"}).allowed_hosts == {"a"}
    assert read_settings({}).allowed_hosts == set()


def test_endpoint_is_a_switch() -> None:
    with pytest.raises(WrongSetting, match="ENDPOINT must be 1 or 0, got 'http"):
        read_settings({"ENDPOINT": "http://127.0.0.1:4566"})


@pytest.mark.parametrize("port", ["http", "-1", "65536", "8000.0", "٨٠", "8_000", " 80"])
def test_a_port_that_is_none_is_said(port: str) -> None:
    with pytest.raises(WrongSetting, match="PORT must be a number from 0 to 65535"):
        read_settings({"PORT": port})


def test_it_may_listen_on_loopback_or_all_addresses_and_on_no_others() -> None:
    assert read_settings({"LISTEN": "0.0.0.0"}).listen == "0.0.0.0"  # noqa: S104 - read, not listened on
    for other in ("localhost", "::", "192.168.0.1", "0"):
        with pytest.raises(WrongSetting, match=r"LISTEN must be 127\.0\.0\.1, or 0\.0\.0\.0"):
            read_settings({"LISTEN": other})


def test_the_highest_port_is_taken() -> None:
    assert read_settings({"PORT": "65535"}).port == 65535


@pytest.mark.parametrize(
    ("name", "characters"), [("PORT", 20), ("LISTEN", 20), ("SAMPLES", 20), ("ENDPOINT", 20), ("AWS_ENDPOINT_URL", 60)]
)
def test_of_a_long_value_the_beginning_is_shown(name: str, characters: int) -> None:
    with pytest.raises(WrongSetting, match=f"got '{'x' * characters}'$"):
        read_settings({"ENDPOINT": "1", name: "x" * 99})


def test_the_operators_variables_for_aws_are_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "environ", {"AWS_PROFILE": "anna", "HOME": "/home/anna"})
    enter_environment({"AWS_ENDPOINT_URL": "http://127.0.0.1:1"})
    assert os.environ == {"HOME": "/home/anna", "AWS_ENDPOINT_URL": "http://127.0.0.1:1"}


@pytest.mark.parametrize(("value", "program"), [("/opt/dynalite", "/opt/dynalite"), ("", None)])
def test_a_program_is_the_one_that_is_named(value: str, program: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_PROGRAM", value)
    assert configured_program("A_PROGRAM") == program


def test_the_stack_is_not_published_in_a_file_of_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "stack.new").touch()
    monkeypatch.setattr(Path, "unlink", lambda *_args, **_options: None)  # as if another made it again at once
    with pytest.raises(FileExistsError):
        publish_stack(tmp_path, "http://127.0.0.1:8000", {})
    assert not (tmp_path / "stack.json").exists()


def test_the_command_reads_files_by_the_settings_of_the_stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(os, "environ", {"VOLTBOOK_FEEDS": "own/feeds.toml", "VOLTBOOK_MAX_BAD_ROWS": "7"})
    publish_stack(tmp_path, "http://127.0.0.1:8000", {"VOLTBOOK_STAGE": "local"})

    monkeypatch.setattr(os, "environ", {"VOLTBOOK_MAX_BAD_ROWS": "9"})  # the command starts in another terminal
    read = LocalStack("", json.loads((tmp_path / "stack.json").read_text())["environment"]).settings()

    assert (read.feeds, read.bad_rows) == (tmp_path / "own" / "feeds.toml", 7)


def test_a_folder_is_made_with_those_above_it_and_may_be_there(tmp_path: Path) -> None:
    for _ in range(2):
        make_folder("INBOX", tmp_path / "mnt" / "inbox")
    assert (tmp_path / "mnt" / "inbox").is_dir()


def test_a_folder_that_cannot_be_made_is_said_in_one_line(tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    taken.touch()

    with pytest.raises(WrongSetting) as told:
        make_folder("INBOX", taken / "inbox")
    assert str(told.value) == f"INBOX: the folder {taken}/inbox cannot be made: Not a directory"
