"""What each column of a report or a scorecard holds, so that workbooks and Parquet get numbers, days and times."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Final

from chalicelib.domain.csv_text import NUMBERS


class Holds(Enum):
    """A kind of value, and how many decimals a number of that kind has at most."""

    TEXT = None
    DAY = "day"
    INSTANT = "instant"
    COUNT = 0
    EUR = 2
    MW = 3
    MWH = 6


_BY_NAME: Final[Mapping[str, Holds]] = {
    "delivery_day": Holds.DAY,
    "best_day": Holds.DAY,
    "worst_day": Holds.DAY,
    "start": Holds.INSTANT,
    "hours_in_period": Holds.COUNT,
    "trades": Holds.COUNT,
    "hours_without_reference": Holds.COUNT,
    "hours_traded": Holds.COUNT,
    "hours_won": Holds.COUNT,
    "buy_mw": Holds.MW,
    "sell_mw": Holds.MW,
    "buy_mwh": Holds.MWH,
    "sell_mwh": Holds.MWH,
    "net_mwh": Holds.MWH,
    "traded_mwh": Holds.MWH,
}


def held_by(column: str) -> Holds:
    """Give what a column holds: money, prices and percentages have two decimals, what is no number is text."""
    return _BY_NAME.get(column, Holds.EUR if column in NUMBERS else Holds.TEXT)
