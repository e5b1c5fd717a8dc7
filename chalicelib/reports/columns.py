"""The catalogue of the columns of lines and cards, from which every output derives.

A new column is an entry here, and a sum in `aggregation` where it needs one; then `make columns` regenerates its files.
"""

from __future__ import annotations

from typing import Final

from chalicelib.reports.column import Column, Kind, View
from chalicelib.reports.model import Card, Line

# A column is a paragraph, not a line for each of its words.
# fmt: off
_PAGE: Final = View.PAGE_HOURS | View.PAGE_TRADERS | View.PAGE_CARDS
_CARD: Final = View.TERMINAL | View.PAGE_CARDS
_TRADES: Final[Column[Line | Card]] = Column(
    name="trades", kind=Kind.COUNT, value=lambda shown: shown.totals.trades, heading="Trades",
    description="Number of trades.", group="trades", rank=2, views=View.TERMINAL | View.MAIL_TRADERS | _PAGE, mail=3
)
_TRADED_MWH: Final[Column[Line | Card]] = Column(
    name="traded_mwh", kind=Kind.ENERGY, value=lambda shown: shown.totals.traded_energy, heading="Traded",
    description="Bought and sold together.", mail=4
)
_PNL_EUR: Final[Column[Line | Card]] = Column(
    name="pnl_eur", kind=Kind.MONEY, value=lambda shown: shown.totals.pnl, heading="PnL", group="PnL",
    views=View.TERMINAL | View.MAIL_TRADERS | _PAGE, mail=1, signed=True
)
_EUR_PER_MWH: Final[Column[Line | Card]] = Column(
    name="eur_per_mwh", kind=Kind.PRICE, value=lambda shown: (shown.totals.pnl, shown.totals.traded_energy),
    heading="PnL per MWh", headings={View.TERMINAL: "EUR/MWh", View.MAIL_TRADERS: "PnL/MWh", View.PAGE_CARDS: "PnL"},
    description="PnL divided by the energy traded; `null` without trades.", group="EUR/MWh", rank=4,
    views=View.MAIL_TRADERS | _CARD, mail=2, signed=True, nullable=True
)

LINE: Final[tuple[Column[Line], ...]] = (
    Column(
        name="label", kind=Kind.TEXT, value=lambda line: line.label, heading="Label",
        description="An hour (`13 - 14`), a day, a trader or `Total`.", of_trades=False
    ),
    Column(
        name="start", kind=Kind.INSTANT, value=lambda line: line.start, heading="Start",
        description="Start of delivery; `null` if the line is not a single period.", of_trades=False, nullable=True
    ),
    Column(
        name="hours_in_period", kind=Kind.COUNT, value=lambda line: line.hours, heading="Hours",
        description="Hours of delivery in the line; 2 for the hour that comes twice.", of_trades=False,
        minimum=1
    ),
    _TRADES,
    Column(
        name="buy_mw", kind=Kind.POWER, value=lambda line: line.totals.buy_kw, heading="Buy", group="MW", rank=1,
        views=View.TERMINAL | View.PAGE_HOURS
    ),
    Column(
        name="sell_mw", kind=Kind.POWER, value=lambda line: line.totals.sell_kw, heading="Sell", group="MW", rank=1,
        views=View.TERMINAL | View.PAGE_HOURS
    ),
    Column(
        name="buy_mwh", kind=Kind.ENERGY, value=lambda line: line.totals.buy_energy, heading="Buy",
        headings={View.PAGE_TRADERS: "Bought"}, views=View.MAIL_TRADERS | View.PAGE_TRADERS, mail=5
    ),
    Column(
        name="sell_mwh", kind=Kind.ENERGY, value=lambda line: line.totals.sell_energy, heading="Sell",
        headings={View.PAGE_TRADERS: "Sold"}, views=View.MAIL_TRADERS | View.PAGE_TRADERS, mail=7
    ),
    Column(
        name="net_mwh", kind=Kind.ENERGY, value=lambda line: line.totals.net_energy, heading="Net",
        description="Bought minus sold.", group="net MWh", rank=6, views=View.TERMINAL | View.PAGE_HOURS, mail=9,
        signed=True
    ),
    _TRADED_MWH,
    Column(
        name="vwap_buy", kind=Kind.PRICE, value=lambda line: (line.totals.buy_cash, line.totals.buy_energy),
        heading="VWAP buy", description="Volume-weighted average price of purchases.", group="VWAP", rank=3,
        views=View.TERMINAL | View.MAIL_TRADERS | View.PAGE_HOURS, mail=6, nullable=True
    ),
    Column(
        name="vwap_sell", kind=Kind.PRICE, value=lambda line: (line.totals.sell_cash, line.totals.sell_energy),
        heading="VWAP sell", description="Volume-weighted average price of sales.", group="VWAP", rank=3,
        views=View.TERMINAL | View.MAIL_TRADERS | View.PAGE_HOURS, mail=8, nullable=True
    ),
    _PNL_EUR,
    _EUR_PER_MWH,
    Column(
        name="reference_price", kind=Kind.PRICE, value=lambda line: (line.reference, 1), heading="Reference",
        description="The reference price of a single delivery hour; `null` without a price or for several hours.",
        rank=7, views=View.PAGE_HOURS, nullable=True, if_known=True, of_trades=False
    ),
    Column(
        name="edge_buy", kind=Kind.PRICE, value=lambda line: (line.totals.buy_edge, line.totals.buy_energy),
        heading="Edge buy", description="Reference minus average price of purchases; `null` without purchases, or if "
        "any of their hours has no reference price.",
        group="edges", rank=5, views=View.TERMINAL | View.PAGE_HOURS, mail=10, signed=True, nullable=True, if_known=True
    ),
    Column(
        name="edge_sell", kind=Kind.PRICE, value=lambda line: (line.totals.sell_edge, line.totals.sell_energy),
        heading="Edge sell", description="Average price of sales minus reference; `null` as for `edge_buy`.",
        group="edges", rank=5, views=View.TERMINAL | View.PAGE_HOURS, mail=12, signed=True, nullable=True, if_known=True
    ),
    Column(
        name="edge_buy_eur", kind=Kind.MONEY, value=lambda line: line.totals.buy_edge, heading="Edge buy",
        description="The energy bought times `edge_buy`.", views=View.MAIL_TRADERS, mail=11, signed=True,
        nullable=True, if_known=True
    ),
    Column(
        name="edge_sell_eur", kind=Kind.MONEY, value=lambda line: line.totals.sell_edge, heading="Edge sell",
        description="The energy sold times `edge_sell`.", views=View.MAIL_TRADERS, mail=13, signed=True,
        nullable=True, if_known=True
    ),
    Column(
        name="hours_without_reference", kind=Kind.COUNT, value=lambda line: line.totals.hours_without_reference,
        heading="Hours without a reference price",
        description="Delivery hours of this line with trades but no reference price."
    ),
)
"""In the order of every output."""

