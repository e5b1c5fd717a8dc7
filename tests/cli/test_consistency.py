"""What every command has in common: usage errors, options, days, clocks and refusals."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

import click
import openpyxl
import pytest
from click.testing import CliRunner

import cli
from chalicelib.common.csv_writer import NUMBERS
from chalicelib.common.errors import Unavailable
from chalicelib.fees.model import FEE_FIELDS
from chalicelib.reports.valued_columns import VALUED_NUMBERS
from chalicelib.trades.statement import SHOWN
from cli.app import voltbook
from cli.client.operation import OPERATIONS
from cli.client.operations import Client
from cli.commands.positions import AMOUNTS
from cli.options import DAY
from cli.render import files, listings, trades
from cli.render.trades import in_full
from tests.cli.conftest import CommandLine
from tests.cli.open_books import FakeBook, a_notice, a_receipt, a_report, a_scorecard
from tests.cli.test_app import every_command
from tests.fakes.clock import FakeClock
from tests.fixtures.trades import fields, trade

ROOT = Path(__file__).resolve().parents[2]
COMMANDS = [(path, command) for path, command in every_command() if path and not isinstance(command, click.Group)]
BACKWARDS = ("--start-day", "2026-06-16", "--end-day", "2026-06-15")
TOO_LONG = ("--start-day", "2024-01-01", "--end-day", "2026-06-15")
TIME = re.compile(r"\d{1,2} [A-Z][a-z]{2} \d{4} \d\d:\d\d(:\d\d)? CES?T")
UTC_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d")


@pytest.mark.parametrize(
    "args",
    [
        *((*group, *days) for group in (("report",), ("scorecard",)) for days in (BACKWARDS, TOO_LONG)),
        *((*group, "list", *days) for group in (("files",), ("prices",)) for days in (BACKWARDS, TOO_LONG)),
        *((*path.split(), "--no-such-option") for path, _ in COMMANDS),
        ("report", "--start-day", "2026-02-30"),
        ("trades", "list", "--day", "30.02.2026"),
        ("files", "show", "never"),
        ("files", "show"),
        ("morning", "20260615"),
        ("users", "add", "anna"),
        ("trades", "book", "--id", "T-1"),
        ("trades", "book", "--delivery-day", "soon"),
        ("files", "list", "-o", "xlsx"),
        ("files", "list", "--output", "files.xlsx"),
        ("morning", "--output", "html"),
        ("notices", "--days", "0"),
        ("check", "--at", "noon"),
        ("report", "--book", "prod", "--api", "https://book.example"),
    ],
    ids=" ".join,
)
def test_a_usage_error_is_2_and_asks_nothing(args: tuple[str, ...], book: FakeBook, run: CommandLine) -> None:
    result = run(*args)
    assert result.exit_code == 2, result.output
    assert result.stderr.startswith("Usage: ")
    assert book.asked == []


@pytest.mark.parametrize(("path", "command"), COMMANDS, ids=[path for path, _ in COMMANDS])
def test_output_is_a_file_and_o_a_format(path: str, command: click.Command) -> None:
    types = {option: parameter.type for parameter in command.params for option in parameter.opts}
    assert ("-o" in types) == ("--output" in types)
    if "-o" in types:
        assert isinstance(types["-o"], click.Choice)
        assert types["--format"] is types["-o"]
        assert isinstance(types["--output"], click.Path)


@pytest.mark.parametrize(("path", "command"), COMMANDS, ids=[path for path, _ in COMMANDS])
def test_the_help_begins_with_the_commands_own_options(path: str, command: click.Command) -> None:
    shared = {"output", "file", "plain", "decimal_comma", "book", "api", "user", "key_file", "profile", "debug"}
    order = [parameter.name in shared for parameter in command.params]
    assert order == sorted(order)


def test_a_list_goes_into_a_file_whose_suffix_is_the_format(book: FakeBook, run: CommandLine, tmp_path: Path) -> None:
    book.trades = [fields()]
    path = tmp_path / "trades.json"
    result = run("trades", "list", "--output", str(path))
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", f"written: {path}\n")
    assert path.read_text().startswith("[\n")


def test_the_morning_mail_goes_into_a_file(book: FakeBook, run: CommandLine, tmp_path: Path) -> None:
    book.mail = {"subject": "the mail", "text": "text", "html": "<p>html</p>", "letters": []}
    for name, content in (("mail.html", "<p>html</p>"), ("mail.txt", "text")):
        assert run("morning", "--output", str(tmp_path / name)).exit_code == 0
        assert (tmp_path / name).read_text() == content


def in_process() -> Iterator[tuple[str, ...]]:
    yield from (("verify",), ("rebuild-positions",), ("export-all", "out"), ("import-all", "."), ("audit", "list"))
    yield from (("notices",), ("morning",), ("check",), ("check", "--at", "2099-01-01T08:00"))
    yield ("files", "confirm-withdrawn", "2026-06-14")


def test_the_table_of_in_process_commands_is_complete() -> None:
    beside_another = {"topics_without_receiver"}  # of `check` and `notices`, which are refused first
    refused = [name for name in dir(Client) if isinstance(OPERATIONS.get(name), str) and name not in beside_another]
    assert len({args for args in in_process() if "--at" not in args}) == len(refused)


@pytest.mark.parametrize("args", list(in_process()), ids=" ".join)
def test_in_process_commands_refuse_http_before_they_ask_anything(
    args: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    def asked(*_: object, **__: object) -> str:
        raise AssertionError("nothing is asked")

    monkeypatch.setattr("cli.passwords.ask", asked)
    monkeypatch.setattr("cli.passwords.stored_password", asked)
    monkeypatch.setattr(click, "confirm", asked)
    result = CliRunner().invoke(voltbook, ["--api", "https://book.example", "--user", "anna", *args])
    assert result.exit_code == 2, result.output
    assert "not over the API" in " ".join(result.stderr.split()) or "over the API, `voltbook" in result.stderr
    assert "use --book" in " ".join(result.stderr.split())


@pytest.mark.parametrize(("word", "day"), [("today", "2026-03-29"), ("yesterday", "2026-03-28")])
def test_every_day_may_be_today_or_yesterday_in_berlin(word: str, day: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chalicelib.common.clock.clock", lambda: FakeClock(datetime(2026, 3, 28, 23, 30, tzinfo=UTC)))
    assert DAY.convert(word, None, None) == date.fromisoformat(day)
    days = [
        (path, parameter)
        for path, command in COMMANDS
        for parameter in command.params
        if parameter.name in {"day", "file_day", "start_day", "end_day", "delivery_day"}
    ]
    assert [path for path, parameter in days if parameter.type is not DAY] == []


def test_no_text_asks_a_public_index_for_voltbook() -> None:
    texts = [ROOT / "README.md", *ROOT.glob("docs/*.md"), *ROOT.glob("cli/**/*.py")]
    assert [path.name for path in texts if re.search(r"pip install ['\"]?voltbook", path.read_text("utf-8"))] == []


_IN_UNITS = re.compile(r"(.+_)?(eur|mw|mwh)(_mwh)?")


def _csv_columns() -> set[str]:
    """Return the columns of CSV outputs: reports and positions have numbers of their own."""
    modules = [
        import_module(module.name) for module in walk_packages(cli.__path__, "cli.") if "__main__" not in module.name
    ]
    found = {
        name for module in modules for key, names in vars(module).items() if key.endswith("COLUMNS") for name in names
    }
    return {name for name in found if isinstance(name, str)} | {*SHOWN, *FEE_FIELDS}


def test_numbers_of_every_csv_are_written_as_numbers() -> None:
    columns = {name for name in _csv_columns() if _IN_UNITS.fullmatch(name)}
    assert {"price_eur_mwh", "rate_eur_mwh", "effect_eur", "quantity_mw", "cash_eur"} <= columns
    assert columns <= NUMBERS | AMOUNTS | VALUED_NUMBERS


def test_the_version_is_an_option_too(run: CommandLine) -> None:
    result = run("--version")
    assert result.exit_code == 0
    assert result.stdout.split() == run("version").stdout.rpartition(",")[0].split()


def test_the_help_of_profiles_shows_the_file_line_by_line(run: CommandLine) -> None:
    text = run("profiles", "--help").stdout
    assert '    [profiles.prod]\n    api = "https://book.example.com"\n' in text
    assert "\\b" not in text


@pytest.mark.parametrize(
    ("typed", "hint"),
    [
        ("Trader_1", "no trader 'Trader_1'; did you mean trader_1?\n"),
        ("trader1", "no trader 'trader1'; did you mean trader_1?\n"),
        ("zoe", "no trader 'zoe' in the book\n"),
    ],
)
@pytest.mark.parametrize("command", [("report",), ("trades", "list", "--trader")], ids=" ".join)
def test_an_unknown_trader_gets_the_most_similar_one(
    command: tuple[str, ...], typed: str, hint: str, book: FakeBook, run: CommandLine
) -> None:
    day = date(2023, 2, 28)
    desk = a_report([trade("a", trader_id="trader_1"), trade("b", trader_id="bot")], day, trader_id=None)
    book.reports = [a_report((), day, trader_id=typed), desk] if command == ("report",) else [desk]
    result = run(*command, typed)
    assert (result.exit_code, result.stderr) == (0, hint)


@pytest.mark.parametrize("typed", ["yesterday", "tomorrow", "2023-02-28"])
@pytest.mark.parametrize("command", ["report", "scorecard", "trades list --trader"])
def test_a_day_in_place_of_a_trader_is_refused_with_its_option(
    command: str, typed: str, book: FakeBook, run: CommandLine
) -> None:
    empty = a_scorecard if command == "scorecard" else a_report
    book.reports = [empty((), date(2023, 2, 28), date(2023, 2, 28))]
    result = run(*command.split(), typed)
    assert (result.exit_code, result.stdout) == (2, "")
    right = f"voltbook {command.removesuffix(' --trader')} --start-day {typed}"
    assert f"there is no trader {typed!r} in the book; for the day: {right}\n" in result.stderr


def test_a_trader_without_trades_on_the_day_is_known(book: FakeBook, run: CommandLine) -> None:
    book.reports, book.trades = [a_report((), date(2023, 2, 28))], [fields()]
    assert run("report", "trader_1").stderr == ""


def test_a_traders_login_sees_no_other_names(book: FakeBook, run: CommandLine) -> None:
    own = a_report((), date(2023, 2, 28), trader_id="trader_2")
    book.reports = [own, own]
    assert run("report", "trader_2").stderr == "no trader 'trader_2' in the book\n"


def test_a_hint_that_cannot_be_had_is_no_error(book: FakeBook, run: CommandLine) -> None:
    book.reports = [a_report((), date(2023, 2, 28)), Unavailable("gone")]
    assert (run("report", "trader_1").exit_code, run("report", "-h").exit_code) == (0, 0)


REVISION = {
    "said_at": "2026-11-28T21:07:00Z",
    "source": "user anna",
    "withdrawn": False,
    "matched_by": None,
    **in_full(fields()),
}
ACT = {"at": "2026-11-28T21:07:11Z", "by": "anna", "act": "repaired", "on": "-", "before": {}, "after": {}}
TABLES = {
    "files": files.files_table([a_receipt()]),
    "file": files.file_text({"newest": a_receipt(), "versions": [a_receipt()], "notices": [a_notice()]}),
    "trades": trades.trades_table([in_full(fields())]),
    "trade": trades.trade_table(in_full(fields())),
    "history": trades.history_table([REVISION]),
    "notices": listings.notices_table([a_notice()]),
    "audit": listings.audit_table([ACT]),
}


@pytest.mark.parametrize("name", TABLES)
def test_tables_have_one_clock_and_whole_words(name: str) -> None:
    text = TABLES[name]
    assert TIME.search(text)
    assert not UTC_TIME.search(text)
    assert not re.search(r"[A-Z][a-z]+\.( |$)", text.splitlines()[0])


def test_exports_of_several_traders_name_each(book: FakeBook, run: CommandLine, tmp_path: Path) -> None:
    day, names = date(2023, 2, 28), {"trader_1", "trader_2"}
    book.trades = [fields(trader_id=name) for name in sorted(names)]
    rows = csv.DictReader(io.StringIO(run("trades", "list", "-o", "csv").stdout))
    assert {row["trader_id"] for row in rows} == names
    desk = a_report([trade(name, trader_id=name) for name in names], day, trader_id=None)
    book.reports = [desk, desk, a_report([trade("a")], day)]
    lines = csv.DictReader(io.StringIO(run("report", "-o", "csv").stdout))
    assert {row["label"] for row in lines if row["kind"] == "trader"} == names
    assert run("report", "--output", str(tmp_path / "desk.xlsx")).exit_code == 0
    cells = [cell.value for row in openpyxl.load_workbook(tmp_path / "desk.xlsx")["report"] for cell in row]
    assert names <= set(cells)
    assert run("report", "trader_1", "--output", str(tmp_path / "one.xlsx")).exit_code == 0
    about = openpyxl.load_workbook(tmp_path / "one.xlsx")["about"]
    assert [cell.value for cell in about[1]] == ["trader_id", "trader_1"]
