"""Reports calculated by hand: the trades, the reference prices, and what each line of the report has to say.

A trade is `trader side MW @ EUR/MWh hour day`. What is expected is named by `total`, an hour, a day or a trader; a
figure that is not named is not told apart from any other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from chalicelib.trades.model import Trade
from tests.trades import trade

JUNE, SPRING, AUTUMN = "2026-06-15", "2026-03-29", "2025-10-26"


@dataclass(frozen=True, slots=True)
class Example:
    """One report; `trader` None is the desk's, `prices` are EUR/MWh by day and hour."""

    what: str
    trades: tuple[str, ...]
    expected: Mapping[str, Mapping[str, Any]]
    start: str = JUNE
    end: str | None = None
    trader: str | None = "x"
    prices: Mapping[str, Mapping[int, str]] = field(default_factory=dict)

    @property
    def days(self) -> tuple[date, date]:
        return date.fromisoformat(self.start), date.fromisoformat(self.end or self.start)

    def booked(self) -> list[Trade]:
        return [_trade(number, text) for number, text in enumerate(self.trades)]

    def references(self) -> dict[date, dict[int, int]]:
        return {
            date.fromisoformat(day): {hour: _cents(price) for hour, price in hours.items()}
            for day, hours in self.prices.items()
        }


def _cents(eur: str) -> int:
    return int(Decimal(eur) * 100)


def _trade(number: int, text: str) -> Trade:
    trader, side, megawatts, _, price, hour, day = text.split()
    return trade(
        f"T{number}",
        trader_id=trader,
        direction=side,
        quantity=int(megawatts),
        price=_cents(price),
        delivery_hour=int(hour),
        delivery_day=day,
    )


