"""Warnings about valid trades that are probably mistakes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from chalicelib.common.delivery import HOUR
from chalicelib.common.timestamps import format_utc
from chalicelib.common.units import CENTS_PER_EUR, KW_PER_MW, megawatts
from chalicelib.trades.model import Trade

CLOCKS_APART: Final = timedelta(minutes=5)
"""Tolerated difference between the clocks."""


class ExchangeLimits(NamedTuple):
    """`price_eur` in EUR/MWh, above and below zero."""

    price_eur: int = 9_999
    quantity_mw: int = 999


class TradeWarning(NamedTuple):
    field: str
    message: str
    kind: str
    """The same for all trades, so without price, id or trader."""

    def __str__(self) -> str:
        return f"{self.field}: {self.message}"

    def as_json(self) -> dict[str, str]:
        return {"field": self.field, "message": self.message}


def trade_warnings(trade: Trade, now: datetime, limits: ExchangeLimits) -> tuple[TradeWarning, ...]:
    """Return the warnings about a valid trade, in the order of its fields; `now` is when it was stated."""
    return tuple(_warnings(trade, now, limits))


def warnings_member(warnings: Sequence[TradeWarning]) -> dict[str, object]:
    """Return the JSON member `warnings`, or no member without warnings."""
    return {"warnings": [warning.as_json() for warning in warnings]} if warnings else {}


def _warnings(trade: Trade, now: datetime, limits: ExchangeLimits) -> Iterator[TradeWarning]:
    if abs(trade.price) > limits.price_eur * CENTS_PER_EUR:
        widest = f"from -{limits.price_eur} to {limits.price_eur} EUR/MWh"
        yield TradeWarning(
            "price",
            f"is beyond the exchange's limits, {widest}: got {trade.price} eurocent/MWh",
            "beyond the exchange's price limits",
        )
    if trade.kw > limits.quantity_mw * KW_PER_MW:
        yield TradeWarning(
            "quantity",
            f"is beyond the exchange's limit, {limits.quantity_mw} MW: got {megawatts(trade.kw)} MW",
            "beyond the exchange's quantity limit",
        )
    yield from execution_warnings(trade, now)


def execution_warnings(trade: Trade, now: datetime) -> Iterator[TradeWarning]:
    executed, ended = trade.executed_at, _delivery_end(trade)
    if executed > ended:
        late = f"is after the delivery ended, at {format_utc(ended)}"
        yield TradeWarning("execution_time", late, "executed after the delivery ended")
    if executed > now + CLOCKS_APART:
        early = f"is more than {CLOCKS_APART // timedelta(minutes=1)} minutes in the future: it is {format_utc(now)}"
        yield TradeWarning("execution_time", early, "executed in the future")


def _delivery_end(trade: Trade) -> datetime:
    """Return the end of delivery, of the second hour where it is unknown which of two it is."""
    return trade.period.start + timedelta(minutes=trade.period.minutes + (HOUR if trade.hour_only else 0))
