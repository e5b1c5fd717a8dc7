"""Warnings about valid statements that are probably mistakes, by the limits of their venue."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from chalicelib.common.units import CENTS_PER_EUR, KW_PER_MW, megawatts, rounded
from chalicelib.trades.areas import names_area
from chalicelib.trades.model import Trade
from chalicelib.trades.venues import VENUES, Venue
from chalicelib.trades.warnings import ExchangeLimits, TradeWarning, execution_warnings

STEP_KW: Final = 100
"""What exchanges trade in multiples of."""
_OF_NO_LIMIT: Final = Venue()


def statement_warnings(trade: Trade, now: datetime, limits: ExchangeLimits) -> tuple[TradeWarning, ...]:
    """Return the warnings about a stated trade, in the order of its fields; `now` is when it was stated."""
    return (*_amounts(trade, limits), *execution_warnings(trade, now), *_area(trade))


def _amounts(trade: Trade, limits: ExchangeLimits) -> Iterator[TradeWarning]:
    if trade.kw % STEP_KW:
        uneven = f"is not a multiple of {megawatts(STEP_KW)} MW: got {megawatts(trade.kw)} MW"
        yield TradeWarning("quantity_mw", uneven, "not a multiple of the exchanges' step")
    if trade.kw > limits.quantity_mw * KW_PER_MW:
        large = f"is beyond the exchange's limit, {limits.quantity_mw} MW: got {megawatts(trade.kw)} MW"
        yield TradeWarning("quantity_mw", large, "beyond the exchange's quantity limit")
    lowest, highest = VENUES.get(trade.venue, _OF_NO_LIMIT)
    if lowest is not None and highest is not None and not lowest <= trade.price <= highest:
        low, high, price = (rounded(cents, CENTS_PER_EUR, 2) for cents in (lowest, highest, trade.price))
        beyond = f"is beyond the limits of {trade.venue}, from {low} to {high} EUR/MWh: got {price}"
        yield TradeWarning("price_eur_mwh", beyond, "beyond the venue's price limits")


def _area(trade: Trade) -> Iterator[TradeWarning]:
    if trade.area is not None and not names_area(trade.area):
        other = f"is the EIC code of something else than an area (its third character is not Y): got {trade.area}"
        yield TradeWarning("area", other, "not the code of an area")
