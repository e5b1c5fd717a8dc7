"""Names of exchange products, and the delivery periods they stand for on a given day.

M7 counts the hours of the Berlin clock from 0 (`15Q4`), EPEX's tables from 1 (`Hour 3B Q4`, `21qh1`), and Nord Pool
numbers the periods of the day (`QH-20261025-09X`, where X is the second time).
"""

from __future__ import annotations

import re
from datetime import date
from typing import Final

from chalicelib.common.delivery import HOUR, QUARTER, Period, slot_rows

_M7: Final = re.compile(r"(?P<hour>\d{2})Q(?P<quarter>[1-4])", re.ASCII)
_EPEX: Final = re.compile(
    r"(?:Hour (?P<named>\d{1,2})(?P<letter>[AB]?)(?: Q(?P<quarter>[1-4]))?"
    r"|(?P<lettered>\d{1,2})(?P<AB>[AB])(?:qh(?P<of_lettered>[1-4]))?"
    r"|(?P<short>\d{1,2})qh(?P<of_short>[1-4]))",
    re.ASCII,
)
_NORD_POOL: Final = re.compile(r"(?P<kind>PH|HH|QH)-(?P<day>\d{8})-(?P<number>\d{2})(?P<second>X?)", re.ASCII)
_MINUTES: Final = {"PH": HOUR, "HH": HOUR // 2, "QH": QUARTER}


def product_period(name: str, delivery_day: date) -> Period:
    """Return the period of a product; raises ValueError if it is unknown, ambiguous or not of that day."""
    if match := _M7.fullmatch(name):
        start = int(match["hour"]) * HOUR + (int(match["quarter"]) - 1) * QUARTER
        return _period(name, delivery_day, start, QUARTER, "")
    if match := _EPEX.fullmatch(name):
        hour, quarter, letter = _epex(match)
        start = (hour - 1) * HOUR + (quarter - 1) * QUARTER if quarter else (hour - 1) * HOUR
        return _period(name, delivery_day, start, QUARTER if quarter else HOUR, letter)
    if match := _NORD_POOL.fullmatch(name):
        if match["day"] != f"{delivery_day:%Y%m%d}":
            raise ValueError(f"must be a product of {delivery_day}, got {name!r}")
        minutes = _MINUTES[match["kind"]]
        start = (int(match["number"]) - 1) * minutes
        letters = ("B",) if match["second"] else ("", "A")
        return _period(name, delivery_day, start, minutes, *letters)
    raise ValueError(f"must be the name of a product, such as 15Q4, Hour 3B Q4, 21qh1 or QH-20261025-09X, got {name!r}")


def _epex(match: re.Match[str]) -> tuple[int, int, str]:
    hour = match["named"] or match["lettered"] or match["short"]
    quarter = match["quarter"] or match["of_lettered"] or match["of_short"] or "0"
    return int(hour), int(quarter), match["letter"] or match["AB"] or ""


def _period(name: str, day: date, start: int, minutes: int, *letters: str) -> Period:
    """Return the period that begins `start` minutes after midnight on the Berlin clock."""
    clock = f"{start // HOUR:02d}" if minutes == HOUR else f"{start // HOUR:02d}:{start % HOUR:02d}"
    periods = {row.period: Period(row.start, row.minutes) for row in slot_rows(day, minutes)}
    for letter in letters:
        if f"{clock}{letter}" in periods:
            return periods[f"{clock}{letter}"]
    if f"{clock}A" in periods:
        raise ValueError(f"is ambiguous on {day}: the clock shows its hour twice, got {name!r}")
    raise ValueError(f"is a product that does not exist on {day}, got {name!r}")
