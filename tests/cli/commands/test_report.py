"""`voltbook report`: which days and whose, and how it is printed."""

import csv
import io
import json
from datetime import UTC, date, datetime

import pytest

from chalicelib.common.errors import AnswerTooLarge, NotFound
from chalicelib.reports.valued_report import Shape
from cli.output.json import Json
from tests.cli.conftest import CommandLine
from tests.cli.open_books import FakeBook, a_report, a_value
from tests.fakes.clock import FakeClock
from tests.fixtures.statements import stated_trade
from tests.fixtures.trades import positions_of, trade

DAY = date(2023, 2, 28)
LOSS = trade("a", price=100_000, quantity=10)


@pytest.fixture(autouse=True)
def _just_after_midnight_in_berlin(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = FakeClock(datetime(2023, 2, 28, 23, 30, tzinfo=UTC))
    monkeypatch.setattr("chalicelib.common.clock.clock", lambda: clock)


@pytest.mark.parametrize(
    ("args", "asked"),
    [
        ((), (None, "2023-02-28", "2023-02-28")),
        (("trader_1",), ("trader_1", "2023-02-28", "2023-02-28")),
        (("--start_day", "2023-02-01"), (None, "2023-02-01", "2023-02-01")),
        (("--end_day", "2023-02-02"), (None, "2023-02-02", "2023-02-02")),
        (
            ("trader_1", "--start-day", "2023-02-01", "--end-day", "2023-02-03"),
            ("trader_1", "2023-02-01", "2023-02-03"),
        ),
    ],
    ids=["nothing: the desk, yesterday in Berlin", "a trader", "start only", "end only", "a range"],
)
def test_whose_and_which_days(
    args: tuple[str, ...], asked: tuple[object, ...], book: FakeBook, run: CommandLine
) -> None:
    book.reports = [a_report([LOSS], DAY)]
    assert run("report", *args).exit_code == 0
    assert book.asked == [asked]


@pytest.mark.parametrize("day", ["20230228", "2023-2-28", "2023-02-29", "28.02.2023", "", "morgen"])
def test_a_day_is_written_one_way_only(day: str, book: FakeBook, run: CommandLine) -> None:
    result = run("report", "--start-day", day)
    assert result.exit_code == 2
    assert "YYYY-MM-DD" in result.stderr
    assert book.asked == []


def test_piped_it_is_csv(book: FakeBook, run: CommandLine) -> None:
    book.reports = [a_report([LOSS], DAY)]
    rows = list(csv.DictReader(io.StringIO(run("report").stdout_bytes.decode(), newline="")))
    assert rows[-1]["pnl_eur"] == "-10000.00"


def test_on_a_terminal_it_is_a_table_in_colours(
    book: FakeBook, run: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cli.output.listing.at_terminal", lambda _: True)
    monkeypatch.setattr("cli.terminal.at_terminal", lambda _: True)
    book.reports = [a_report([LOSS], DAY)]
    assert "\x1b[31m-10 000.00\x1b[0m" in run("report", TERM="xterm").stdout


@pytest.mark.parametrize(
    ("environment", "coloured"),
    [
        ({}, False),
        ({"FORCE_COLOR": "1"}, True),
        ({"FORCE_COLOR": "1", "TERM": "dumb"}, True),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        ({"NO_COLOR": "1"}, False),
    ],
    ids=["piped", "forced", "forced on a dumb terminal", "refused though forced", "refused"],
)
def test_colours_where_they_are_wanted(
    environment: dict[str, str], coloured: bool, book: FakeBook, run: CommandLine
) -> None:
    book.reports = [a_report([LOSS], DAY)]
    assert ("\x1b[" in run("report", "-o", "table", **environment).stdout) is coloured


def test_json_is_the_report(book: FakeBook, run: CommandLine) -> None:
    report = a_report([LOSS], DAY)
    book.reports = [report]
    assert json.loads(run("report", "-o", "json").stdout) == report


@pytest.mark.parametrize("trader", [(), ("trader_1",)])
def test_a_report_without_trades_leads_to_the_newest_day_with_some(
    trader: tuple[str, ...], book: FakeBook, run: CommandLine
) -> None:
    book.reports, book.newest = [a_report((), DAY)], {"newest_day": "2023-02-20"}
    book.trades = [trade("a").as_fields()]
    result = run("report", *trader)
    command = " ".join(["voltbook report", *trader, "--start-day 2023-02-20"])
    assert f"newest day with trades: 2023-02-20 ({command})" in result.stderr
    assert "newest" not in result.stdout


@pytest.mark.parametrize("newest", [{"newest_day": None}, NotFound("an earlier release has no such route")])
def test_without_a_newest_day_the_report_is_all(newest: Json | Exception, book: FakeBook, run: CommandLine) -> None:
    book.reports, book.newest = [a_report((), DAY)], newest
    result = run("report")
    assert result.exit_code == 0
    assert "newest" not in result.stderr


def test_a_report_with_trades_asks_for_no_newest_day(book: FakeBook, run: CommandLine) -> None:
    book.reports, book.newest = [a_report([LOSS], DAY)], {"newest_day": "2023-02-28"}
    assert "newest" not in run("report").stderr


@pytest.mark.parametrize(
    ("args", "asked"),
    [
        (("--grain", "quarter"), ("quarter", None)),
        (("--by", "strategy,area"), ("hour", "strategy,area")),
        (("--by", "strategy", "--by", "trader"), ("hour", "strategy,trader")),
        (("--by", "hour,venue", "--grain", "quarter"), ("quarter", "venue")),
        (("--by", "trader", "--grain", "hour"), ("hour", None)),
    ],
)
def test_quarter_hours_and_groups_are_asked_for_with_their_value(
    args: tuple[str, ...], asked: tuple[object, ...], book: FakeBook, run: CommandLine
) -> None:
    book.values = [a_value({DAY: []}, Shape(), {})]
    book.newest = NotFound("there is no such address")
    assert run("report", *args).exit_code == 0
    assert book.asked == [(None, "2023-02-28", "2023-02-28", *asked)]


def test_a_workbook_of_many_days_says_that_their_value_is_too_large(
    book: FakeBook, run: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def too_large(*_: object) -> None:
        days = "about 65 days, such as start_day=2023-01-01&end_day=2023-03-06"
        raise AnswerTooLarge(f"it is too large: page through it with limit over HTTP, or narrow it to {days}")

    said = "it is too large: narrow it to about 65 days, such as --start-day 2023-01-01 --end-day 2023-03-06"
    book.reports = [a_report([LOSS], DAY)]
    monkeypatch.setattr(book, "report_value", too_large)
    result = run("report", "-o", "xlsx")
    assert (result.exit_code, result.stdout_bytes[:2]) == (0, b"PK")
    assert f"the workbook has no sheet value: {said}\n" in result.stderr
    result = run("report", "--grain", "quarter")
    assert (result.exit_code, result.stderr) == (1, f"voltbook: {said}\n")


def test_groups_are_shown_alone_or_beside_the_parts_that_are_named(book: FakeBook, run: CommandLine) -> None:
    positions = {DAY: positions_of([LOSS])}
    kinds = []
    for by in ("venue", "hour,venue"):
        book.values = [a_value(positions, Shape(by=("venue",)), {})]
        rows = csv.DictReader(io.StringIO(run("report", "--by", by).stdout_bytes.decode(), newline=""))
        kinds.append([row["kind"] for row in rows])
    assert kinds == [["group", "total"], [*["hour"] * 24, "group", "total"]]


def test_the_json_of_groups_is_the_whole_report(book: FakeBook, run: CommandLine) -> None:
    value = a_value({DAY: positions_of([LOSS])}, Shape(by=("venue",)), {})
    book.values = [value]
    assert json.loads(run("report", "--by", "venue", "-o", "json").stdout) == value


def test_the_value_names_the_sets_of_its_prices(book: FakeBook, run: CommandLine) -> None:
    for prices, ending in ((dict.fromkeys(range(24), 5000), " (set desk)."), ({}, ".")):
        book.values = [a_value({DAY: positions_of([LOSS])}, Shape(), prices)]
        table = run("report", "--grain", "hour", "-o", "table", COLUMNS="120").stdout
        assert f"at its reference price{ending}\n" in table


def test_a_table_names_areas_and_csv_keeps_their_codes(book: FakeBook, run: CommandLine) -> None:
    trades = [stated_trade(area="TTG"), stated_trade("v2", area="10Y1001A1001A82H"), stated_trade("v3", area=None)]
    value = a_value({trades[0].delivery_day: positions_of(trades)}, Shape(by=("area", "venue")), {})
    book.values = [value, value]
    table = run("report", "--by", "area,venue", "-o", "table", COLUMNS="120").stdout
    labels = [line.split("  ")[0] for line in table.splitlines() if " / epex" in line]
    assert sorted(labels) == ["(none) / epex", "DE-LU / epex", "TTG / epex"]
    rows = list(csv.DictReader(io.StringIO(run("report", "--by", "area,venue").stdout_bytes.decode(), newline="")))
    assert {row["area"] for row in rows[:-1]} == {"", "10YDE-EON------1", "10Y1001A1001A82H"}
    assert {row["label"] for row in rows[:-1]} == {f"{row['area'] or '(none)'} / epex" for row in rows[:-1]}


@pytest.mark.parametrize(("option", "expected"), [("--by", "'area'"), ("--grain", "'quarter'")])
def test_an_unknown_part_or_grain_is_refused(option: str, expected: str, book: FakeBook, run: CommandLine) -> None:
    result = run("report", option, "desk")
    assert (result.exit_code, book.asked) == (2, [])
    assert expected in result.stderr
