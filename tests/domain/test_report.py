"""The report: every hour shown, totals summed exactly, ranges and traders in lines of their own."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.amounts import UNITS, eur
from chalicelib.domain.completeness import completeness
from chalicelib.domain.delivery import hour_period
from chalicelib.domain.errors import InvalidRequest
from chalicelib.domain.position import positions_of
from chalicelib.domain.report import Report, build_report, days_between
from chalicelib.domain.trade import Direction, Trade
from tests.trades import trade

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
DAYS = [date(2025, 3, 29) + timedelta(days=n) for n in range(3)]


def report(
    trades: Iterable[Trade], start: date = DAYS[0], end: date = DAYS[-1], trader_id: str | None = None
) -> Report:
    days = days_between(start, end)
    positions = positions_of(trades)
    held = {day: [one for one in positions if one.key.delivery_day == day] for day in days}
    return build_report(trader_id, held, {day: completeness(day, {}, NOW) for day in days}, NOW)


def test_the_json_of_a_report_is_as_agreed() -> None:
    day = date(2023, 2, 28)
    trades = [trade("a"), trade("b", direction="sell", price=5550)]
    shown: dict[str, Any] = report(trades, day, day, "trader_1").as_json()
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
        "vwap_buy": "50.00",
        "vwap_sell": "55.50",
        "pnl_eur": "55.00",
    }
    [shown_day] = shown.pop("days")
    hours = shown.pop("hours")
    total = {**line, "label": "Total", "start": None, "hours_in_period": 24}
    assert shown == {
        "trader_id": "trader_1",
        "start_day": "2023-02-28",
        "end_day": "2023-02-28",
        "currency": "EUR",
        "as_of": "2026-01-02T03:04:05Z",
        "traders": None,
        "total": total,
    }
    assert shown_day["total"] == {**total, "label": "2023-02-28"}
    assert shown_day["periods"][13] == line
    assert shown_day["periods"] == hours
    assert shown_day["completeness"] == {
        "state": "missing",
        "missing_files": ["2023-02-27", "2023-02-28"],
        "quarantined_rows": 0,
        "newest_import": None,
    }


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


def test_the_desk_has_a_line_a_trader_and_a_self_trade_cancels_out() -> None:
    day = date(2023, 2, 28)
    trades = [trade("a", trader_id="x"), trade("b", trader_id="y", direction="sell")]
    shown = report(trades, day, day)
    assert [(line.label, eur(line.totals.pnl)) for line in shown.traders or ()] == [
        ("x", "-500.00"),
        ("y", "500.00"),
    ]
    assert eur(shown.total.totals.pnl) == "0.00"


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


TRADES = st.lists(
    st.builds(
        lambda number, day, hour, **changes: trade(
            str(number),
            delivery_day=day.isoformat(),
            delivery_hour=hour if hour_period(day, hour) else 4,
            **changes,
        ),
        st.integers(0, 99),
        st.sampled_from(DAYS),
        st.integers(0, 23),
        price=st.integers(-(10**12), 10**12),
        quantity=st.integers(1, 10**6),
        direction=st.sampled_from(["buy", "sell"]),
        trader_id=st.sampled_from(["x", "y", "x#"]),
    ),
    max_size=30,
)


@given(TRADES)
def test_every_cut_through_a_report_is_the_brute_force_sum_of_its_trades(trades: list[Trade]) -> None:
    shown = report(trades)

    def by_hand(chosen: Iterable[Trade]) -> Fraction:
        return sum(
            (Fraction(one.price * one.quantity) * (1 if one.direction is Direction.SELL else -1) for one in chosen),
            Fraction(0),
        )

    assert Fraction(shown.total.totals.pnl, UNITS) == by_hand(trades)
    for day in shown.days:
        assert Fraction(day.total.totals.pnl, UNITS) == by_hand(
            one for one in trades if one.delivery_day == day.delivery_day
        )
        for line in day.periods:
            chosen = [one for one in trades if one.period.start == line.start]
            assert (line.totals.trades, Fraction(line.totals.pnl, UNITS)) == (len(chosen), by_hand(chosen))
    for line in shown.hours:
        chosen = [one for one in trades if one.delivery_hour == int(line.label[:2])]
        assert (line.totals.trades, Fraction(line.totals.pnl, UNITS)) == (len(chosen), by_hand(chosen))
    for line in shown.traders or ():
        assert Fraction(line.totals.pnl, UNITS) == by_hand(one for one in trades if one.trader_id == line.label)
