"""What is odd about a trade that breaks no rule: it is booked, and never in silence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from chalicelib.common.delivery import HOUR, hours_of
from chalicelib.common.timestamps import format_utc
from chalicelib.common.units import CENTS_PER_EUR
from chalicelib.trades.model import Trade

CLOCKS_APART: Final = timedelta(minutes=5)
"""How far a right clock may be ahead of ours."""


@dataclass(frozen=True, slots=True)
class ExchangeLimits:
    """The widest an order may be at the exchange, so that a trade beyond it is a slip: of a unit, or of a digit.

    `price_eur` is in EUR/MWh, above and below zero, `quantity_mw` in MW.
    """

    price_eur: int = 9_999
    quantity_mw: int = 999


BEYOND_PRICE: Final = "beyond the exchange's price limits"
BEYOND_QUANTITY: Final = "beyond the exchange's quantity limit"
AFTER_DELIVERY: Final = "executed after the delivery ended"
IN_THE_FUTURE: Final = "executed in the future"


@dataclass(frozen=True, slots=True)
class TradeWarning:
    """What is odd about one field of a trade."""

    field: str
    message: str
    kind: str
    """The same for every trade, to be said of many rows: without any price, id or trader."""

    def __str__(self) -> str:
        return f"{self.field}: {self.message}"

    def as_json(self) -> dict[str, str]:
        """Return the warning as the API and the CLI show it."""
        return {"field": self.field, "message": self.message}


def trade_warnings(trade: Trade, now: datetime, limits: ExchangeLimits) -> tuple[TradeWarning, ...]:
    """Return all that is odd about a trade, in the order of its fields.

    Args:
        trade: A trade that keeps every rule.
        now: When it was stated: the moment of a post, or when its file was stored; aware.
        limits: Those of the exchange.
    """
    return tuple(_found(trade, now, limits))


def warnings_member(warnings: Sequence[TradeWarning]) -> dict[str, object]:
    """Return the member `warnings` of a JSON object, which is there only where there are any."""
    return {"warnings": [warning.as_json() for warning in warnings]} if warnings else {}


def _found(trade: Trade, now: datetime, limits: ExchangeLimits) -> Iterator[TradeWarning]:
    if abs(trade.price) > limits.price_eur * CENTS_PER_EUR:
        widest = f"from -{limits.price_eur} to {limits.price_eur} EUR/MWh"
        yield TradeWarning(
            "price", f"is beyond the exchange's limits, {widest}: got {trade.price} eurocent/MWh", BEYOND_PRICE
        )
    if trade.quantity > limits.quantity_mw:
        yield TradeWarning(
            "quantity",
            f"is beyond the exchange's limit, {limits.quantity_mw} MW: got {trade.quantity} MW",
            BEYOND_QUANTITY,
        )
    ended = _delivered(trade)
    if trade.executed_at > ended:
        yield TradeWarning("execution_time", f"is after the delivery ended, at {format_utc(ended)}", AFTER_DELIVERY)
    if trade.executed_at > now + CLOCKS_APART:
        minutes = CLOCKS_APART // timedelta(minutes=1)
        yield TradeWarning(
            "execution_time", f"is more than {minutes} minutes in the future: it is {format_utc(now)}", IN_THE_FUTURE
        )


def _delivered(trade: Trade) -> datetime:
    """Return when the delivery ended; of the hour that comes twice, whose number does not say which, the second."""
    minutes = next((row.minutes for row in hours_of(trade.delivery_day) if row.hour == trade.delivery_hour), HOUR)
    return trade.period.start + timedelta(minutes=minutes)
