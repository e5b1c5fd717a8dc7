"""The command as a whole: quick help, honest ends, and no traceback but on request."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from chalicelib.common.errors import InvalidRequest, Problem
from cli import __main__ as entry
from cli.app import voltbook
from cli.lazy_group import Exampled, LazyGroup
from cli.output.table import table
from tests.cli.conftest import CommandLine
from tests.cli.open_books import FakeBook

ROOT = Path(__file__).resolve().parents[2]
HEAVY = {
    "argon2",
    "duckdb",
    "keyring",
    "tomllib",
    "xlsxwriter",
    "boto3",
    "botocore",
    "pynamodb",
    "requests",
    "tabulate",
    "urllib3",
    "cli.commands.report",
}
OURS_AT_MOST = 10
REPORT_AT_MOST = 300


def every_command(command: click.Command = voltbook, *path: str) -> Iterator[tuple[str, click.Command]]:
    yield " ".join(path), command
    if isinstance(command, click.Group):
        for name in command.list_commands(click.Context(command)):
            found = command.get_command(click.Context(command), name)
            assert found is not None
            yield from every_command(found, *path, name)


def in_a_process(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_help_imports_no_command_and_no_sdk() -> None:
    done = in_a_process(
        "import sys\nfrom cli.app import voltbook\n"
        "try: voltbook(['--help'])\n"
        "finally: print(*sys.modules, file=sys.stderr)\n"
    )
    modules = set(done.stderr.split())
    assert done.returncode == 0
    assert done.stdout.startswith("Usage: ")
    assert modules & HEAVY == set()
    ours = {name for name in modules if name.startswith(("chalicelib.", "cli."))}
    assert len(ours) <= OURS_AT_MOST, sorted(ours)


def test_a_report_loads_no_noun_that_it_does_not_show() -> None:
    done = in_a_process(
        "import sys\nfrom cli.commands import report\nfrom cli.output.table import table\n"
        "print(table(['a'], [['b']], 'l'), file=sys.stderr)\nprint(*sys.modules)\n"
    )
    modules = set(done.stdout.split())
    assert done.returncode == 0, done.stderr
    assert modules & {"botocore", "pynamodb", "wcwidth"} == set()
    others = ("admin", "audit", "imports", "mails", "notices")
    assert [name for name in modules if name.startswith(tuple(f"chalicelib.{noun}" for noun in others))] == []
    assert len(modules) <= REPORT_AT_MOST, len(modules)


def test_wide_text_is_aligned_after_a_table_without() -> None:
    assert table(["a", "b"], [["x", "1"]], "ll").splitlines()[2] == "x  1"
    lines = table(["a", "b"], [["東京", "1"], ["x", "2"]], "ll").splitlines()
    assert lines[2:] == ["東京  1", "x     2"]
    assert table(["a", "b"], [["x", "1"]], "ll").splitlines()[2] == "x  1"


@pytest.mark.parametrize(("path", "command"), list(every_command()), ids=lambda value: str(value) or "voltbook")
def test_help_says_what_it_does_and_then_how(path: str, command: click.Command, run: CommandLine) -> None:
    result = run(*path.split(), "--help")
    assert result.exit_code == 0
    assert isinstance(command, Exampled)
    assert command.help
    for line in "\n".join(command.examples).split("\n"):
        assert f"  {line}\n" in result.stdout
    assert all(len(line) <= 80 for line in result.stdout.splitlines())


def test_the_first_page_opens_with_two_examples(run: CommandLine) -> None:
    shown = [line.strip() for line in run("--help").stdout.splitlines()]
    assert shown[4:6] == list(voltbook.examples)


@pytest.mark.parametrize(
    "example",
    [one for _, command in every_command() if isinstance(command, Exampled) for one in command.examples],
)
def test_every_example_is_one_the_command_understands(example: str, tmp_path: Path) -> None:
    example = example.replace(" backup", f" {tmp_path}")
    words = re.split("[<>]", example)[0].replace("\\\n", " ").replace("_*.csv", "_20260614.csv").split()
    assert words[0] == "voltbook"
    command: click.Command = voltbook
    context = click.Context(voltbook)
    words = words[1:]
    while isinstance(command, click.Group):
        found = command.get_command(context, words.pop(0))
        assert found is not None
        command = found
    words = ["-" if word.startswith("fees.") else word for word in words if word not in {"--json", "trades.csv"}]
    command.make_context("voltbook", words)


def test_the_line_in_the_list_is_about_the_command_it_names() -> None:
    for _, command in every_command():
        for name, (place, line) in command.lazy.items() if isinstance(command, LazyGroup) else ():
            assert place.split(":")[0].startswith("cli.commands."), name
            assert line.endswith("."), name


def test_no_command_is_a_usage_error_that_shows_the_help(run: CommandLine) -> None:
    result = run()
    assert result.exit_code == 2
    assert "Commands:" in result.stderr


def test_an_unknown_command_is_a_usage_error(run: CommandLine) -> None:
    assert run("repotr").exit_code == 2


def test_problems_are_listed_field_by_field(book: FakeBook, run: CommandLine) -> None:
    problems = (Problem("start_day", "must be a day"), Problem("end_day", "must be \x1b[2J a day"))
    book.reports = [InvalidRequest("the query has 2 problems", problems)]
    result = run("report")
    assert result.exit_code == 1
    assert result.stderr == (
        "voltbook: the query has 2 problems\n  start_day: must be a day\n  end_day: must be \\x1b[2J a day\n"
    )


def test_ctrl_c_is_130_without_a_traceback(book: FakeBook, run: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(book, "report", interrupted)
    result = run("report")
    assert result.exit_code == 130
    assert "Traceback" not in result.output


def test_ctrl_c_while_the_command_line_is_read_is_130(run: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(click.Command, "parse_args", interrupted)
    result = run("report")
    assert result.exit_code == 130
    assert "Traceback" not in result.output


def test_ctrl_c_while_modules_are_read_is_130(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("cli.app.main", interrupted)
    monkeypatch.setattr("cli.__main__.signal.signal", lambda *_: None)  # this process still wants to hear of it
    with pytest.raises(SystemExit) as ended:
        entry.main()
    assert ended.value.code == 130


def test_ctrl_c_at_a_prompt_is_130(book: FakeBook, run: CommandLine) -> None:
    book.reports = [click.Abort()]
    assert run("report").exit_code == 130


def test_what_nobody_foresaw_is_one_sentence_and_a_hint(book: FakeBook, run: CommandLine) -> None:
    book.reports = [ZeroDivisionError("of what\never")]
    result = run("report")
    assert result.exit_code == 1
    assert result.stderr == (
        "voltbook: unexpected error: ZeroDivisionError: of what\\never\n"
        "voltbook: --debug (or VOLTBOOK_DEBUG=1) shows the traceback\n"
    )


@pytest.mark.parametrize(
    ("args", "environment"),
    [(["--debug", "report"], {}), (["report", "--debug"], {}), (["report"], {"VOLTBOOK_DEBUG": "1"})],
    ids=["before", "after", "variable"],
)
def test_debug_shows_where(args: list[str], environment: dict[str, str], book: FakeBook, run: CommandLine) -> None:
    book.reports = [ZeroDivisionError("of what")]
    result = run(*args, **environment)
    assert result.exit_code == 1
    assert "Traceback" in result.stderr


def test_a_closed_pipe_is_no_error_and_says_nothing() -> None:
    done = in_a_process(
        "import os, sys\n"
        "read, write = os.pipe()\n"
        "os.close(read)\n"
        "os.dup2(write, 1)\n"
        "from cli.app import main\n"
        "sys.argv = ['voltbook', 'version']\n"
        "main()\n"
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize(
    "args",
    [
        ("--book", "prod", "--user", "anna", "report"),
        ("--book", "prod", "report", "--user", "anna"),
        ("report", "--book", "prod", "--user", "anna"),
        ("--book", "dev", "report", "--book", "prod", "--user", "anna"),
    ],
)
def test_the_book_may_be_named_before_or_after_the_command(
    args: tuple[str, ...], book: FakeBook, run: CommandLine
) -> None:
    book.reports = [InvalidRequest("far enough")]
    run(*args)
    assert [(wish.book, wish.user) for wish in book.connections] == [("prod", "anna")]


@pytest.mark.parametrize("args", [("--user", "anna", "users", "list"), ("users", "list", "--user", "anna")])
def test_a_login_without_an_api_is_a_usage_error(args: tuple[str, ...], run: CommandLine) -> None:
    result = run(*args)
    assert result.exit_code == 2
    assert "--user requires --api" in result.stderr


def test_a_login_in_the_environment_is_harmless_without_an_api(run: CommandLine, tmp_path: Path) -> None:
    result = run("users", "list", VOLTBOOK_USER="anna", DATA_DIR=str(tmp_path))
    assert result.exit_code == 5
    assert "the local book is not running" in result.stderr


def test_a_login_as_an_option_goes_before_one_in_the_environment(book: FakeBook, run: CommandLine) -> None:
    run("--user", "anna", "users", "list", VOLTBOOK_USER="other")
    assert [wish.user for wish in book.connections] == ["anna"]


def test_version_is_one_line(run: CommandLine) -> None:
    result = run("version")
    assert result.exit_code == 0
    assert result.stdout.startswith("voltbook ")
    assert run("version", "-o", "json").stdout.startswith("[\n")
