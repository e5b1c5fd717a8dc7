"""Trades for tests, each test saying only what matters to it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from chalicelib.reports.aggregation import Tally
from chalicelib.reports.model import Totals
from chalicelib.trades.model import Trade, parse_trade, positions_of
from chalicelib.trades.revision import FromFile, Posted, Revision, Source

SAID_AT = "2023-02-21T00:54:00Z"
FILE_DAY = date(2023, 2, 20)


def fields(**changes: Any) -> dict[str, Any]:
    """The eight fields of a trade that breaks no rule, with these changed."""
    return {
        "id": "trade-1",
        "price": 5000,
        "quantity": 10,
        "direction": "buy",
        "delivery_day": "2023-02-28",
        "delivery_hour": 13,
        "trader_id": "trader_1",
        "execution_time": "2023-02-20T10:00:00Z",
    } | changes


def trade(trade_id: str = "trade-1", **changes: Any) -> Trade:
    """A trade with these fields changed."""
    return parse_trade(fields(id=trade_id, **changes))


def totals_of(trades: Iterable[Trade]) -> Totals:
    """The sum of the positions of these trades."""
    tally = Tally()
    for position in positions_of(trades):
        tally.add(position, position.key.period.local_hour, None)
    return tally.totals


def posted(a_trade: Trade, user: str = "admin") -> Revision:
    """The first word on a trade, posted by a user."""
    return _first(a_trade, Posted(user))


def from_file(a_trade: Trade, line: int = 2, version: int = 1, file_day: date = FILE_DAY) -> Revision:
    """The first word on a trade, from a daily file."""
    return _first(a_trade, FromFile(file_day, version, line))


def _first(a_trade: Trade, source: Source) -> Revision:
    return Revision(a_trade, 1, source, SAID_AT)
