"""The catalogue of the columns of lines and cards, from which every output derives.

A new column is an entry here, and a sum in `model` where it needs one; then `make columns` regenerates its files.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from operator import attrgetter
from typing import Any, Final

from chalicelib.common.csv_writer import csv_lines
from chalicelib.reports.column import Column, Kind, View, json_objects
from chalicelib.reports.line_table import LineTable
from chalicelib.reports.model import NOTHING, Card, Line
from chalicelib.reports.valuation import AnyLine

Row = Mapping[str, Any]
"""A report, or a line of a file, in cells."""

# A column is a paragraph, not a line for each of its words.
# fmt: off
_PAGE: Final = View.PAGE_HOURS | View.PAGE_TRADERS | View.PAGE_CARDS
_LINES: Final = (View.PAGE_HOURS, View.PAGE_TRADERS)
_CARD: Final = View.TERMINAL | View.PAGE_CARDS
_TRADES: Final[Column[AnyLine | Card]] = Column("trades", Kind.COUNT, attrgetter("totals.trades"), "Trades",
    description="Number of trades.", group="trades", rank=2, views=View.TERMINAL | View.MAIL_TRADERS | _PAGE, mail=3)
_TRADED_MWH: Final[Column[AnyLine | Card]] = Column("traded_mwh", Kind.ENERGY, attrgetter("totals.traded_energy"),
    "Traded", description="Bought and sold together.", views=View.PAGE_TRADERS,
    mail=4)
PNL_EUR: Final[Column[AnyLine | Card]] = Column("pnl_eur", Kind.MONEY, attrgetter("totals.pnl"), "PnL",
    headings={View.PAGE_CARDS: "Cash"}, group="PnL",
    description="Cash: earned by sales minus spent on purchases, so that what is still open has no value in it.",
    views=View.TERMINAL | View.MAIL_TRADERS | _PAGE, mail=1, signed=True)
_EUR_PER_MWH: Final[Column[AnyLine | Card]] = Column("eur_per_mwh", Kind.PRICE,
    attrgetter("totals.pnl", "totals.traded_energy"), "PnL per MWh",
    headings={View.TERMINAL: "EUR/MWh", View.MAIL_TRADERS: "PnL/MWh", View.PAGE_CARDS: "Cash"},
    description="Cash divided by the energy traded; `null` without trades.", group="EUR/MWh", rank=4,
    views=View.MAIL_TRADERS | _CARD, mail=2, signed=True, nullable=True)

LABEL: Final[Column[AnyLine]] = Column("label", Kind.TEXT, attrgetter("label"), "Label",
    description="An hour (`13 - 14`), a day, a trader or `Total`.", of_trades=False)
START: Final[Column[AnyLine]] = Column("start", Kind.INSTANT, attrgetter("start"), "Start",
    description="Start of delivery; `null` if the line is not a single period.", of_trades=False, nullable=True)
FIGURES: Final[tuple[Column[AnyLine], ...]] = (
    _TRADES,
    Column("buy_mw", Kind.POWER, attrgetter("totals.buy_kw"), "Buy", group="MW", rank=1,
        description="Power of the positions bought that deliver in the row, each counted once.",
        views=View.TERMINAL),
    Column("sell_mw", Kind.POWER, attrgetter("totals.sell_kw"), "Sell", group="MW", rank=1,
        description="Power of the positions sold that deliver in the row, each counted once.",
        views=View.TERMINAL),
    Column("buy_mwh", Kind.ENERGY, attrgetter("totals.buy_energy"), "Buy", headings=dict.fromkeys(_LINES, "Bought"),
        description="Energy bought.", rank=1, views=View.MAIL_TRADERS | View.PAGE_HOURS | View.PAGE_TRADERS, mail=5),
    Column("sell_mwh", Kind.ENERGY, attrgetter("totals.sell_energy"), "Sell", headings=dict.fromkeys(_LINES, "Sold"),
        description="Energy sold.", rank=1, views=View.MAIL_TRADERS | View.PAGE_HOURS | View.PAGE_TRADERS, mail=7),
    Column("net_mwh", Kind.ENERGY, attrgetter("totals.net_energy"), "Net",
        description="Energy bought minus energy sold.", group="net MWh", rank=6,
        views=View.TERMINAL | View.PAGE_HOURS | View.PAGE_TRADERS, mail=9, signed=True),
    _TRADED_MWH,
    Column("vwap_buy", Kind.PRICE, attrgetter("totals.buy_cash", "totals.buy_energy"), "VWAP buy",
        description="Volume-weighted average price of purchases.", group="VWAP", rank=3,
        views=View.TERMINAL | View.MAIL_TRADERS | View.PAGE_HOURS, mail=6, nullable=True),
    Column("vwap_sell", Kind.PRICE, attrgetter("totals.sell_cash", "totals.sell_energy"), "VWAP sell",
        description="Volume-weighted average price of sales.", group="VWAP", rank=3,
        views=View.TERMINAL | View.MAIL_TRADERS | View.PAGE_HOURS, mail=8, nullable=True),
    PNL_EUR,
    _EUR_PER_MWH,
    Column("reference_price", Kind.PRICE, attrgetter("reference"), "Reference",
        description="The reference price of a single delivery hour; `null` without a price or for several hours.",
        rank=7, views=View.PAGE_HOURS, nullable=True, if_known=True, of_trades=False),
    Column("edge_buy", Kind.PRICE, attrgetter("totals.buy_edge", "totals.buy_energy"), "Edge buy",
        description="Reference minus average price of purchases; `null` without purchases, or if any of their hours "
        "has no reference price.",
        group="edges", rank=5, views=View.TERMINAL, mail=10, signed=True, nullable=True,
        if_known=True),
    Column("edge_sell", Kind.PRICE, attrgetter("totals.sell_edge", "totals.sell_energy"), "Edge sell",
        description="Average price of sales minus reference; `null` as for `edge_buy`.", group="edges", rank=5,
        views=View.TERMINAL, mail=12, signed=True, nullable=True, if_known=True),
    Column("edge_buy_eur", Kind.MONEY, attrgetter("totals.buy_edge"), "Edge buy",
        description="The energy bought times `edge_buy`.", views=View.MAIL_TRADERS, mail=11, signed=True, nullable=True,
        if_known=True),
    Column("edge_sell_eur", Kind.MONEY, attrgetter("totals.sell_edge"), "Edge sell",
        description="The energy sold times `edge_sell`.", views=View.MAIL_TRADERS, mail=13, signed=True, nullable=True,
        if_known=True),
    Column("hours_without_reference", Kind.COUNT, attrgetter("totals.hours_without_reference"),
        "Hours without a reference price",
        description="Delivery hours of this line with trades but no reference price."),
)
"""Of every line, whatever its report."""
LINE: Final[tuple[Column[Line], ...]] = (
    LABEL,
    START,
    Column("hours_in_period", Kind.COUNT, attrgetter("hours"), "Hours",
        description="Hours of delivery in the line; 2 for the hour that comes twice.", of_trades=False, minimum=1),
    *FIGURES,
)
"""In the order of every output."""

CARD: Final[tuple[Column[Card], ...]] = (
    Column("trader_id", Kind.TEXT, attrgetter("trader_id"), "Trader",
        description="The trader; `null` for the whole desk.", nullable=True, schema="TraderId"),
    _TRADES._replace(rank=3),
    _TRADED_MWH._replace(description="", group="MWh", rank=2, views=_CARD, headings={View.TERMINAL: "MWh"}),
    PNL_EUR,
    _EUR_PER_MWH._replace(rank=1),
    Column("hours_traded", Kind.COUNT, attrgetter("hours_traded"), "Hours", description="Delivery hours with trades.",
        group="hours", rank=7, views=_CARD),
    Column("hours_won", Kind.COUNT, attrgetter("hours_won"), "Won", description="Delivery hours with cash above 0.",
        group="hours", rank=7, views=_CARD),
    Column("hit_rate_percent", Kind.PERCENT, attrgetter("hours_won", "hours_traded"), "Hit rate",
        headings={View.TERMINAL: "Hit %"}, description="Hours won per hours traded; `null` without trades.",
        group="hit rate", rank=1, views=_CARD, nullable=True),
    Column("best_day", Kind.DAY, lambda card: card.best_day.delivery_day if card.best_day else None, "Best day",
        description="The day with the highest cash, the earliest of equals; `null` without trades.", group="best day",
        rank=5, views=_CARD, nullable=True, inside=("best_day", "delivery_day")),
    Column("best_day_pnl_eur", Kind.MONEY, lambda card: card.best_day.pnl if card.best_day else None, "Best day",
        headings={View.TERMINAL: "EUR"}, group="best day", rank=5, views=_CARD, signed=True, nullable=True,
        inside=("best_day", "pnl_eur")),
    Column("worst_day", Kind.DAY, lambda card: card.worst_day.delivery_day if card.worst_day else None, "Worst day",
        description="The day with the lowest cash, the earliest of equals; `null` without trades.", group="worst day",
        rank=6, views=_CARD, nullable=True, inside=("worst_day", "delivery_day")),
    Column("worst_day_pnl_eur", Kind.MONEY, lambda card: card.worst_day.pnl if card.worst_day else None, "Worst day",
        headings={View.TERMINAL: "EUR"}, group="worst day", rank=6, views=_CARD, signed=True, nullable=True,
        inside=("worst_day", "pnl_eur")),
    Column("max_drawdown_eur", Kind.MONEY, attrgetter("drawdown"), "Drawdown",
        description="The largest fall of the running sum of daily cash from an earlier maximum, starting at 0.",
        group="drawdown", rank=4, views=_CARD),
)
"""In the order of every output."""
# fmt: on

KINDS: Final = {"kind": Kind.TEXT, "delivery_day": Kind.DAY, "completeness": Kind.TEXT}
KINDS.update({column.name: column.kind for column in LINE} | {column.name: column.kind for column in CARD})
"""The kind of each column of a file."""
NUMBERS: Final = frozenset(name for name, kind in KINDS.items() if kind.is_number)
REPORT_COLUMNS: Final = ("kind", "delivery_day", "completeness", *(column.name for column in LINE))
"""The columns of a report's rows; `kind` is hour, day, trader or total."""
CARD_COLUMNS: Final = ("kind", "completeness", *(column.name for column in CARD))

