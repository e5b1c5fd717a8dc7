"""`voltbook verify`, `rebuild-positions`, `export-all`, `import-all`: what they say, and the exit code."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import CommandLine
from tests.cli.open_books import FakeBook

COUNTED = {"trades": 3, "revisions": 4, "positions": 2, "files": 1, "digest": "ab"}


def test_a_sound_book_is_exit_0_and_says_what_was_walked(book: FakeBook, run: CommandLine) -> None:
    book.proof = {**COUNTED, "deviations": []}
    result = run("verify", "-o", "json")
    assert (result.exit_code, json.loads(result.stdout)) == (0, [])
    assert "3 trades (4 revisions), 2 positions, 1 versions of files: 0 deviations; digest ab" in result.stderr


def test_each_deviation_is_a_line_and_the_exit_code_1(book: FakeBook, run: CommandLine) -> None:
    book.proof = {**COUNTED, "deviations": ["position of 'a'", "trade 'b\u202e'"]}
    result = run("verify", "-o", "table")
    assert result.exit_code == 1
    assert result.stdout.splitlines()[0] == "position of 'a'"
    assert "\u202e" not in result.stdout
    assert len(result.stdout.splitlines()) == 2


def test_what_was_mended_is_said(book: FakeBook, run: CommandLine) -> None:
    book.mended = ["position of 'a'"]
    result = run("rebuild-positions", "-o", "table")
    assert (result.exit_code, result.stdout) == (0, "position of 'a'\n")
    assert "1 of 2 positions repaired" in result.stderr


@pytest.mark.parametrize("command", ["export-all", "import-all"])
def test_a_moved_book_is_counted_by_table(command: str, book: FakeBook, run: CommandLine, tmp_path: Path) -> None:
    result = run(command, str(tmp_path), "-o", "csv")
    assert result.exit_code == 0
    assert result.stdout.splitlines() == ["table,items", "trades,2", "users,1"]
    assert book.asked == [(tmp_path,)]


def test_a_folder_to_import_from_must_be_there(run: CommandLine, tmp_path: Path) -> None:
    assert run("import-all", str(tmp_path / "none")).exit_code == 2
