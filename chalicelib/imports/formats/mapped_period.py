"""The delivery period of a row: start and end where given, else the product's name on its day."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Final

from chalicelib.common.delivery import QUARTER, Period
from chalicelib.common.errors import Problem
from chalicelib.common.fields import shown_value
from chalicelib.imports.formats.cells import Times
from chalicelib.trades.products import product_period

_product_period = lru_cache(maxsize=4096)(product_period)  # a file names each product many times
_MINUTE: Final = timedelta(minutes=1)
_LONGEST: Final = 25 * 60
_BETWEEN: Final = " - "


class Unclear(Exception):
    def __init__(self, *problems: Problem) -> None:
        super().__init__(*problems)
        self.problems = problems


def period_of(
    cells: Mapping[str, str],
    times: Mapping[str, Times],
    names: Mapping[str, str],
    day_of: Callable[[str], date],
    after: datetime | None = None,
    usual: Collection[int] = (QUARTER,),
) -> Period:
    """Return the period that a row states; raises Unclear.

    Of two ends that the clock shows, it is the one with which the period has one of the `usual` lengths in minutes.
    A start that the clock shows twice is the one at `after`, the end of the row before, if that is given.
    """
    if "period" in cells:
        return _of_one_cell(cells["period"], times["period"], after, usual)
    start_name, end_name = names["start"], names["end"]
    if start_name in cells:
        start = _start(cells[start_name], times[start_name], start_name, after)
        if end_name in cells:
            return _until(start, cells[end_name], times[end_name], end_name, usual)
        if "minutes" in cells:
            return Period(start, _minutes(cells["minutes"]))
        raise Unclear(Problem(end_name, "is required"))
    if "product" not in cells or "day" not in cells:
        raise Unclear(Problem(start_name, "is required, or a day with the name of a product"))
    try:
        day = day_of(cells["day"])
    except ValueError as error:
        raise Unclear(Problem("day", f"{error}, got {shown_value(cells['day'])}")) from error
    try:
        return _product_period(cells["product"], day)
    except ValueError as error:
        raise Unclear(Problem("product", str(error))) from error


def _of_one_cell(text: str, times: Times, after: datetime | None, usual: Collection[int]) -> Period:
    first, _, last = text.partition(_BETWEEN)
    if not last:
        raise Unclear(
            Problem("period", f"must be a start and an end with {_BETWEEN!r} between, got {shown_value(text)}")
        )
    return _until(_start(first, times, "period", after), last, times, "period", usual)


def _start(text: str, times: Times, name: str, after: datetime | None) -> datetime:
    found = _candidates(text, times, name)
    found = [moment for moment in found if moment == after] or found
    if len(found) > 1:
        message = f"is ambiguous: the clock shows this time twice that day, got {shown_value(text)}"
        raise Unclear(Problem(name, message))
    return found[0]


def _until(start: datetime, text: str, times: Times, name: str, usual: Collection[int]) -> Period:
    found = [moment for moment in _candidates(text, times, name) if moment > start]
    if len(found) > 1:
        found = [moment for moment in found if (moment - start) // _MINUTE in usual]
        if len(found) != 1:
            message = f"is ambiguous: the clock shows this time twice that day, got {shown_value(text)}"
            raise Unclear(Problem(name, message))
    if not found:
        raise Unclear(Problem(name, f"must be after the start of delivery, got {shown_value(text)}"))
    minutes, rest = divmod(found[0] - start, _MINUTE)
    if rest or minutes > _LONGEST:
        raise Unclear(Problem(name, f"must be on the delivery day and on a whole minute, got {shown_value(text)}"))
    return Period(start, minutes)


def _candidates(text: str, times: Times, name: str) -> Sequence[datetime]:
    try:
        found = times.candidates(text)
    except ValueError as error:
        raise Unclear(Problem(name, f"{error}, got {shown_value(text)}")) from error
    if any(one.suffix or one.moment.second for one in found):
        raise Unclear(Problem(name, f"must be on a multiple of {QUARTER} minutes, got {shown_value(text)}"))
    return [one.moment for one in found]


def _minutes(text: str) -> int:
    if text.isascii() and text.isdigit() and len(text) <= len(str(_LONGEST)) and 0 < int(text) <= _LONGEST:
        return int(text)
    raise Unclear(Problem("minutes", f"must be a whole number up to {_LONGEST}, got {shown_value(text)}"))
