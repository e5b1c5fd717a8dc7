"""Reporting PnL from positions alone: the cost depends on the days asked for, not on how many trades there were."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from chalicelib.domain.caller import Caller
from chalicelib.domain.completeness import completeness, files_needed
from chalicelib.domain.delivery import berlin_day
from chalicelib.domain.report import Report, build_report, days_between
from chalicelib.ports import Book, Clock, Receipts

READERS: Final = 8
"""Days read at once; a year's report is one query a day."""


def report_pnl(
    trader_id: str | None,
    start_day: date,
    end_day: date,
    caller: Caller,
    book: Book,
    receipts: Receipts,
    clock: Clock,
) -> Report:
    """Report the days from start to end, both included; no trader means all the caller may see.

    Raises InvalidRequest for a range that is backwards or over 366 days, NotAllowed for another's book.
    """
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - a cold start that books needs none of it

    whose = caller.reading(trader_id)
    days = days_between(start_day, end_day)
    now = clock.now()
    held = receipts.newest({needed for day in days for needed in files_needed(day)})
    with ThreadPoolExecutor(min(READERS, len(days))) as pool:
        positions = dict(zip(days, pool.map(lambda day: book.positions(day, whose), days), strict=True))
    return build_report(whose, positions, {day: completeness(day, held, now) for day in days}, now)


def yesterday(clock: Clock) -> date:
    """The day a report is about where none is named: yesterday on the Berlin calendar."""
    return berlin_day(clock.now()) - timedelta(days=1)
