"""Reporting from positions alone: the cost depends on the days asked for, not on how many trades there were."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple

from chalicelib.access.identity import Caller
from chalicelib.common.clock import Clock
from chalicelib.common.delivery import days_between
from chalicelib.feeds.day_mark import UNMARKED, DayStates
from chalicelib.feeds.store import Receipts
from chalicelib.positions.model import Position
from chalicelib.positions.store import Positions
from chalicelib.prices.store import Prices
from chalicelib.reports.aggregation import References
from chalicelib.reports.completeness import IMPORT_RUNNING, Completeness, State, completeness, files_needed
from chalicelib.reports.pnl import Report, build_report
from chalicelib.reports.scorecard import Scorecard, build_scorecard

READERS: Final = 8
"""Days read at once; a year's report is one query a day."""
MORE_READS: Final = 3
"""How often the numbers of a day that changed while they were read are read again."""


class ReportStores(NamedTuple):
    """Where reports are read from."""

    positions: Positions
    receipts: Receipts
    prices: Prices
    clock: Clock


def report_pnl(trader_id: str | None, start_day: date, end_day: date, caller: Caller, shelf: ReportStores) -> Report:
    """Report the days from start to end, both included; no trader means all the caller may see.

    Raises InvalidRequest for a range that is backwards or over 366 days, NotAllowed for another's book.
    """
    whose = caller.reading(trader_id)
    days = days_between(start_day, end_day)
    read = _read(whose, days, shelf, priced=True)
    return build_report(whose, read.positions, read.completeness, read.references, read.at)


def report_scorecard(
    trader_id: str | None, start_day: date, end_day: date, caller: Caller, shelf: ReportStores
) -> Scorecard:
    """Give the scorecard of the days from start to end, both included; raises as `report_pnl` does."""
    whose = caller.reading(trader_id)
    read = _read(whose, days_between(start_day, end_day), shelf, priced=False)
    return build_scorecard(whose, read.positions, read.completeness, read.at)


class _Read(NamedTuple):
    at: datetime
    completeness: Mapping[date, Completeness]
    positions: Mapping[date, Sequence[Position]]
    references: References


def _read(trader_id: str | None, days: Sequence[date], shelf: ReportStores, *, priced: bool) -> _Read:
    """Read the states of the days before and after their numbers, so that a state is that of these very numbers.

    Days whose state is another one afterwards are read again, at most `MORE_READS` times. A correction may begin and
    end between the two: then receipts and runs are as before, and the count of the day's mark is not.
    """
    at, before = shelf.clock.now(), _states(days, shelf)
    references = shelf.prices.of(days) if priced else {}
    positions = _positions(trader_id, days, shelf.positions)
    after = _states(days, shelf)
    for _ in range(MORE_READS):
        changed = _changed(days, before, after, at)
        if not changed:
            break
        at, before = shelf.clock.now(), after
        positions |= _positions(trader_id, changed, shelf.positions)
        after = _states(days, shelf)
    known = _judged(days, after, at, shelf)
    unread = _changed(days, before, after, at)
    return _Read(at, known | {day: known[day].read_while_it_changed() for day in unread}, positions, references)


def _states(days: Sequence[date], shelf: ReportStores) -> DayStates:
    return shelf.receipts.states({needed for day in days for needed in files_needed(day)}, days)


def _changed(days: Sequence[date], before: DayStates, after: DayStates, now: datetime) -> list[date]:
    """Return the days to be read again; while a run is at a day its state says so, and an open one claims nothing."""
    changed = [day for day in days if _of_day(day, before) != _of_day(day, after)]
    known = {day: completeness(day, after.receipts, now, after.marks.get(day, UNMARKED)) for day in changed}
    return [day for day, one in known.items() if one.state is not State.OPEN and IMPORT_RUNNING not in one.reasons]


def _of_day(day: date, states: DayStates) -> tuple[object, ...]:
    return states.marks.get(day, UNMARKED), *(states.receipts.get(file_day) for file_day in files_needed(day))


def _judged(days: Sequence[date], states: DayStates, now: datetime, shelf: ReportStores) -> dict[date, Completeness]:
    """Judge the days; where the book begins is asked only if one has no file of the day before."""

    def judge(day: date, first_day: date | None = None) -> Completeness:
        return completeness(day, states.receipts, now, states.marks.get(day, UNMARKED), first_day)

    known = {day: judge(day) for day in days}
    if unprecedented := [day for day in days if _lacks_only(day - timedelta(days=1), known[day])]:
        first_day = shelf.receipts.first_day()
        known |= {day: judge(day, first_day) for day in unprecedented}
    return known


def _lacks_only(file_day: date, known: Completeness) -> bool:
    return known.state is State.MISSING and known.missing_files == (file_day,)


def _positions(trader_id: str | None, days: Sequence[date], source: Positions) -> dict[date, Sequence[Position]]:
    """Read the days side by side, and a single one without the threads, which take longer to start than to read it."""
    if len(days) == 1:
        return {days[0]: source.positions(days[0], trader_id)}
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - a cold start that books needs none of it

    with ThreadPoolExecutor(min(READERS, len(days))) as pool:
        return dict(zip(days, pool.map(lambda day: source.positions(day, trader_id), days), strict=True))
