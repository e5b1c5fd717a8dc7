"""The columns of a line of the report of `/v2`: those of `/v1`, and after them the value of the positions and fees."""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter
from typing import Final

from chalicelib.common.csv_writer import csv_lines
from chalicelib.reports.column import Column, Kind, Ratio, View
from chalicelib.reports.columns import FIGURES, KINDS, LABEL, START, Row, report_rows
from chalicelib.reports.line_table import LineTable
from chalicelib.reports.references import REFERENCE
from chalicelib.reports.valuation import EMPTY, ValuedLine

CASH_UNITS: Final = 100
"""Units of fees in a unit of cash."""
_OF_CASH: Final = {"pnl_eur": "Cash", "eur_per_mwh": "Cash per MWh"}
"""What `/v1` names PnL is cash where the value of the open volume is beside it."""
_PAGE: Final = View.PAGE_HOURS | View.PAGE_TRADERS | View.PAGE_CARDS
_BEHIND: Final = 2
"""A narrow table drops the columns of `/v1` before those of the value."""


def _fees(line: ValuedLine) -> Ratio:
    return line.value.fees, CASH_UNITS


def _net_pnl(line: ValuedLine) -> Ratio:
    return line.totals.pnl * CASH_UNITS - line.value.fees, CASH_UNITS


# fmt: off
VALUED: Final[tuple[Column[ValuedLine], ...]] = (
    Column("period", Kind.TEXT, attrgetter("period"), "Period",
        description="The hour (`13`) or quarter-hour (`13:15`); the hour that comes twice is `02A` and `02B`; "
        "`null` if the line is not a single period.", of_trades=False, nullable=True),
    LABEL._replace(
        description="A period (`13 - 14`, `02 - 03 A`, `13:15 - 13:30`), a day, a trader, a group or `Total`."),
    START,
    Column("minutes", Kind.COUNT, attrgetter("minutes"), "Minutes", description="Minutes of delivery in the line.",
        of_trades=False, minimum=15),
    *(
        column._replace(heading=_OF_CASH.get(column.name, column.heading), rank=column.rank and column.rank + _BEHIND)
        for column in FIGURES
    ),
    Column("net_mw_min", Kind.POWER, attrgetter("value.net_min"), "Net min",
        description="The smallest net power of a quarter-hour in the line; the line is flat only if it and the largest "
        "are 0.", schema="NetMegawatts", signed=True),
    Column("net_mw_max", Kind.POWER, attrgetter("value.net_max"), "Net max",
        description="The largest net power of a quarter-hour in the line.", schema="NetMegawatts", signed=True),
    *REFERENCE,
    Column("realised_eur", Kind.MONEY, attrgetter("value.realised"), "Realised", headings={View.TERMINAL: "Realised"},
        description="The gain of what was both bought and sold, by quarter-hour: the matched energy times the "
        "difference of the average prices. It is that of the line's own scope: traders' do not add up to the desk's.",
        group="realised", rank=1, views=View.TERMINAL | _PAGE, signed=True),
    Column("unrealised_eur", Kind.MONEY, attrgetter("value.unrealised"), "Open", headings={View.TERMINAL: "Open"},
        description="The gain of the open energy at the reference price; `null` where a quarter-hour has none.",
        group="open", rank=1, views=View.TERMINAL | _PAGE, signed=True, nullable=True),
    Column("unrealised_known_eur", Kind.MONEY, attrgetter("value.known"), "Open, where known",
        description="The gain of the open energy of quarter-hours with a reference price.", signed=True),
    Column("total_eur", Kind.MONEY, attrgetter("value.total"), "Total", headings={View.TERMINAL: "Total"},
        description="Realised and open together, which is cash plus the open energy at the reference price.",
        group="total", views=View.TERMINAL | _PAGE, signed=True, nullable=True),
    Column("slots_without_reference", Kind.NAMES, attrgetter("value.missing"), "Without a reference",
        description="The starts of quarter-hours with open energy and no reference price."),
    Column("fees_eur", Kind.MONEY, _fees, "Fees", headings={View.TERMINAL: "Fees"},
        description="Energy bought and sold times the rates of the venues.",
        group="fees", rank=2, views=View.TERMINAL | _PAGE),
    Column("net_pnl_eur", Kind.MONEY, _net_pnl, "Cash after fees", description="Cash less fees.",
        views=View.PAGE_TRADERS | View.PAGE_CARDS, signed=True),
    Column("venues_without_rate", Kind.NAMES, attrgetter("value.unrated"), "Venues without a rate",
        description="Venues of the line's trades for which no rate is known: their fees count as 0."),
)
"""In the order of every output."""
# fmt: on

VALUED_LINES: Final = LineTable(VALUED, ValuedLine(None, "", None, 0, EMPTY, None))
DIMENSIONS: Final = {"trader": "trader_id", "strategy": "strategy", "area": "area", "venue": "venue"}
"""By what a report is grouped, and the field of a position that has it."""
VALUED_KINDS: Final = {
    **KINDS,
    **dict.fromkeys(DIMENSIONS, Kind.TEXT),
    **{column.name: column.kind for column in VALUED},
}
VALUED_NUMBERS: Final = frozenset(name for name, kind in VALUED_KINDS.items() if kind.is_number)


def valued_report_columns(by: Sequence[str]) -> tuple[str, ...]:
    """Return the columns of a report's rows; `kind` is hour or quarter, day, trader, group or total."""
    return ("kind", "delivery_day", "completeness", *by, *(column.name for column in VALUED))


def valued_report_csv(report: Row, by: Sequence[str]) -> str:
    return "".join(csv_lines(valued_report_columns(by), report_rows(report), VALUED_NUMBERS))