EXAMPLES = (
    Example(
        "who is paid to take energy earns by buying",
        (f"x buy 10 @ -20.00 14 {JUNE}",),
        {"14 - 15": {"pnl_eur": "200.00", "vwap_buy": "-20.00", "vwap_sell": None, "eur_per_mwh": "20.00"}},
    ),
    Example(
        "who pays to get rid of it loses by selling",
        (f"x sell 5 @ -0.01 14 {JUNE}",),
        {"total": {"pnl_eur": "-0.05", "vwap_sell": "-0.01", "eur_per_mwh": "-0.01", "net_mwh": "-5"}},
    ),
    Example(
        "the short day has no hour 2 and 23 hours",
        (f"x buy 3 @ 40.00 1 {SPRING}", f"x sell 3 @ 44.00 3 {SPRING}"),
        {
            "01 - 02": {"pnl_eur": "-120.00", "start": "2026-03-29T00:00:00Z"},
            "03 - 04": {"pnl_eur": "132.00", "start": "2026-03-29T01:00:00Z"},
            "total": {"pnl_eur": "12.00", "hours_in_period": 23, "net_mwh": "0"},
        },
        start=SPRING,
    ),
    Example(
        "the hour that occurs twice is one row of two hours, each trade in it one hour of energy",
        (f"x sell 1 @ 30.00 2 {AUTUMN}", f"x sell 1 @ 10.00 2 {AUTUMN}"),
        {
            "02 - 03": {"hours_in_period": 2, "trades": 2, "sell_mwh": "2", "vwap_sell": "20.00", "pnl_eur": "40.00"},
            "total": {"hours_in_period": 25, "pnl_eur": "40.00"},
        },
        start=AUTUMN,
    ),
    Example(
        "over the days around the short one hour 2 is there twice",
        ("x sell 1 @ 10.00 2 2026-03-28", "x sell 1 @ 10.00 2 2026-03-30"),
        {
            "02 - 03": {"hours_in_period": 2, "trades": 2, "pnl_eur": "20.00", "start": None},
            SPRING: {"trades": 0, "pnl_eur": "0.00", "hours_in_period": 23},
            "total": {"hours_in_period": 71},
        },
        start="2026-03-28",
        end="2026-03-30",
    ),
    Example(
        "over the days around the long one it is there four times",
        ("x sell 1 @ 10.00 2 2025-10-25", f"x sell 1 @ 10.00 2 {AUTUMN}", "x sell 1 @ 10.00 2 2025-10-27"),
        {
            "02 - 03": {"hours_in_period": 4, "trades": 3, "sell_mwh": "3", "pnl_eur": "30.00"},
            AUTUMN: {"pnl_eur": "10.00", "hours_in_period": 25},
            "total": {"hours_in_period": 73},
        },
        start="2025-10-25",
        end="2025-10-27",
    ),
    Example(
        "an empty day made nothing, at no price",
        (),
        {"total": {"trades": 0, "pnl_eur": "0.00", "vwap_buy": None, "eur_per_mwh": None, "edge_buy_eur": None}},
    ),
    Example(
        "an empty range has its days all the same",
        (),
        {"2026-06-16": {"trades": 0, "traded_mwh": "0"}, "total": {"hours_in_period": 72, "pnl_eur": "0.00"}},
        end="2026-06-17",
    ),
    Example(
        "one trade is the best and the worst hour",
        (f"x buy 7 @ 61.23 0 {JUNE}",),
        {
            "total": {"pnl_eur": "-428.61", "net_mwh": "7"},
            "best_hour": {"label": "00 - 01", "pnl_eur": "-428.61", "start": "2026-06-14T22:00:00Z"},
            "worst_hour": {"label": "00 - 01", "pnl_eur": "-428.61", "delivery_day": JUNE},
        },
    ),
    Example(
        "what the desk sells to itself cancels out and was traded twice",
        (f"x sell 10 @ 50.00 18 {JUNE}", f"y buy 10 @ 50.00 18 {JUNE}"),
        {
            "18 - 19": {"pnl_eur": "0.00", "net_mwh": "0", "traded_mwh": "20", "eur_per_mwh": "0.00"},
            "x": {"pnl_eur": "500.00", "net_mwh": "-10"},
            "y": {"pnl_eur": "-500.00", "net_mwh": "10"},
        },
        trader=None,
    ),
    Example(
        "three traders of a desk",
        (f"x sell 4 @ 80.00 19 {JUNE}", f"y buy 4 @ 75.50 19 {JUNE}", f"z buy 1 @ -5.00 3 {JUNE}"),
        {
            "total": {"pnl_eur": "23.00", "buy_mw": "5", "sell_mw": "4", "net_mwh": "1"},
            "z": {"pnl_eur": "5.00", "trades": 1},
            "best_hour": {"label": "19 - 20", "pnl_eur": "18.00"},
            "worst_hour": {"label": "03 - 04", "pnl_eur": "5.00"},
        },
        trader=None,
    ),
    Example(
        "a price between two cents is rounded away from zero",
        (f"x buy 1 @ 10.00 5 {JUNE}", f"x buy 1 @ 10.01 5 {JUNE}"),
        {"total": {"vwap_buy": "10.01", "pnl_eur": "-20.01", "eur_per_mwh": "-10.01"}},
    ),
    Example(
        "below zero too",
        (f"x buy 1 @ -10.00 5 {JUNE}", f"x buy 1 @ -10.01 5 {JUNE}"),
        {"total": {"vwap_buy": "-10.01", "pnl_eur": "20.01", "eur_per_mwh": "10.01"}},
    ),
    Example(
        "thirds are rounded once, at the end",
        (f"x sell 1 @ 1.00 5 {JUNE}", f"x sell 2 @ 0.00 6 {JUNE}"),
        {"total": {"pnl_eur": "1.00", "vwap_sell": "0.33", "eur_per_mwh": "0.33", "traded_mwh": "3"}},
    ),
    Example(
        "a loss too small to show has no sign",
        (f"x buy 1 @ 0.01 5 {JUNE}", f"x sell 999 @ 0.00 5 {JUNE}"),
        {"total": {"pnl_eur": "-0.01", "eur_per_mwh": "0.00", "vwap_sell": "0.00"}},
    ),
    Example(
        "sold above the reference, nothing bought",
        (f"x sell 10 @ 60.00 7 {JUNE}",),
        {
            "07 - 08": {"reference_price": "58.50", "edge_sell": "1.50", "edge_sell_eur": "15.00", "edge_buy": None},
            "total": {"reference_price": None, "edge_sell": "1.50", "edge_buy_eur": None},
        },
        prices={JUNE: {7: "58.50"}},
    ),
    Example(
        "bought below and sold above it",
        (f"x buy 4 @ 45.25 7 {JUNE}", f"x sell 6 @ 52.00 7 {JUNE}"),
        {
            "total": {
                "edge_buy": "4.75",
                "edge_buy_eur": "19.00",
                "edge_sell": "2.00",
                "edge_sell_eur": "12.00",
                "pnl_eur": "131.00",
                "eur_per_mwh": "13.10",
            }
        },
        prices={JUNE: {7: "50.00"}},
    ),
    Example(
        "an hour without a reference leaves no edge in the total",
        (f"x sell 1 @ 50.00 1 {JUNE}", f"x sell 1 @ 50.00 2 {JUNE}"),
        {
            "01 - 02": {"edge_sell": "10.00", "hours_without_reference": 0},
            "02 - 03": {"edge_sell": None, "edge_sell_eur": None, "hours_without_reference": 1},
            "total": {"edge_sell": None, "edge_sell_eur": None, "hours_without_reference": 1},
        },
        prices={JUNE: {1: "40.00", 3: "40.00"}},
    ),
    Example(
        "a negative reference, and more than it for taking the energy",
        (f"x buy 10 @ -30.00 13 {JUNE}",),
        {"total": {"edge_buy": "5.00", "edge_buy_eur": "50.00", "pnl_eur": "300.00"}},
        prices={JUNE: {13: "-25.00"}},
    ),
    Example(
        "over a range each hour is judged by its own reference",
        (f"x sell 1 @ 50.00 9 {JUNE}", "x sell 3 @ 30.00 9 2026-06-16"),
        {
            JUNE: {"edge_sell_eur": "10.00", "edge_sell": "10.00"},
            "2026-06-16": {"edge_sell_eur": "-6.00", "edge_sell": "-2.00"},
            "09 - 10": {"edge_sell_eur": "4.00", "edge_sell": "1.00", "reference_price": None},
            "total": {"vwap_sell": "35.00", "edge_sell_eur": "4.00"},
        },
        end="2026-06-16",
        prices={JUNE: {9: "40.00"}, "2026-06-16": {9: "32.00"}},
    ),
    Example(
        "both hours of a doubled one have its one reference",
        (f"x sell 1 @ 30.00 2 {AUTUMN}", f"x sell 1 @ 10.00 2 {AUTUMN}"),
        {"02 - 03": {"reference_price": "15.00", "edge_sell": "5.00", "edge_sell_eur": "10.00"}},
        start=AUTUMN,
        prices={AUTUMN: {2: "15.00"}},
    ),
    Example(
        "a desk's edge is both sides', a trader's only their own",
        (f"x sell 2 @ 55.00 8 {JUNE}", f"y buy 2 @ 53.00 8 {JUNE}"),
        {
            "08 - 09": {"edge_sell_eur": "2.00", "edge_buy_eur": "2.00", "pnl_eur": "4.00"},
            "x": {"edge_sell": "1.00", "edge_buy": None, "pnl_eur": "110.00"},
            "y": {"edge_sell": None, "edge_buy": "1.00", "pnl_eur": "-106.00"},
        },
        trader=None,
        prices={JUNE: {8: "54.00"}},
    ),
    Example(
        "ten thousand million EUR less a cent",
        (f"x sell 1000 @ 10000000.00 23 {JUNE}", f"x buy 1 @ 0.01 23 {JUNE}"),
        {
            "23 - 24": {"pnl_eur": "9999999999.99", "vwap_sell": "10000000.00"},
            "total": {"eur_per_mwh": "9990009.99", "traded_mwh": "1001"},
        },
    ),
    Example(
        "traders whose ids begin alike are two",
        (f"x sell 1 @ 1.00 4 {JUNE}", f"x# sell 1 @ 2.00 4 {JUNE}"),
        {"x": {"pnl_eur": "1.00"}, "x#": {"pnl_eur": "2.00"}, "total": {"pnl_eur": "3.00"}},
        trader=None,
    ),
    Example(
        "the leap day is a day",
        ("x sell 2 @ 10.00 12 2024-02-29",),
        {"2024-02-29": {"pnl_eur": "20.00"}, "total": {"pnl_eur": "20.00", "hours_in_period": 72}},
        start="2024-02-28",
        end="2024-03-01",
    ),
)
