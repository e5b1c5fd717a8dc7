"""A report reckoned from the trades themselves with fractions, another way than the book's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from chalicelib.positions.model import Direction
from chalicelib.trades.model import Trade
from tests.simulation.exchange import skipped

CENT = Decimal("0.01")


def label(hour: int) -> str:
    """`13 - 14` for hour 13."""
    return f"{hour:02d} - {hour + 1:02d}"


def rounded(value: Fraction) -> str:
    """Two decimals, ties away from zero, never `-0.00`."""
    exact = (Decimal(value.numerator) / Decimal(value.denominator)).quantize(CENT, ROUND_HALF_UP)
    return str(exact or abs(exact))


def hours_of(day: date) -> dict[int, int]:
    """Give the hours of a day and how often the clock shows each: 2 is skipped in March and doubled in October."""
    doubled = day.month == 10 and day.day >= 25 and day.weekday() == 6
    return {hour: 1 + (doubled and hour == 2) for hour in range(24) if not skipped(day, hour)}


def figures(trades: Iterable[Trade], reference: int | None = None) -> dict[str, object]:
    """The figures of some trades of one hour, or of many where there is no reference to compare with."""
    buys = [one for one in trades if one.direction is Direction.BUY]
    sells = [one for one in trades if one.direction is Direction.SELL]
    spent, earned = (sum(one.price * one.quantity for one in side) for side in (buys, sells))
    bought, sold = (sum(one.quantity for one in side) for side in (buys, sells))
    shown: dict[str, object] = {
        "trades": len(buys) + len(sells),
        "buy_mw": str(bought),
        "sell_mw": str(sold),
        "buy_mwh": str(bought),
        "sell_mwh": str(sold),
        "net_mwh": str(bought - sold),
        "vwap_buy": rounded(Fraction(spent, bought * 100)) if bought else None,
        "vwap_sell": rounded(Fraction(earned, sold * 100)) if sold else None,
        "pnl_eur": rounded(Fraction(earned - spent, 100)),
    }
    if reference is not None:
        shown["edge_buy_eur"] = rounded(Fraction(reference * bought - spent, 100)) if bought else None
        shown["edge_sell_eur"] = rounded(Fraction(earned - reference * sold, 100)) if sold else None
    return shown


def differs(line: Mapping[str, object], trades: Iterable[Trade], reference: int | None = None) -> str | None:
    """Name the first figure of a report's line that is another than it should be."""
    for name, value in figures(list(trades), reference).items():
        if line[name] != value:
            return f"{line['label']} {name} is {line[name]}, should be {value}"
    return None
