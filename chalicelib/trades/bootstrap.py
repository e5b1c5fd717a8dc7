"""Builds the book of trades and its limits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.common.once import once

if TYPE_CHECKING:
    from chalicelib.trades.store import Book
    from chalicelib.trades.warnings import ExchangeLimits


@once
def book() -> Book:
    from chalicelib.aws.client import connect
    from chalicelib.changes.bootstrap import changes
    from chalicelib.positions.dynamodb import PositionItem
    from chalicelib.trades.dynamodb import BookTables
    from chalicelib.trades.items import TradeItem

    connect(TradeItem, "trades")
    connect(PositionItem, "positions")
    return BookTables(changes().note)


def exchange_limits() -> ExchangeLimits:
    from chalicelib.settings import settings
    from chalicelib.trades.warnings import ExchangeLimits

    return ExchangeLimits(settings().price_limit_eur, settings().quantity_limit_mw)
