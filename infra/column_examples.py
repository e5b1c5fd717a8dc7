"""The lines and the card that the API's contract shows as examples, made as the API makes them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from chalicelib.common.delivery import HOUR, Period, hours_of
from chalicelib.common.units import KW_PER_MW
from chalicelib.positions.model import NO_CHANGE, Direction, Position, PositionKey, change_of
from chalicelib.reports.column_json import card_json, line_json
from chalicelib.reports.completeness import Completeness, State
from chalicelib.reports.pnl import build_report
from chalicelib.reports.scorecard import build_scorecard

_EVE, _DAY = date(2023, 2, 27), date(2023, 2, 28)
_READ_AT = datetime(2023, 3, 1, 7, tzinfo=UTC)
_KNOWN = Completeness(State.COMPLETE, (), ())
_REFERENCES = dict.fromkeys(range(24), 4890) | {13: 5200}


def examples() -> Mapping[str, dict[str, Any]]:
    """Return the objects by their anchors in the contract: an hour without trades, one with two, and a card."""
    traded = {_DAY: [_position(_DAY, 13, buy=5000, sell=5550)]}
    [day] = build_report("trader_1", traded, {_DAY: _KNOWN}, {_DAY: _REFERENCES}, _READ_AT).days
    eve = [_position(_EVE, 8, buy=5000, sell=4650), _position(_EVE, 9, sell=50)]
    known = {_EVE: _KNOWN, _DAY: _KNOWN}
    card = build_scorecard("trader_1", {_EVE: eve, **traded}, known, _READ_AT).total
    return {"quiet": line_json(day.periods[0]), "traded": line_json(day.periods[13]), "card": card_json(card)}


def _position(day: date, hour: int, **prices: int) -> Position:
    """Return the position of 10 MW at the price of each side that is named, in eurocent/MWh."""
    period = Period(hours_of(day)[hour].start, HOUR)
    changes = [change_of(price, 10 * KW_PER_MW, Direction(side), period.minutes) for side, price in prices.items()]
    return Position(PositionKey("trader_1", day, period), sum(changes, NO_CHANGE))
