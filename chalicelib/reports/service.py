"""Reports from positions alone, so that their cost depends on days, not on trades."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple

from chalicelib.access.identity import Identity
from chalicelib.common.clock import Clock, yesterday
from chalicelib.common.deadline import pool
from chalicelib.common.delivery import QUARTER, berlin_day, days_between, slot_rows
from chalicelib.feeds.day_mark import UNMARKED, DayMark
from chalicelib.feeds.feed import DAILY, Feed
from chalicelib.feeds.store import Receipts
from chalicelib.fees.store import Fees
from chalicelib.positions.model import NO_CHANGE, Position, PositionKey
from chalicelib.positions.store import Positions
from chalicelib.prices.sets import DEFAULT_SETS
from chalicelib.prices.store import Prices
from chalicelib.prices.zones import zone_of
from chalicelib.reports.completeness import IMPORT_RUNNING, Completeness, FeedReceipts, State, completeness
from chalicelib.reports.open_positions import OpenPositions, open_positions
from chalicelib.reports.pnl import AnyReport, Report, build_report
from chalicelib.reports.references import zones_by_row
from chalicelib.reports.scorecard import Scorecard, build_scorecard
from chalicelib.reports.slots import run_of
from chalicelib.reports.valuation import ValuedLine
from chalicelib.reports.valued_report import Shape, build_valued_report, zones_of

_Data = tuple[Mapping[date, Sequence[Position]], Mapping[date, Completeness], datetime]
READERS: Final = 8
"""Days read in parallel; a year's report is one query a day."""
MORE_READS: Final = 3
"""Repeated reads of a day that changes while it is read."""
MANY_KEYS: Final = 500
"""Positions of a trader on one day; with more, reports of the desk become slow."""
LOOKED_BACK: Final = 366
"""Days in which the newest one with trades is searched: as many as a report has at most."""


class ReportStores(NamedTuple):
    positions: Positions
    receipts: Receipts
    prices: Prices
    fees: Fees
    clock: Clock
    feeds: Sequence[Feed] = (DAILY,)
    """The daily file, then the other feeds that delivery days wait for."""


def report_pnl(trader_id: str | None, start_day: date, end_day: date, caller: Identity, stores: ReportStores) -> Report:
    """Return the report of the days, both included; without a trader, of all that the caller may see.

    Raises InvalidRequest for a range that is backwards or over 366 days, NotAllowed for another trader's report.
    """
    trader_id, days = caller.reading(trader_id), days_between(start_day, end_day)
    references = stores.prices.of(days)
    positions, states, as_of = _read(trader_id, days, stores)
    return build_report(trader_id, positions, states, references, as_of)


class Valuation(NamedTuple):
    """How a report is divided, and the sets of reference prices in the order in which they count."""

    shape: Shape = Shape()
    sets: tuple[str, ...] = DEFAULT_SETS


def report_valued_pnl(
    trader_id: str | None, start_day: date, end_day: date, valuation: Valuation, caller: Identity, stores: ReportStores
) -> AnyReport[ValuedLine]:
    """Return the report with the value of the positions and their fees, with the errors of `report_pnl`."""
    trader_id = caller.reading(trader_id)
    return _valued(trader_id, _read(trader_id, days_between(start_day, end_day), stores), valuation, stores)


class DeskDay(NamedTuple):
    """A day of the whole desk; `crowded` are the traders with more than `MANY_KEYS` positions."""

    report: Report
    value: ValuedLine
    crowded: tuple[str, ...]


def report_desk_day(day: date, caller: Identity, stores: ReportStores) -> DeskDay:
    """Return the report of a day and the value of its positions, of one read; raises NotAllowed."""
    trader_id = caller.reading(None)
    references = stores.prices.of([day])
    positions, states, as_of = _read(trader_id, [day], stores)
    value = _valued(trader_id, (positions, states, as_of), Valuation(), stores)
    keys = Counter(position.key.trader_id for position in positions[day])
    crowded = tuple(sorted(trader for trader, count in keys.items() if count > MANY_KEYS))
    return DeskDay(build_report(trader_id, positions, states, references, as_of), value.total, crowded)


def _valued(trader_id: str | None, data: _Data, valuation: Valuation, stores: ReportStores) -> AnyReport[ValuedLine]:
    positions, states, as_of = data
    prices = {zone: stores.prices.by_slot(positions, zone, valuation.sets) for zone in zones_of(positions)}
    rate = stores.fees.table().rate
    return build_valued_report(trader_id, positions, states, prices, rate, valuation.shape, as_of)


def report_scorecard(
    trader_id: str | None, start_day: date, end_day: date, caller: Identity, stores: ReportStores
) -> Scorecard:
    """Return the scorecard, with the arguments and errors of `report_pnl`."""
    trader_id = caller.reading(trader_id)
    positions, states, as_of = _read(trader_id, days_between(start_day, end_day), stores)
    return build_scorecard(trader_id, positions, states, as_of)


