"""The report: aligned, complete, honest about its data, and the same numbers in every form."""

import csv
import io
import json
from datetime import date

import pytest

from chalicelib.domain.completeness import Completeness, State
from chalicelib.domain.report_rows import report_csv
from cli.render.report import report_json, report_table
from tests.cli.open_books import a_report
from tests.trades import trade

DAY = date(2023, 2, 28)
NEXT = date(2023, 3, 1)
TRADES = (
    trade("a", price=5000, quantity=10, direction="buy"),
    trade("b", price=5550, quantity=10, direction="sell"),
    trade("c", price=12345, quantity=1200, direction="buy", delivery_hour=18),
)
GREEN, RED, END = "\x1b[32m", "\x1b[31m", "\x1b[0m"

ONE_DAY = """\
PnL of trader_1, delivery 2023-02-28
Data: complete; newest import 2023-03-01T00:02:11Z

Hour       Trades    Buy [MW]    Sell [MW]    PnL [EUR]
-------  --------  ----------  -----------  -----------
00 - 01         0           0            0         0.00
01 - 02         0           0            0         0.00
02 - 03         0           0            0         0.00
03 - 04         0           0            0         0.00
04 - 05         0           0            0         0.00
05 - 06         0           0            0         0.00
06 - 07         0           0            0         0.00
07 - 08         0           0            0         0.00
08 - 09         0           0            0         0.00
09 - 10         0           0            0         0.00
10 - 11         0           0            0         0.00
11 - 12         0           0            0         0.00
12 - 13         0           0            0         0.00
13 - 14         2          10           10        55.00
14 - 15         0           0            0         0.00
15 - 16         0           0            0         0.00
16 - 17         0           0            0         0.00
17 - 18         0           0            0         0.00
18 - 19         1       1 200            0  -148 140.00
19 - 20         0           0            0         0.00
20 - 21         0           0            0         0.00
21 - 22         0           0            0         0.00
22 - 23         0           0            0         0.00
23 - 24         0           0            0         0.00
-------  --------  ----------  -----------  -----------
Total           3       1 210           10  -148 085.00
"""


def test_one_day_is_every_hour_and_a_total() -> None:
    assert report_table(a_report(TRADES, DAY), colour=False) == ONE_DAY


def test_gains_are_green_and_losses_red_and_nothing_else_is() -> None:
    coloured = report_table(a_report(TRADES, DAY), colour=True)
    assert f"{GREEN}55.00{END}" in coloured
    assert f"{RED}-148 140.00{END}" in coloured
    assert coloured.count(END) == 3
    assert coloured.replace(GREEN, "").replace(RED, "").replace(END, "") == ONE_DAY


def test_the_desk_over_a_range_has_a_line_a_day_and_a_line_a_trader() -> None:
    other = trade("d", price=686, quantity=7, trader_id="bot", delivery_day="2023-03-01")
    provisional = Completeness(State.PROVISIONAL, quarantined={NEXT: 2})
    report = a_report([*TRADES[:2], other], DAY, NEXT, None, {NEXT: provisional})
    printed = report_table(report, colour=False)
    assert "PnL of the desk, delivery 2023-02-28 to 2023-03-01 (2 days)\n" in printed
    assert "Data: 1 day PROVISIONAL, 1 day complete; newest import 2023-03-01T00:02:11Z\n" in printed
    days = [line.split() for line in printed.splitlines() if line.startswith("2023-")]
    assert days == [
        ["2023-02-28", "2", "10", "10", "55.00", "complete"],
        ["2023-03-01", "1", "7", "0", "-48.02", "provisional,", "2", "rows", "quarantined"],
    ]
    traders = [line.split() for line in printed.splitlines() if line.startswith(("bot", "trader_1"))]
    assert traders == [["bot", "1", "7", "0", "-48.02"], ["trader_1", "2", "10", "10", "55.00"]]


@pytest.mark.parametrize(
    ("state", "missing", "rows", "line"),
    [
        (State.OPEN, (), 0, "Data: OPEN, not final; nothing imported"),
        (State.MISSING, (DAY,), 0, "Data: MISSING, not final; no file of 2023-02-28; nothing imported"),
        (State.PROVISIONAL, (), 1, "Data: PROVISIONAL, not final; 1 row quarantined; nothing imported"),
        (State.CORRECTED, (), 0, "Data: corrected; nothing imported"),
    ],
)
def test_what_is_not_complete_says_so(state: State, missing: tuple[date, ...], rows: int, line: str) -> None:
    report = a_report(
        (), DAY, completeness={DAY: Completeness(state, missing, quarantined={DAY: rows} if rows else {})}
    )
    assert report_table(report, colour=False).splitlines()[1] == line


