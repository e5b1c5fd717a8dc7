"""The report against a brute-force sum over the trades in fractions, for any trades, days and references."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.common.delivery import hour_period
from chalicelib.common.units import UNITS
from chalicelib.positions.model import Direction
from chalicelib.reports.model import Line
from chalicelib.reports.pnl import Report
from chalicelib.trades.model import Trade
from tests.fixtures.trades import trade
from tests.reports.test_pnl import DAYS, report

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
REFERENCES = st.dictionaries(
    st.sampled_from(DAYS), st.dictionaries(st.integers(0, 23), st.integers(-(10**12), 10**12), max_size=24), max_size=3
)


def cuts(shown: Report, trades: list[Trade]) -> Iterator[tuple[Line, list[Trade]]]:
    """Each line of a report with the trades it is about."""
    yield shown.total, trades
    for day in shown.days:
        yield day.total, [one for one in trades if one.delivery_day == day.delivery_day]
        for line in day.periods:
            yield line, [one for one in trades if one.period.start == line.start]
    for line in shown.hours:
        yield line, [one for one in trades if one.delivery_hour == int(line.label[:2])]
    for line in shown.traders or ():
        yield line, [one for one in trades if one.trader_id == line.label]


def money(trades: list[Trade], direction: Direction) -> Fraction:
    return Fraction(sum(one.price * one.quantity for one in trades if one.direction is direction))


def energy(trades: list[Trade], direction: Direction) -> Fraction:
    return Fraction(sum(one.quantity for one in trades if one.direction is direction))


@given(TRADES)
def test_every_cut_through_a_report_is_the_brute_force_sum_of_its_trades(trades: list[Trade]) -> None:
    for line, chosen in cuts(report(trades), trades):
        held = line.totals
        assert held.trades == len(chosen)
        assert Fraction(held.buy_cash, UNITS) == money(chosen, Direction.BUY)
        assert Fraction(held.sell_cash, UNITS) == money(chosen, Direction.SELL)
        assert Fraction(held.buy_energy, UNITS) == energy(chosen, Direction.BUY)
        assert Fraction(held.sell_energy, UNITS) == energy(chosen, Direction.SELL)
        assert Fraction(held.pnl, UNITS) == money(chosen, Direction.SELL) - money(chosen, Direction.BUY)


References = dict[date, dict[int, int]]


def reference(one: Trade, references: References) -> int | None:
    return references.get(one.delivery_day, {}).get(one.delivery_hour)


def edge(trades: list[Trade], side: Direction, references: References) -> Fraction | None:
    parts = [(one, reference(one, references)) for one in trades if one.direction is side]
    if not parts or any(price is None for _, price in parts):
        return None
    better = sum((one.price - (price or 0)) * one.quantity for one, price in parts)
    return Fraction(better if side is Direction.SELL else -better)


def exact(edge_cash: int | None) -> Fraction | None:
    return None if edge_cash is None else Fraction(edge_cash, UNITS)


@given(TRADES, REFERENCES)
def test_every_edge_is_the_brute_force_sum_against_the_references_or_none(
    trades: list[Trade], references: References
) -> None:
    for line, chosen in cuts(report(trades, references=references), trades):
        assert exact(line.totals.buy_edge) == edge(chosen, Direction.BUY, references)
        assert exact(line.totals.sell_edge) == edge(chosen, Direction.SELL, references)
        lacking = {(one.delivery_day, one.delivery_hour) for one in chosen if reference(one, references) is None}
        assert line.totals.hours_without_reference == len(lacking)