LINES: Final = LineTable(LINE, Line("", None, 0, NOTHING))


def line_json(line: Line) -> dict[str, Any]:
    return LINES.objects([line])[0]


def card_json(card: Card) -> dict[str, Any]:
    return json_objects(CARD, [card])[0]


def report_rows(report: Row, by: Collection[str] = ()) -> Iterator[Row]:
    """Yield the rows of the kinds in `by` (default: all, but not the day in a report of one day) and the total."""
    days = report["days"]
    only = days[0]["delivery_day"] if len(days) == 1 else None
    whole = {"delivery_day": only, "completeness": report["completeness"]["state"]}
    kinds = by or ({"hour", "trader", "group"} if only else {"hour", "day", "trader", "group"})
    if "hour" in kinds:
        yield from ({"kind": report.get("grain", "hour"), **whole, **line} for line in report["hours"])
    if "day" in kinds:
        for day in days:
            state = day["completeness"]["state"]
            yield {"kind": "day", "delivery_day": day["delivery_day"], "completeness": state, **day["total"]}
    if "trader" in kinds:
        yield from ({"kind": "trader", **whole, **line} for line in report["traders"] or ())
    if "group" in kinds:
        for group in report.get("groups", ()):
            yield {"kind": "group", **whole, **group["by"], **group["total"]}
    yield {"kind": "total", **whole, **report["total"]}


def scorecard_rows(scorecard: Row) -> Iterator[Row]:
    state = scorecard["completeness"]["state"]
    for kind, cards in (("trader", scorecard["traders"]), ("total", [scorecard["total"]])):
        yield from ({"kind": kind, "completeness": state, **card} for card in cards)


def report_csv(report: Row) -> str:
    return "".join(csv_lines(REPORT_COLUMNS, report_rows(report), NUMBERS))


def scorecard_csv(scorecard: Row) -> str:
    return "".join(csv_lines(CARD_COLUMNS, scorecard_rows(scorecard), NUMBERS))