def test_many_missing_files_are_counted_after_a_few() -> None:
    days = [date(2023, 1, n) for n in range(1, 11)]
    missing = {day: Completeness(State.MISSING, (day,)) for day in days}
    printed = report_table(a_report((), days[0], days[-1], completeness=missing), colour=False)
    assert "10 days MISSING; no file of 2023-01-01, 2023-01-02, 2023-01-03, 2023-01-04, 2023-01-05" in printed
    assert " and 5 more;" in printed


def test_the_hour_that_occurs_twice_is_one_row_marked_2_h() -> None:
    printed = report_table(a_report((), date(2025, 10, 26)), colour=False)
    assert [line[:12].rstrip() for line in printed.splitlines() if line.startswith("02")] == ["02 - 03  2 h"]


def test_the_short_day_has_23_rows() -> None:
    printed = report_table(a_report((), date(2026, 3, 29)), colour=False)
    hours = [line for line in printed.splitlines() if " - " in line[:7]]
    assert len(hours) == 23
    assert not any(line.startswith("02") for line in hours)


def test_over_two_days_no_hour_is_marked_double() -> None:
    assert "2 h" not in report_table(a_report((), DAY, NEXT), colour=False)


def test_a_trader_cannot_give_the_terminal_orders() -> None:
    report = a_report((), DAY) | {"trader_id": "bot\x1b[2J\u202e\x9b"}
    assert report_table(report, colour=False).startswith("PnL of bot\\x1b[2J\\u202e\\x9b, delivery")


def test_fractions_of_a_mw_stand_under_each_other() -> None:
    report = a_report(TRADES, DAY)
    report["hours"][13]["buy_mw"] = "3.5"
    cells = [line[19:31].strip() for line in report_table(report, colour=False).splitlines()[5:]]
    assert {"3.5", "1 200.0", "0.0"} <= set(cells)


def test_json_is_the_report_itself() -> None:
    report = a_report(TRADES, DAY, trader_id="Jörg")
    printed = report_json(report)
    assert json.loads(printed) == report
    assert '  "trader_id": "Jörg",\n' in printed


def test_csv_reads_back_with_the_names_of_the_json() -> None:
    report = a_report(TRADES, DAY)
    rows = list(csv.DictReader(io.StringIO(report_csv(report), newline="")))
    assert [row["kind"] for row in rows] == ["hour"] * 24 + ["total"]
    assert rows[18] == {
        "kind": "hour",
        "delivery_day": "2023-02-28",
        "completeness": "complete",
        "label": "18 - 19",
        "start": "2023-02-28T17:00:00Z",
        "hours_in_period": "1",
        "trades": "1",
        "buy_mw": "1200",
        "sell_mw": "0",
        "buy_mwh": "1200",
        "sell_mwh": "0",
        "net_mwh": "1200",
        "traded_mwh": "1200",
        "vwap_buy": "123.45",
        "vwap_sell": "",
        "pnl_eur": "-148140.00",
        "eur_per_mwh": "-123.45",
        "reference_price": "",
        "edge_buy": "",
        "edge_sell": "",
        "edge_buy_eur": "",
        "edge_sell_eur": "",
        "hours_without_reference": "1",
    }


def test_every_column_of_a_line_is_in_the_csv() -> None:
    header = report_csv(a_report((), DAY)).split("\r\n")[0].split(",")
    assert header[3:] == list(a_report((), DAY)["total"])


def test_csv_of_a_range_has_the_days_and_the_traders_too() -> None:
    missing = Completeness(State.MISSING, (NEXT,))
    report = a_report(TRADES, DAY, NEXT, None, {NEXT: missing})
    rows = list(csv.DictReader(io.StringIO(report_csv(report), newline="")))
    seen = [(row["kind"], row["delivery_day"], row["completeness"], row["label"]) for row in rows[24:]]
    assert seen == [
        ("day", "2023-02-28", "complete", "2023-02-28"),
        ("day", "2023-03-01", "missing", "2023-03-01"),
        ("trader", "", "missing", "trader_1"),
        ("total", "", "missing", "Total"),
    ]


def test_csv_has_no_cell_that_a_spreadsheet_would_run() -> None:
    evil = "=cmd|'/c calc'"
    report = a_report([trade("a", trader_id=evil)], DAY, trader_id=None)
    rows = list(csv.DictReader(io.StringIO(report_csv(report), newline="")))
    assert rows[24]["label"] == f"'{evil}"
    assert rows[24]["pnl_eur"] == "-500.00"
