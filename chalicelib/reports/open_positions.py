"""Open positions of a delivery day: what a scope bought and sold in each quarter-hour or hour."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final, NamedTuple

from chalicelib.common.delivery import QUARTER, SlotRow, day_start, slot_rows
from chalicelib.common.timestamps import format_utc
from chalicelib.positions.model import Position
from chalicelib.reports.column import Column, Kind, json_objects
from chalicelib.reports.references import REFERENCE, Reference, Slots, reference_of
from chalicelib.reports.slots import Run, grid_of

LEAD_TIME: Final = timedelta(minutes=5)
"""How long before delivery trading ends."""
CLOSING: Final = timedelta(minutes=60)


class Window(StrEnum):
    """Whether a period can still be traded; after delivery an open position is imbalance."""

    OPEN = "open"
    CLOSING = "closing"
    CLOSED = "closed"
    DELIVERED = "delivered"


class Cost(NamedTuple):
    """Cash of one side over its kW-minutes, which is its mean price."""

    cash: int
    energy: int


class OpenPosition(NamedTuple):
    row: SlotRow
    trades: int
    buy_kw: int
    sell_kw: int
    bought: Cost
    sold: Cost
    open_energy: int
    cash: int
    mean: Reference | None
    window: Window

    @property
    def net_kw(self) -> int:
        return self.buy_kw - self.sell_kw

    @property
    def gross_kw(self) -> int:
        return self.buy_kw + self.sell_kw


# fmt: off
COLUMNS: Final[tuple[Column[OpenPosition], ...]] = (
    Column("start", Kind.INSTANT, lambda shown: shown.row.start, "Start", description="Start of delivery."),
    Column("minutes", Kind.COUNT, lambda shown: shown.row.minutes, "Minutes", minimum=QUARTER),
    Column("label", Kind.TEXT, lambda shown: shown.row.label, "Delivery",
        description="`13:15 - 13:30`, or `13 - 14`; the hour that comes twice is A and B."),
    Column("trades", Kind.COUNT, lambda shown: shown.trades, "Trades",
        description="Trades that deliver in the row."),
    Column("buy_mw", Kind.POWER, lambda shown: shown.buy_kw, "Buy",
        description="Power of the positions bought that deliver in the row, each counted once."),
    Column("sell_mw", Kind.POWER, lambda shown: shown.sell_kw, "Sell"),
    Column("net_mw", Kind.POWER, lambda shown: shown.net_kw, "Net", description="Bought minus sold.", signed=True,
        schema="NetMegawatts"),
    Column("gross_mw", Kind.POWER, lambda shown: shown.gross_kw, "Gross", description="Bought and sold together."),
    Column("buy_mwh", Kind.ENERGY, lambda shown: shown.bought.energy, "Bought", description="Energy bought."),
    Column("sell_mwh", Kind.ENERGY, lambda shown: shown.sold.energy, "Sold", description="Energy sold."),
    Column("open_mwh", Kind.ENERGY, lambda shown: shown.open_energy, "Open",
        description="Energy bought minus sold: what is not closed by a trade of the other side.", signed=True),
    Column("cash_eur", Kind.MONEY, lambda shown: shown.cash, "Cash", description="Earned minus spent.", signed=True),
    Column("vwap_buy_eur_mwh", Kind.PRICE, lambda shown: shown.bought if shown.bought.energy else None, "VWAP buy",
        description="Volume-weighted average price of what was bought for the row.", nullable=True),
    Column("vwap_sell_eur_mwh", Kind.PRICE, lambda shown: shown.sold if shown.sold.energy else None, "VWAP sell",
        description="Volume-weighted average price of what was sold for the row.", nullable=True),
    *REFERENCE,
)
# fmt: on


class OpenPositions(NamedTuple):
    day: date
    grain: int
    """Minutes of a row: 15 or 60."""
    as_of: str
    rows: tuple[OpenPosition, ...]
    total: OpenPosition
    """The whole day as one row."""

    def as_json(self) -> dict[str, object]:
        *values, total = json_objects(COLUMNS, (*self.rows, self.total))
        return {
            "day": self.day.isoformat(),
            "grain": self.grain,
            "as_of": self.as_of,
            "slots": [{**of_row, "window": row.window.value} for row, of_row in zip(self.rows, values, strict=True)],
            "total": total,
        }


def open_positions(
    day: date, grain: int, positions: Sequence[Position], prices: Slots, as_of: datetime
) -> OpenPositions:
    """Return the rows of a day, also those without trades; `prices` has an entry for each slot."""
    grid, length = grid_of(day, positions), grain // QUARTER
    whole = SlotRow("", "Total", day_start(day), len(grid.slots) * QUARTER)
    rows = []
    for place, row in enumerate((*slot_rows(day, grain), whole)):
        run = Run(place * length, (place + 1) * length) if row is not whole else Run(0, len(grid.slots))
        sums, slots = grid.delivered(run), grid.slots[run.first : run.end]
        energy, cash = sum(slot.net_kw for slot in slots) * QUARTER, sum(slot.cash for slot in slots)
        bought = Cost(sum(slot.spent for slot in slots), sum(slot.buy_kw for slot in slots) * QUARTER)
        sold = Cost(sum(slot.earned for slot in slots), sum(slot.sell_kw for slot in slots) * QUARTER)
        mean, window = reference_of(prices[run.first : run.end]), window_of(row, as_of)
        rows.append(OpenPosition(row, sums.trades, sums.buy_kw, sums.sell_kw, bought, sold, energy, cash, mean, window))
    *rows_of_day, total = rows
    return OpenPositions(day, grain, format_utc(as_of), tuple(rows_of_day), total)


def window_of(row: SlotRow, now: datetime) -> Window:
    """Return the window of a row, by the beginning of its delivery."""
    if now >= row.start + timedelta(minutes=row.minutes):
        return Window.DELIVERED
    if now >= row.start - LEAD_TIME:
        return Window.CLOSED
    return Window.CLOSING if now >= row.start - CLOSING else Window.OPEN