def newest_day(trader_id: str | None, caller: Identity, stores: ReportStores) -> date | None:
    """Return the newest delivery day with trades, from tomorrow back through a year; raises NotAllowed.

    It reads the positions day by day, and so costs nothing while trades are booked. Only an empty report leads here.
    """
    trader_id = caller.reading(trader_id)
    tomorrow = yesterday(stores.clock) + timedelta(days=2)
    days = [tomorrow - timedelta(days=back) for back in range(LOOKED_BACK)]
    for first in range(0, LOOKED_BACK, READERS):
        read = _positions(trader_id, days[first : first + READERS], stores.positions)
        traded = [day for day, positions in read.items() if any(position.change.trades for position in positions)]
        if traded:
            return max(traded)
    return None


class Scope(NamedTuple):
    """Whose positions are summed; None is all."""

    trader_id: str | None = None
    venue: str | None = None
    area: str | None = None
    strategy: str | None = None

    def has(self, key: PositionKey) -> bool:
        wanted = ((self.venue, key.venue), (self.area, key.area), (self.strategy, key.strategy))
        return all(value is None or value == stated for value, stated in wanted)


def show_positions(day: date | None, grain: int, scope: Scope, caller: Identity, stores: ReportStores) -> OpenPositions:
    """Return the positions of a day (default: today in Berlin) by slot or hour; raises NotAllowed."""
    trader_id, now = caller.reading(scope.trader_id), stores.clock.now()
    day = day or berlin_day(now)
    positions = [one for one in stores.positions.positions(day, trader_id) if scope.has(one.key)]
    traded = [(run_of(one.key.period, day), zone_of(one.key.area)) for one in positions if one.change != NO_CHANGE]
    slots, length = len(slot_rows(day, QUARTER)), grain // QUARTER
    zones = zones_by_row(traded, slots, length)
    prices = {zone: stores.prices.by_slot([day], zone)[day] for zone in set(zones) if zone}
    by_slot = [prices[zone][slot] if (zone := zones[slot // length]) else None for slot in range(slots)]
    return open_positions(day, grain, positions, by_slot, now)


def _read(trader_id: str | None, days: Sequence[date], stores: ReportStores) -> _Data:
    """Read the states of the days before and after their numbers; days that changed meanwhile are read again.

    A correction that began and ended meanwhile left receipts and runs as before, but raised the count of the mark.
    """
    as_of, before = stores.clock.now(), _states(days, stores)
    positions = _positions(trader_id, days, stores.positions)
    after = _states(days, stores)
    for _ in range(MORE_READS):
        changed = _changed(days, before, after, as_of)
        if not changed:
            break
        as_of, before = stores.clock.now(), after
        positions |= _positions(trader_id, changed, stores.positions)
        after = _states(days, stores)
    judged = _judged(days, after, as_of, stores)
    for day in _changed(days, before, after, as_of):
        judged[day] = judged[day].read_while_it_changed()
    return positions, judged, as_of


class _States(NamedTuple):
    marks: Mapping[date, DayMark]
    feeds: tuple[FeedReceipts, ...]

    def judge(self, day: date, now: datetime, first_day: date | None = None) -> Completeness:
        (daily, receipts), *others = self.feeds
        mark = self.marks.get(day, UNMARKED)
        return completeness(day, receipts, now, mark, first_day, daily=daily, others=others)

    def of_day(self, day: date) -> tuple[object, ...]:
        needed = ((receipts, feed.needed(day)) for feed, receipts in self.feeds)
        return self.marks.get(day, UNMARKED), *(receipts.get(file) for receipts, files in needed for file in files)


def _states(days: Sequence[date], stores: ReportStores) -> _States:
    daily, *others = stores.feeds
    states = stores.receipts.states(_needed(daily, days), days)
    of_others = [FeedReceipts(feed, stores.receipts.of(feed).newest(_needed(feed, days))) for feed in others]
    return _States(states.marks, (FeedReceipts(daily, states.receipts), *of_others))


def _needed(feed: Feed, days: Sequence[date]) -> set[date]:
    return {needed for day in days for needed in feed.needed(day)}


def _changed(days: Sequence[date], before: _States, after: _States, now: datetime) -> list[date]:
    """Return the days to read again; open days and running imports claim nothing final."""
    changed = [day for day in days if before.of_day(day) != after.of_day(day)]
    judged = {day: after.judge(day, now) for day in changed}
    return [day for day, it in judged.items() if it.state is not State.OPEN and IMPORT_RUNNING not in it.reasons]


def _judged(days: Sequence[date], states: _States, now: datetime, stores: ReportStores) -> dict[date, Completeness]:
    """Read the book's first day only if the file of a day before is missing."""
    judged = {day: states.judge(day, now) for day in days}
    if candidates := [day for day in days if _misses_only(day - timedelta(days=1), judged[day])]:
        first_day = stores.receipts.first_day()
        judged |= {day: states.judge(day, now, first_day) for day in candidates}
    return judged


def _misses_only(file_day: date, judged: Completeness) -> bool:
    return judged.state is State.MISSING and judged.missing_files == (file_day,)


def _positions(trader_id: str | None, days: Sequence[date], source: Positions) -> dict[date, Sequence[Position]]:
    """Read a single day without threads, which take longer to start."""
    if len(days) == 1:
        return {days[0]: source.positions(days[0], trader_id)}
    with pool(min(READERS, len(days))) as threads:
        return dict(zip(days, threads.map(lambda day: source.positions(day, trader_id), days), strict=True))
