"""A report reckoned from the trades themselves with fractions, another way than the book's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from chalicelib.common.delivery import Period
from chalicelib.positions.model import Direction
from chalicelib.trades.model import Trade
from tests.simulation.exchange import skipped
from tests.simulation.sums import hour_of

CENT = Decimal("0.01")
UNITS = 60_000
"""kW x minutes in a MWh."""


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


def pieces(trade: Trade) -> Iterator[tuple[int, Trade]]:
    """Return the part of a trade in each hour on the clock of Berlin that it is delivered in, one in an hour twice."""
    start, end = trade.period.start, trade.period.start + timedelta(minutes=trade.period.minutes)
    parts: dict[int, Period] = {}
    while start < end:
        after = min(end, start.replace(minute=0) + timedelta(hours=1))
        part = Period(start, (after - start) // timedelta(minutes=1))
        first = parts.setdefault(hour_of(part), part)
        if first is not part:
            parts[hour_of(part)] = Period(first.start, first.minutes + part.minutes)
        start = after
    return ((hour, trade._replace(period=part)) for hour, part in parts.items())


def figures(trades: Iterable[Trade], reference: int | None = None) -> dict[str, object]:
    """The figures of some trades of one hour, or of many where there is no reference to compare with."""
    buys = [one for one in trades if one.direction is Direction.BUY]
    sells = [one for one in trades if one.direction is Direction.SELL]
    spent, earned = (sum(one.price * _energy(one) for one in side) for side in (buys, sells))
    bought, sold = (sum(_energy(one) for one in side) for side in (buys, sells))
    shown: dict[str, object] = {
        "trades": len(buys) + len(sells),
        "buy_mw": _exact(Fraction(sum(one.kw for one in buys), 1000)),
        "sell_mw": _exact(Fraction(sum(one.kw for one in sells), 1000)),
        "buy_mwh": _exact(Fraction(bought, UNITS)),
        "sell_mwh": _exact(Fraction(sold, UNITS)),
        "net_mwh": _exact(Fraction(bought - sold, UNITS)),
        "vwap_buy": rounded(Fraction(spent, bought * 100)) if bought else None,
        "vwap_sell": rounded(Fraction(earned, sold * 100)) if sold else None,
        "pnl_eur": rounded(Fraction(earned - spent, 100 * UNITS)),
    }
    if reference is not None:
        shown["edge_buy_eur"] = rounded(Fraction(reference * bought - spent, 100 * UNITS)) if bought else None
        shown["edge_sell_eur"] = rounded(Fraction(earned - reference * sold, 100 * UNITS)) if sold else None
    return shown


def _energy(trade: Trade) -> int:
    """Return kW x minutes."""
    return trade.kw * trade.period.minutes


def _exact(value: Fraction) -> str:
    """Return decimal text of as many digits as it takes: quarters of 0.1 MW end."""
    return f"{(Decimal(value.numerator) / Decimal(value.denominator)).normalize():f}"


def differs(line: Mapping[str, object], trades: Iterable[Trade], reference: int | None = None) -> str | None:
    """Name the first figure of a report's line that is another than it should be."""
    for name, value in figures(list(trades), reference).items():
        if line[name] != value:
            return f"{line['label']} {name} is {line[name]}, should be {value}"
    return None
