"""One line of a report: an hour, a day, a trader or a total, with the same figures in the same order everywhere."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from typing import Final, NamedTuple

from chalicelib.domain import amounts
from chalicelib.domain.edge import Edge
from chalicelib.domain.execution_time import format_utc
from chalicelib.domain.json_text import plain, text_of
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


class Line(NamedTuple):
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
        read: dict[str, object] = json.loads(self.as_text())
        return read

    def as_text(self) -> str:
        """The same as JSON text, written at once: a day has 26 lines of twenty figures, a year has thousands."""
        start = plain(_start_of(self.start) if self.start else None)
        figures = (self.totals, self.edge, self.reference)
        told = _NONE_TOLD if figures == _NONE else _told(*figures)
        return f'{{"label":{text_of(self.label)},"start":{start},"hours_in_period":{self.hours},{told}}}'


@lru_cache(maxsize=1024)
def _start_of(start: datetime) -> str:
    """The hours of a month: each stands in many reports."""
    return format_utc(start)


def _told(held: Totals, edge: Edge, reference: int | None) -> str:
    bought, sold = held.buy_energy, held.sell_energy
    buy_edge, sell_edge = edge.buy if bought else None, edge.sell if sold else None
    return (
        f'"trades":{held.trades},"buy_mw":"{amounts.mw(held.buy_kw)}","sell_mw":"{amounts.mw(held.sell_kw)}",'
        f'"buy_mwh":"{amounts.mwh(bought)}","sell_mwh":"{amounts.mwh(sold)}",'
        f'"net_mwh":"{amounts.mwh(held.net_energy)}","traded_mwh":"{amounts.mwh(held.traded_energy)}",'
        f'"vwap_buy":{plain(amounts.eur_per_mwh(held.buy_cash, bought))},'
        f'"vwap_sell":{plain(amounts.eur_per_mwh(held.sell_cash, sold))},'
        f'"pnl_eur":"{amounts.eur(held.pnl)}","eur_per_mwh":{plain(amounts.eur_per_mwh(held.pnl, held.traded_energy))},'
        f'"reference_price":{plain(None if reference is None else amounts.price(reference))},'
        f'"edge_buy":{plain(amounts.eur_per_mwh(buy_edge, bought))},'
        f'"edge_sell":{plain(amounts.eur_per_mwh(sell_edge, sold))},'
        f'"edge_buy_eur":{plain(None if buy_edge is None else amounts.eur(buy_edge))},'
        f'"edge_sell_eur":{plain(None if sell_edge is None else amounts.eur(sell_edge))},'
        f'"hours_without_reference":{edge.hours_without_reference}'
    )


_NONE: Final = (Totals(), Edge(), None)
"""The figures of an hour nobody traded in, which is most hours of a small desk."""
_NONE_TOLD: Final = _told(*_NONE)


def summed(label: str, hours: int, lines: Iterable[Line]) -> Line:
    """Give the exact sum of lines, to be rounded once, when it is shown."""
    held = list(lines)
    return Line(label, None, hours, Totals.over(line.totals for line in held), Edge.over([line.edge for line in held]))