CARD: Final[tuple[Column[Card], ...]] = (
    Column(
        name="trader_id", kind=Kind.TEXT, value=lambda card: card.trader_id, heading="Trader",
        description="The trader; `null` for the whole desk.", nullable=True, schema="TraderId"
    ),
    _TRADES._replace(rank=3),
    _TRADED_MWH._replace(description="", group="MWh", rank=2, views=_CARD, headings={View.TERMINAL: "MWh"}),
    _PNL_EUR,
    _EUR_PER_MWH._replace(rank=1),
    Column(
        name="hours_traded", kind=Kind.COUNT, value=lambda card: card.hours_traded, heading="Hours",
        description="Delivery hours with trades.", group="hours", rank=7, views=_CARD
    ),
    Column(
        name="hours_won", kind=Kind.COUNT, value=lambda card: card.hours_won, heading="Won",
        description="Delivery hours with a PnL above 0.", group="hours", rank=7, views=_CARD
    ),
    Column(
        name="hit_rate_percent", kind=Kind.PERCENT, value=lambda card: (card.hours_won, card.hours_traded),
        heading="Hit rate", headings={View.TERMINAL: "Hit %"},
        description="Hours won per hours traded; `null` without trades.", group="hit rate", rank=1, views=_CARD,
        nullable=True
    ),
    Column(
        name="best_day", kind=Kind.DAY,
        value=lambda card: card.best_day.delivery_day if card.best_day else None,
        heading="Best day", description="The day with the highest PnL, the earliest of equals; `null` without trades.",
        group="best day", rank=5, views=_CARD, nullable=True, inside=("best_day", "delivery_day")
    ),
    Column(
        name="best_day_pnl_eur", kind=Kind.MONEY,
        value=lambda card: card.best_day.pnl if card.best_day else None,
        heading="Best day", headings={View.TERMINAL: "EUR"}, group="best day", rank=5, views=_CARD, signed=True,
        nullable=True, inside=("best_day", "pnl_eur")
    ),
    Column(
        name="worst_day", kind=Kind.DAY,
        value=lambda card: card.worst_day.delivery_day if card.worst_day else None,
        heading="Worst day", description="The day with the lowest PnL, the earliest of equals; `null` without trades.",
        group="worst day", rank=6, views=_CARD, nullable=True, inside=("worst_day", "delivery_day")
    ),
    Column(
        name="worst_day_pnl_eur", kind=Kind.MONEY,
        value=lambda card: card.worst_day.pnl if card.worst_day else None,
        heading="Worst day", headings={View.TERMINAL: "EUR"}, group="worst day", rank=6, views=_CARD,
        signed=True, nullable=True, inside=("worst_day", "pnl_eur")
    ),
    Column(
        name="max_drawdown_eur", kind=Kind.MONEY, value=lambda card: card.drawdown, heading="Drawdown",
        description="The largest fall of the daily PnL's running sum from an earlier maximum, starting at 0.",
        group="drawdown", rank=4, views=_CARD
    ),
)
"""In the order of every output."""
# fmt: on

KINDS: Final = {
    **{column.name: column.kind for column in LINE},
    **{column.name: column.kind for column in CARD},
    "kind": Kind.TEXT,
    "delivery_day": Kind.DAY,
    "completeness": Kind.TEXT,
}
"""The kind of each column of a file."""
NUMBERS: Final = frozenset(name for name, kind in KINDS.items() if kind.is_number)
REPORT_COLUMNS: Final = ("kind", "delivery_day", "completeness", *(column.name for column in LINE))
"""The columns of a report's rows; `kind` is hour, day, trader or total."""
CARD_COLUMNS: Final = ("kind", "completeness", *(column.name for column in CARD))
