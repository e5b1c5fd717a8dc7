"""The report: aligned, complete, honest about its data, and the same numbers in every form."""

import csv
import io
from datetime import date

import pytest

from chalicelib.reports import columns
from chalicelib.reports.completeness import Completeness, State
from cli.client.report import ReadReport
from cli.output.json import Json
from cli.output.page import Page
from cli.render import report as rendering
from tests.cli.open_books import a_report
from tests.fixtures.trades import trade

DAY = date(2023, 2, 28)
NEXT = date(2023, 3, 1)
TRADES = (
    trade("a", price=5000, quantity=10, direction="buy"),
    trade("b", price=5550, quantity=10, direction="sell"),
    trade("c", price=12345, quantity=1200, direction="buy", delivery_hour=18),
)
GREEN, RED, END = "\x1b[32m", "\x1b[31m", "\x1b[0m"


def report_table(report: Json, page: Page, by: tuple[str, ...] = ()) -> str:
    return rendering.report_table(ReadReport(report).as_cells(), page, by)


def report_csv(report: Json) -> str:
    return columns.report_csv(ReadReport(report).as_cells())


def lines_of(printed: str, *beginnings: str) -> list[list[str]]:
    return [line.split() for line in printed.splitlines() if line.startswith(beginnings)]


def test_one_day_is_every_hour_and_a_total() -> None:
    printed = report_table(a_report(TRADES, DAY), Page())
    assert [line[:7] for line in printed.splitlines() if line[:2].isdigit()] == [
        f"{hour:02d} - {hour + 1:02d}" for hour in range(24)
    ]
    assert lines_of(printed, "13 - 14", "Total") == [
        ["13", "-", "14", "2", "10", "10", "0", "50.00", "55.50", "55.00", "2.75"],
        ["Total", "3", "1", "210", "10", "1", "200", "122.84", "55.50", "-148", "085.00", "-121.38"],
    ]


def test_a_price_that_is_none_is_a_dash() -> None:
    printed = report_table(a_report(TRADES, DAY), Page())
    assert lines_of(printed, "00 - 01") == [["00", "-", "01", "0", "0", "0", "0", "-", "-", "0.00", "-"]]


def test_a_summary_says_what_was_made_on_how_much_and_when() -> None:
    printed = report_table(a_report(TRADES, DAY), Page(width=120)).splitlines()[2]
    assert printed == (
        "PnL -148 085.00 EUR on 1 220 MWh, -121.38 EUR/MWh; best hour 13 - 14: 55.00, worst 18 - 19: -148 140.00"
    )


def test_over_a_range_the_best_and_the_worst_hour_are_of_a_day() -> None:
    printed = report_table(a_report(TRADES, DAY, NEXT), Page(width=200))
    assert "best hour 2023-02-28 13 - 14: 55.00, worst 2023-02-28 18 - 19: -148 140.00" in printed


def test_without_trades_there_is_nothing_to_sum_up() -> None:
    assert report_table(a_report((), DAY), Page()).splitlines()[2:4] == ["No trades", ""]


def test_gains_are_green_and_losses_red_and_nothing_else_is() -> None:
    coloured = report_table(a_report(TRADES, DAY), Page(colour=True))
    assert f"{GREEN}55.00{END}" in coloured
    assert f"{RED}-148 140.00{END}" in coloured
    assert coloured.count(END) == 6
    bare = coloured.replace(GREEN, "").replace(RED, "").replace(END, "")
    assert bare == report_table(a_report(TRADES, DAY), Page())


def test_edges_are_shown_only_where_a_reference_is_known() -> None:
    assert "Edge" not in report_table(a_report(TRADES, DAY), Page())
    printed = report_table(a_report(TRADES, DAY, references={DAY: {13: 5200}}), Page())
    assert lines_of(printed, "13 - 14", "18 - 19") == [
        ["13", "-", "14", "2", "10", "10", "50.00", "55.50", "55.00", "2.75", "2.00", "3.50"],
        ["18", "-", "19", "1", "1", "200", "0", "123.45", "-", "-148", "140.00", "-123.45", "-", "-"],
    ]


