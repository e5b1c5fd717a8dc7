"""Files are there whole or not at all, and what cannot work is said before anything is asked for."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from cli.output.listing import write_file
from tests.cli.conftest import CommandLine
from tests.cli.open_books import FakeBook, a_report
from tests.cli.test_golden import DAY


@pytest.fixture
def book_of_a_report(book: FakeBook) -> FakeBook:
    book.reports = [a_report((), DAY)]
    return book


def test_a_file_is_written_and_named_on_stderr(book_of_a_report: FakeBook, run: CommandLine, tmp_path: Path) -> None:
    path = tmp_path / "report.csv"
    result = run("report", "--start-day", "2026-06-15", "--output", str(path))
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == f"written: {path}\n"
    assert path.read_bytes().startswith(b"kind,delivery_day,")


@pytest.mark.parametrize(
    ("name", "args", "begins"),
    [
        ("r.json", (), b"{\n"),
        ("R.XLSX", (), b"PK"),
        ("r.parquet", (), b"PAR1"),
        ("r.txt", (), b"PnL of"),
        ("r.dat", ("-o", "csv"), b"kind,"),
        ("r.json", ("-o", "csv"), b"kind,"),
        ("r.csv", ("--decimal-comma",), b"\xef\xbb\xbfkind;"),
    ],
)
def test_the_suffix_says_the_format_unless_it_is_said(
    name: str, args: tuple[str, ...], begins: bytes, book_of_a_report: FakeBook, run: CommandLine, tmp_path: Path
) -> None:
    assert run("report", "--start-day", "2026-06-15", "--output", str(tmp_path / name), *args).exit_code == 0
    assert (tmp_path / name).read_bytes().startswith(begins)


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (("--output", "r.foo"), "add -o FORMAT"),
        (("--output", "nowhere/r.csv"), "folder 'nowhere' does not exist"),
        (("--output", "r"), "does not end in one of"),
        (("--output", ".", "-o", "csv"), "is a directory"),
        (("--output", "r.csv", "--plain"), "--plain requires -o table, not csv"),
        (("--output", "r.json", "--decimal-comma"), "--decimal-comma requires -o csv, not json"),
        (("--plain", "--decimal-comma"), "give one of them"),
        (("--by", "day", "-o", "json"), "which is the whole report"),
        (("trader_1", "--by", "trader"), "omit TRADER"),
        (("trader_1", "--desk"), "exclude each other"),
        (("--watch", "-o", "csv"), "excludes other formats"),
        (("--watch", "-o", "table"), "needs a terminal"),
        (("--watch", "trader_1"), "a TRADER goes before --watch"),
    ],
)
def test_what_does_not_go_together_is_said_before_anything_is_asked(
    args: tuple[str, ...],
    says: str,
    book_of_a_report: FakeBook,
    run: CommandLine,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run("report", *args)
    assert result.exit_code == 2
    assert says in " ".join(result.stderr.split())
    assert book_of_a_report.asked == []
    assert list(tmp_path.iterdir()) == []


def test_by_trader_of_a_report_that_is_one_traders_is_a_usage_error(
    book_of_a_report: FakeBook, run: CommandLine
) -> None:
    result = run("report", "--by", "trader", "-o", "table")
    assert result.exit_code == 2
    assert "omit TRADER" in result.stderr


def test_no_workbook_on_a_terminal(
    book_of_a_report: FakeBook, run: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cli.output.options.at_terminal", lambda _: True)
    result = run("report", "-o", "xlsx")
    assert result.exit_code == 2
    assert "add --output FILE" in result.stderr


def test_who_could_read_a_file_still_can_and_nobody_else(tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    path.write_text("old")
    path.chmod(0o640)
    write_file(b"new", path)
    assert (path.read_text(), stat.S_IMODE(path.stat().st_mode)) == ("new", 0o640)


def test_a_new_file_has_what_the_umask_leaves(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        write_file(b"new", tmp_path / "r.csv")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "r.csv").stat().st_mode) == 0o640


def test_a_link_stays_one(tmp_path: Path) -> None:
    (tmp_path / "real.csv").write_text("old")
    (tmp_path / "link.csv").symlink_to("real.csv")
    write_file(b"new", tmp_path / "link.csv")
    assert (tmp_path / "link.csv").is_symlink()
    assert (tmp_path / "real.csv").read_text() == "new"


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(
    book_of_a_report: FakeBook, run: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "r.csv"
    path.write_text("old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    result = run("report", "--start-day", "2026-06-15", "--output", str(path))
    assert result.exit_code == 1
    assert f"voltbook: {path} cannot be written: No space left on device\n" in result.stderr
    assert [one.name for one in tmp_path.iterdir()] == ["r.csv"]
    assert path.read_text() == "old"


def test_a_device_is_written_to_and_not_replaced() -> None:
    write_file(b"gone", Path(os.devnull))
    assert stat.S_ISCHR(Path(os.devnull).stat().st_mode)
