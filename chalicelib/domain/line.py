"""One line of a report: an hour, a day, a trader or a total, with the same figures in the same order everywhere."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from chalicelib.domain import amounts
from chalicelib.domain.edge import Edge
from chalicelib.domain.execution_time import format_utc
from chalicelib.domain.position import Totals

LINE_COLUMNS: Final = (
    "label",
    "start",
    "hours_in_period",
    "trades",
    "buy_mw",
    "sell_mw",
    "buy_mwh",
    "sell_mwh",
    "net_mwh",
    "traded_mwh",
    "vwap_buy",
    "vwap_sell",
    "pnl_eur",
    "eur_per_mwh",
    "reference_price",
    "edge_buy",
    "edge_sell",
    "edge_buy_eur",
    "edge_sell_eur",
    "hours_without_reference",
)
"""The columns of a line in JSON, CSV, xlsx and parquet, in this order."""


@dataclass(frozen=True, slots=True)
class Line:
    """Figures over `hours` hours of delivery; `start` is None where the line is no single period.

    `reference` is the price of a single delivery hour in eurocent/MWh, None where there is none or more than one.
    """

    label: str
    start: datetime | None
    hours: int
    totals: Totals
    edge: Edge
    reference: int | None = None

    def as_json(self) -> dict[str, object]:
        """Amounts as text, counts as integers, what does not exist as None; in the order of LINE_COLUMNS."""
        held, edge = self.totals, self.edge
        buy_edge = edge.buy if held.buy_energy else None
        sell_edge = edge.sell if held.sell_energy else None
        return {
            "label": self.label,
            "start": format_utc(self.start) if self.start else None,
            "hours_in_period": self.hours,
            "trades": held.trades,
            "buy_mw": amounts.mw(held.buy_kw),
            "sell_mw": amounts.mw(held.sell_kw),
            "buy_mwh": amounts.mwh(held.buy_energy),
            "sell_mwh": amounts.mwh(held.sell_energy),
            "net_mwh": amounts.mwh(held.net_energy),
            "traded_mwh": amounts.mwh(held.traded_energy),
            "vwap_buy": amounts.eur_per_mwh(held.buy_cash, held.buy_energy),
            "vwap_sell": amounts.eur_per_mwh(held.sell_cash, held.sell_energy),
            "pnl_eur": amounts.eur(held.pnl),
            "eur_per_mwh": amounts.eur_per_mwh(held.pnl, held.traded_energy),
            "reference_price": None if self.reference is None else amounts.price(self.reference),
            "edge_buy": None if buy_edge is None else amounts.eur_per_mwh(buy_edge, held.buy_energy),
            "edge_sell": None if sell_edge is None else amounts.eur_per_mwh(sell_edge, held.sell_energy),
            "edge_buy_eur": None if buy_edge is None else amounts.eur(buy_edge),
            "edge_sell_eur": None if sell_edge is None else amounts.eur(sell_edge),
            "hours_without_reference": edge.hours_without_reference,
        }


def summed(label: str, hours: int, lines: Iterable[Line]) -> Line:
    """Give the exact sum of lines, to be rounded once, when it is shown."""
    totals, edge = Totals(), Edge()
    for line in lines:
        totals, edge = totals + line.totals, edge + line.edge
    return Line(label, None, hours, totals, edge)