@pytest.mark.parametrize("width", [100, 80, 60, 40])
@pytest.mark.parametrize("end", [DAY, NEXT], ids=["a day", "a range"])
def test_no_line_is_wider_than_the_terminal(width: int, end: date) -> None:
    long = trade("e", trader_id="a bot with a long name of many words and letters", delivery_hour=2)
    report = a_report([*TRADES, long], DAY, end, None, references={DAY: {13: 5200}})
    assert max(len(line) for line in report_table(report, Page(width)).splitlines()) <= width


def test_what_there_is_no_room_for_is_named_in_one_line() -> None:
    printed = report_table(a_report(TRADES, DAY), Page(60)).splitlines()
    assert printed[-1] == "No room for net MWh, VWAP (--plain or -o csv shows all)"
    assert "No room" not in report_table(a_report(TRADES, DAY), Page(100))


@pytest.mark.parametrize(
    ("by", "headings"),
    [
        ((), ["Hour", "Day", "Trader"]),
        (("day",), ["Day"]),
        (("trader",), ["Trader"]),
        (("trader", "hour"), ["Hour", "Trader"]),
    ],
)
def test_sections_are_those_asked_for(by: tuple[str, ...], headings: list[str]) -> None:
    printed = report_table(a_report(TRADES, DAY, NEXT, None), Page(), by).splitlines()
    assert [line.split()[0] for line in printed if "PnL EUR" in line] == headings
    assert sum(line.startswith("Total") for line in printed) == 1


def test_plain_has_the_same_columns_whatever_the_day_and_the_width() -> None:
    one, other = (
        report_table(report, Page(40, plain=True)).split("\n\n")[1]
        for report in (a_report(TRADES, DAY), a_report((), DAY, references={DAY: {1: 2}}))
    )
    assert one.splitlines()[0].split() == other.splitlines()[0].split()
    assert {len(line.split()) for line in one.splitlines()} == {21}
    assert lines_of(one, "18-19")[0][11:14] == ["-", "-148140.00", "-123.45"]


def test_the_desk_over_a_range_has_a_line_a_day_and_a_line_a_trader() -> None:
    other = trade("d", price=686, quantity=7, trader_id="bot", delivery_day="2023-03-01")
    provisional = Completeness(State.PROVISIONAL, provisional_files=(NEXT,), quarantined={NEXT: 2})
    printed = report_table(a_report([*TRADES[:2], other], DAY, NEXT, None, {NEXT: provisional}), Page(300))
    assert printed.splitlines()[:2] == [
        "PnL of the desk, delivery 2023-02-28 to 2023-03-01 (2 days)",
        (
            "Data: PROVISIONAL, not final; 1 day PROVISIONAL, 1 day complete; not yet sure of the file of 2023-03-01; "
            "2 rows quarantined; newest import 1 Mar 2023 01:02 CET; read 5 Mar 2023 13:00 CET"
        ),
    ]
    assert lines_of(printed, "2023-") == [
        ["2023-02-28", "2", "10", "10", "0", "50.00", "55.50", "55.00", "2.75"],
        ["2023-03-01", "PROVISIONAL", "1", "7", "0", "7", "6.86", "-", "-48.02", "-6.86"],
    ]
    assert [line[:2] for line in lines_of(printed, "bot", "trader_1")] == [["bot", "1"], ["trader_1", "2"]]


