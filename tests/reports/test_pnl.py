"""The report: every hour shown, totals summed exactly, ranges and traders in lines of their own."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from chalicelib.common.delivery import days_between
from chalicelib.common.errors import InvalidRequest
from chalicelib.common.units import eur
from chalicelib.reports.columns import LINE, line_json
from chalicelib.reports.completeness import completeness
from chalicelib.reports.model import References
from chalicelib.reports.pnl import Report, build_report
from chalicelib.trades.model import Trade
from tests.fixtures.trades import positions_of, trade

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
DAYS = [date(2025, 3, 29) + timedelta(days=n) for n in range(3)]


def report(
    trades: Iterable[Trade],
    start: date = DAYS[0],
    end: date = DAYS[-1],
    trader_id: str | None = None,
    references: References | None = None,
) -> Report:
    days = days_between(start, end)
    positions = positions_of(trades)
    held = {day: [one for one in positions if one.key.delivery_day == day] for day in days}
    return build_report(trader_id, held, {day: completeness(day, {}, NOW) for day in days}, references or {}, NOW)


def test_the_json_of_a_report_is_as_agreed() -> None:
    day = date(2023, 2, 28)
    trades = [trade("a"), trade("b", direction="sell", price=5550)]
    shown: dict[str, Any] = report(trades, day, day, "trader_1", {day: {13: 5200}}).as_json()
    line = {
        "label": "13 - 14",
        "start": "2023-02-28T12:00:00Z",
        "hours_in_period": 1,
        "trades": 2,
        "buy_mw": "10",
        "sell_mw": "10",
        "buy_mwh": "10",
        "sell_mwh": "10",
        "net_mwh": "0",
        "traded_mwh": "20",
        "vwap_buy": "50.00",
        "vwap_sell": "55.50",
        "pnl_eur": "55.00",
        "eur_per_mwh": "2.75",
        "reference_price": "52.00",
        "edge_buy": "2.00",
        "edge_sell": "3.50",
        "edge_buy_eur": "20.00",
        "edge_sell_eur": "35.00",
        "hours_without_reference": 0,
    }
    [shown_day] = shown.pop("days")
    hours = shown.pop("hours")
    total = {**line, "label": "Total", "start": None, "hours_in_period": 24, "reference_price": None}
    known = {
        "state": "missing",
        "missing_files": ["2023-02-27", "2023-02-28"],
        "provisional_files": [],
        "quarantined_rows": 0,
        "newest_import": None,
    }
    only = {"delivery_day": "2023-02-28", "label": "13 - 14", "start": "2023-02-28T12:00:00Z", "pnl_eur": "55.00"}
    assert shown == {
        "trader_id": "trader_1",
        "start_day": "2023-02-28",
        "end_day": "2023-02-28",
        "currency": "EUR",
        "as_of": "2026-01-02T03:04:05Z",
        "completeness": known,
        "best_hour": only,
        "worst_hour": only,
        "traders": None,
        "total": total,
    }
    assert shown_day["total"] == {**total, "label": "2023-02-28"}
    assert shown_day["periods"][13] == line
    assert shown_day["periods"] == hours
    assert shown_day["completeness"] == known
    assert tuple(line) == tuple(column.name for column in LINE)


def test_a_range_sums_the_hours_and_lists_the_days() -> None:
    ends = [trade(str(day), delivery_day=day.isoformat(), direction="sell") for day in (DAYS[0], DAYS[-1])]
    shown = report(ends)
    assert [(line.label, line.hours) for line in shown.hours[:4]] == [
        *(("00 - 01", 3), ("01 - 02", 3), ("02 - 03", 2), ("03 - 04", 3)),
    ]
    assert (shown.hours[13].totals.trades, shown.hours[13].start) == (2, None)
    assert [(day.total.label, day.total.hours, day.total.totals.trades) for day in shown.days] == [
        *(("2025-03-29", 24, 1), ("2025-03-30", 23, 0), ("2025-03-31", 24, 1)),
    ]
    assert shown.total.hours == 71
    assert (shown.start_day, shown.end_day, len(shown.hours)) == (DAYS[0], DAYS[-1], 24)


def test_the_desk_has_a_line_a_trader_and_a_self_trade_cancels_out() -> None:
    day = date(2023, 2, 28)
    trades = [trade("a", trader_id="x"), trade("b", trader_id="y", direction="sell")]
    shown = report(trades, day, day)
    assert [(line.label, eur(line.totals.pnl)) for line in shown.traders or ()] == [
        ("x", "-500.00"),
        ("y", "500.00"),
    ]
    assert eur(shown.total.totals.pnl) == "0.00"


def test_the_best_and_worst_hours_traded_and_are_the_earliest_of_equals() -> None:
    def made(day: date, hour: int, price: int, direction: str) -> Trade:
        name = f"{day}/{hour}"
        return trade(name, delivery_day=str(day), delivery_hour=hour, price=price, direction=direction)

    first, _, last = DAYS
    shown = report(
        [made(last, 4, 7, "sell"), made(first, 20, 7, "sell"), made(first, 9, 1, "sell"), made(last, 5, 1, "sell")]
    )
    assert shown.best_hour is not None
    assert shown.worst_hour is not None
    assert (shown.best_hour.delivery_day, shown.best_hour.line.label) == (first, "20 - 21")
    assert (shown.worst_hour.delivery_day, shown.worst_hour.line.label) == (first, "09 - 10")
    assert (report([]).best_hour, report([]).worst_hour) == (None, None)


def test_the_total_edge_is_missing_while_a_traded_hour_has_no_reference() -> None:
    def sold(hour: int) -> Trade:
        return trade(str(hour), delivery_day=str(DAYS[0]), delivery_hour=hour, direction="sell")

    priced = {DAYS[0]: {1: 4000, 3: 100}}
    half = report([sold(1), sold(2)], references=priced)
    assert [line_json(line)["edge_sell_eur"] for line in half.hours[1:3]] == ["100.00", None]
    assert (line_json(half.total)["edge_sell"], half.total.totals.hours_without_reference) == (None, 1)
    whole = report([sold(1)], references=priced)
    assert (line_json(whole.total)["edge_sell"], line_json(whole.total)["edge_buy"]) == ("10.00", None)


@pytest.mark.parametrize(
    ("start", "end", "complaint"),
    [(DAYS[1], DAYS[0], "backwards"), (date(2024, 1, 1), date(2025, 1, 1), "too long")],
)
def test_a_range_that_makes_no_sense_is_refused(start: date, end: date, complaint: str) -> None:
    with pytest.raises(InvalidRequest, match=complaint) as refused:
        days_between(start, end)
    assert refused.value.problems[0].field == "end_day"


def test_a_leap_year_is_not_too_long() -> None:
    assert len(days_between(date(2024, 1, 1), date(2024, 12, 31))) == 366
