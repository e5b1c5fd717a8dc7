"""One line of a report: an hour, a day, a trader or a total, in exact numbers."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from chalicelib.reports.aggregation import Totals


class Line(NamedTuple):
    """Totals over `hours` hours of delivery; `start` is None where the line is no single period.

    `reference` is the price of a single delivery hour in eurocent/MWh, None where there is none or more than one.
    """

    label: str
    start: datetime | None
    hours: int
    totals: Totals
    reference: int | None = None


def summed(label: str, hours: int, lines: Iterable[Line]) -> Line:
    """Return the exact sum of lines, to be rounded once, when it is shown."""
    return Line(label, None, hours, Totals.over(line.totals for line in lines))
