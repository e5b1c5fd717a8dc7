"""Delivery periods as traders name them, on the Berlin clock of a day."""

from __future__ import annotations

from collections.abc import Container
from datetime import date, datetime, timedelta
from typing import Final

from chalicelib.common.delivery import HOUR, QUARTER, day_end, slot_rows

_BLOCKS: Final = {"base": "00-24", "peak": "08-20"}
_FORM: Final = "base, peak, an hour such as 09, a quarter-hour such as 13:15, or a run such as 13:15-14:30"


def period_of(day: date, text: str) -> tuple[datetime, datetime]:
    """Return the start and the end of a period of a day; raises ValueError.

    The hour that comes twice is 02A and 02B, and its quarter-hours are such as 02:15A.
    """
    rows = {row.period: row for minutes in (HOUR, QUARTER) for row in slot_rows(day, minutes)}
    ends = {name: row.start for name, row in rows.items()} | dict.fromkeys(("24", "24:00"), day_end(day))
    first, dash, last = (part.strip() for part in _BLOCKS.get(text.lower(), text).partition("-"))
    row = rows.get(first)
    if row is None or (dash and last not in ends):
        raise ValueError(f"must be a period of {day}: {_FORM}, got {text!r}{changed_clocks(rows)}")
    end = ends[last] if dash else row.start + timedelta(minutes=row.minutes)
    if end <= row.start:
        raise ValueError(f"must end after it begins, got {text!r}")
    return row.start, end


def changed_clocks(periods: Container[str]) -> str:
    """Return the end of an error about a period: what is special about the day's hour 02, if anything is."""
    if "02A" in periods:
        return ": the clock shows 02 twice on that day: 02A and 02B, 02:15A and 02:15B"
    return "" if "02" in periods else ": the clocks skip 02 on that day"
