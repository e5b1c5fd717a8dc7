"""Reporting from positions alone: the cost depends on the days asked for, not on how many trades there were."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from chalicelib.domain.caller import Caller
from chalicelib.domain.completeness import Completeness, completeness, files_needed
from chalicelib.domain.delivery import berlin_day
from chalicelib.domain.position import Position
from chalicelib.domain.report import Report, build_report, days_between
from chalicelib.domain.scorecard import Scorecard, build_scorecard
from chalicelib.ports import Book, Clock, Receipts
from chalicelib.price_ports import Prices

READERS: Final = 8
"""Days read at once; a year's report is one query a day."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """Where reports are read from."""

    book: Book
    receipts: Receipts
    prices: Prices
    clock: Clock


def report_pnl(trader_id: str | None, start_day: date, end_day: date, caller: Caller, shelf: Shelf) -> Report:
    """Report the days from start to end, both included; no trader means all the caller may see.

    Raises InvalidRequest for a range that is backwards or over 366 days, NotAllowed for another's book.
    """
    whose = caller.reading(trader_id)
    days = days_between(start_day, end_day)
    references = shelf.prices.of(days)
    read = _read(whose, days, shelf)
    return build_report(whose, read.positions, read.completeness, references, read.at)


def report_scorecard(trader_id: str | None, start_day: date, end_day: date, caller: Caller, shelf: Shelf) -> Scorecard:
    """Give the scorecard of the days from start to end, both included; raises as `report_pnl` does."""
    whose = caller.reading(trader_id)
    read = _read(whose, days_between(start_day, end_day), shelf)
    return build_scorecard(whose, read.positions, read.completeness, read.at)


def yesterday(clock: Clock) -> date:
    """The day a report is about where none is named: yesterday on the Berlin calendar."""
    return berlin_day(clock.now()) - timedelta(days=1)


@dataclass(frozen=True, slots=True)
class _Read:
    at: datetime
    completeness: Mapping[date, Completeness]
    positions: Mapping[date, Sequence[Position]]


def _read(trader_id: str | None, days: Sequence[date], shelf: Shelf) -> _Read:
    """Read the receipts before the positions: a file that ends in between is in the numbers and not yet vouched for."""
    now = shelf.clock.now()
    held = shelf.receipts.newest({needed for day in days for needed in files_needed(day)})
    positions = _positions(trader_id, days, shelf.book)
    return _Read(now, {day: completeness(day, held, now) for day in days}, positions)


def _positions(trader_id: str | None, days: Sequence[date], book: Book) -> dict[date, Sequence[Position]]:
    """Read the days side by side, and a single one without the threads, which take longer to start than to read it."""
    if len(days) == 1:
        return {days[0]: book.positions(days[0], trader_id)}
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - a cold start that books needs none of it

    with ThreadPoolExecutor(min(READERS, len(days))) as pool:
        return dict(zip(days, pool.map(lambda day: book.positions(day, trader_id), days), strict=True))