@pytest.mark.parametrize(
    ("known", "said"),
    [
        (Completeness(State.OPEN), "OPEN, not final; none of its files imported"),
        (
            Completeness(State.MISSING, (DAY,)),
            "MISSING, not final; no file of 2023-02-28; none of its files imported",
        ),
        (
            Completeness(State.PROVISIONAL, provisional_files=(DAY,), quarantined={DAY: 1}),
            (
                "PROVISIONAL, not final; "
                "not yet sure of the file of 2023-02-28; 1 row quarantined; none of its files imported"
            ),
        ),
        (
            Completeness(State.PROVISIONAL, reasons=("an import is running",)),
            "PROVISIONAL, not final; an import is running; none of its files imported",
        ),
        (Completeness(State.CORRECTED), "corrected; none of its files imported"),
        (Completeness(State.COMPLETE), "complete; none of its files imported"),
    ],
    ids=lambda value: value.state.value if isinstance(value, Completeness) else "",
)
def test_what_is_not_complete_says_so(known: Completeness, said: str) -> None:
    report = a_report((), DAY, completeness={DAY: known})
    assert report_table(report, Page(200)).splitlines()[1] == f"Data: {said}; read 5 Mar 2023 13:00 CET"


@pytest.mark.parametrize("state", list(State))
def test_only_what_is_final_is_not_in_capitals(state: State) -> None:
    printed = report_table(a_report((), DAY, NEXT, None, {NEXT: Completeness(state)}), Page())
    [marked] = lines_of(printed, "2023-03-01")
    assert marked[1] == {"complete": "0", "corrected": "corrected"}.get(state, state.upper())


def test_many_missing_files_are_counted_after_a_few() -> None:
    days = [date(2023, 1, n) for n in range(1, 11)]
    missing = {day: Completeness(State.MISSING, (day,)) for day in days}
    printed = report_table(a_report((), days[0], days[-1], completeness=missing), Page(300))
    assert "MISSING, not final; no file of 2023-01-01, 2023-01-02, 2023-01-03, 2023-01-04, 2023-01-05" in printed
    assert " and 5 more;" in printed


def test_the_hour_that_occurs_twice_is_one_row_marked_2_h() -> None:
    printed = report_table(a_report((), date(2025, 10, 26)), Page())
    assert [line[:12].rstrip() for line in printed.splitlines() if line.startswith("02")] == ["02 - 03  2 h"]


def test_the_short_day_has_23_rows() -> None:
    printed = report_table(a_report((), date(2026, 3, 29)), Page())
    hours = [line for line in printed.splitlines() if " - " in line[:7]]
    assert len(hours) == 23
    assert not any(line.startswith("02") for line in hours)


def test_over_two_days_no_hour_is_marked_double() -> None:
    assert "2 h" not in report_table(a_report((), DAY, NEXT), Page())


def test_a_trader_cannot_give_the_terminal_orders() -> None:
    report = a_report((), DAY) | {"trader_id": "bot\x1b[2J\u202e\x9b"}
    assert report_table(report, Page()).startswith("PnL of bot\\x1b[2J\\u202e\\x9b, delivery")


def test_fractions_of_a_mwh_stand_under_each_other() -> None:
    report = a_report(TRADES, DAY)
    report["hours"][13]["buy_mwh"] = "3.5"
    cells = [line[17:24].strip() for line in report_table(report, Page()).splitlines()[6:30]]
    assert {"3.5", "1 200.0", "0.0"} <= set(cells)


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


def test_plain_has_every_column_of_a_line_in_the_order_of_the_json() -> None:
    report = a_report(TRADES, DAY, NEXT, None)
    headings = [
        line.split() for line in report_table(report, Page(plain=True)).splitlines() if "trades" in line.split()
    ]
    names = list(report["total"])[1:]
    assert headings == [[heading, *names, "completeness"] for heading in ("Hour", "Day", "Trader")]


def test_plain_shows_a_delivery_start_only_for_single_periods() -> None:
    lines = report_table(a_report(TRADES, DAY), Page(plain=True)).splitlines()
    assert [line.split()[1] for line in lines if line.startswith(("13-14", "Total"))] == ["2023-02-28T12:00:00Z", "-"]


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
