"""What is named for import must be a file: a pipe would wait for its writer, and a device has no end."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.cli.conftest import CommandLine
from tests.cli.open_books import FakeBook

NAMES = {("import",): "epex_trades_20230220.csv", ("prices", "import"): "reference_prices_20230220.csv"}


@pytest.fixture(params=NAMES.items(), ids=["trades", "prices"])
def command(request: pytest.FixtureRequest) -> tuple[tuple[str, ...], str]:
    found: tuple[tuple[str, ...], str] = request.param
    return found


def test_named_pipe_is_refused_without_waiting_for_a_writer(
    book: FakeBook, run: CommandLine, tmp_path: Path, command: tuple[tuple[str, ...], str]
) -> None:
    words, name = command
    os.mkfifo(tmp_path / name)

    result = run(*words, str(tmp_path / name))

    assert result.exit_code == 2
    assert f"{name!r} is a pipe; expected a file: write its content to a file first" in " ".join(
        result.stderr.replace("│", " ").split()
    )
    assert book.asked == []


@pytest.mark.parametrize(("target", "what"), [("/dev/null", "device"), ("/dev/zero", "device"), (".", "directory")])
def test_device_or_directory_under_the_name_of_a_file_is_refused(
    book: FakeBook, run: CommandLine, tmp_path: Path, command: tuple[tuple[str, ...], str], target: str, what: str
) -> None:
    words, name = command
    (tmp_path / name).symlink_to(target)

    result = run(*words, str(tmp_path / name))

    assert result.exit_code == 2
    assert what in result.stderr
    assert book.asked == []


def test_pipe_that_is_open_already_may_be_read(book: FakeBook, run: CommandLine) -> None:
    book.said = [{"received": 1, "changed": 1, "unchanged": 0}]
    reader, writer = os.pipe()
    os.write(writer, b"delivery_day,delivery_hour,price\n2023-02-20,1,5\n")
    os.close(writer)
    try:
        result = run("prices", "import", f"/dev/fd/{reader}")
    finally:
        os.close(reader)
    assert result.exit_code == 0, result.stderr
    assert book.asked == [(("2023-02-20", 1, 5),)]
