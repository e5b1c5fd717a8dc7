"""The PnL report: positions of one trader or the whole desk summed by delivery hour, day and trader."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple

from chalicelib.domain import amounts
from chalicelib.domain.completeness import Completeness, overall
from chalicelib.domain.delivery import HourRow, hour_label, hours_of
from chalicelib.domain.edge import Edge
from chalicelib.domain.errors import InvalidRequest, Problem
from chalicelib.domain.execution_time import format_utc
from chalicelib.domain.json_text import compact, joined, members, plain, text_of
from chalicelib.domain.line import Line, summed
from chalicelib.domain.position import Position, Totals
from chalicelib.domain.tally import References, Tally, by_hour, by_trader

MAX_DAYS: Final = 366
_NOTHING: Final = Totals()
_NO_EDGE: Final = Edge()


@dataclass(frozen=True, slots=True)
class Day:
    """One delivery day: a line an hour, also without trades, and their total."""

    delivery_day: date
    completeness: Completeness
    periods: tuple[Line, ...]
    total: Line

    def as_text(self, periods: str) -> str:
        """The day as the API shows it, as JSON text around that of its periods."""
        return members(
            delivery_day=plain(self.delivery_day),
            completeness=compact(self.completeness.as_json()),
            periods=periods,
            total=self.total.as_text(),
        )


class DeliveryHour(NamedTuple):
    """A delivery hour of a report's days, by what it made."""

    delivery_day: date
    line: Line

    def as_json(self) -> dict[str, object]:
        """The hour as the API shows it."""
        start = self.line.start
        return {
            "delivery_day": self.delivery_day.isoformat(),
            "label": self.line.label,
            "start": format_utc(start) if start else None,
            "pnl_eur": amounts.eur(self.line.totals.pnl),
        }


@dataclass(frozen=True, slots=True)
class Report:
    """A report over an inclusive range of days; `traders` is None in a single trader's report.

    The best and the worst hour are those with trades that made most and least, the earliest of equals.
    """

    trader_id: str | None
    start_day: date
    end_day: date
    as_of: str
    completeness: Completeness
    best_hour: DeliveryHour | None
    worst_hour: DeliveryHour | None
    days: tuple[Day, ...]
    hours: tuple[Line, ...]
    traders: tuple[Line, ...] | None
    total: Line

    def as_json(self) -> dict[str, object]:
        """The report as the CLI shows it."""
        read: dict[str, object] = json.loads(self.as_text())
        return read

    def as_text(self) -> str:
        """The report as the API shows it: JSON text without spaces."""
        periods = [_texts(day.periods) for day in self.days]
        return members(
            trader_id=text_of(self.trader_id),
            start_day=plain(self.start_day),
            end_day=plain(self.end_day),
            currency=plain("EUR"),
            as_of=plain(self.as_of),
            completeness=compact(self.completeness.as_json()),
            best_hour=compact(self.best_hour.as_json() if self.best_hour else None),
            worst_hour=compact(self.worst_hour.as_json() if self.worst_hour else None),
            days=joined(day.as_text(told) for day, told in zip(self.days, periods, strict=True)),
            hours=periods[0] if self.hours is self.days[0].periods else _texts(self.hours),
            traders="null" if self.traders is None else _texts(self.traders),
            total=self.total.as_text(),
        )


def days_between(start_day: date, end_day: date) -> list[date]:
    """Give the days of an inclusive range; raises InvalidRequest where it is backwards or too long."""
    if end_day < start_day:
        problem = Problem("end_day", f"must not be before start_day {start_day}, got {end_day}")
        raise InvalidRequest("the range of days is backwards", (problem,))
    count = (end_day - start_day).days + 1
    if count > MAX_DAYS:
        problem = Problem("end_day", f"must be at most {MAX_DAYS} days from start_day, got {count} days")
        raise InvalidRequest("the range of days is too long", (problem,))
    return [start_day + timedelta(days=n) for n in range(count)]


def build_report(
    trader_id: str | None,
    positions: Mapping[date, Sequence[Position]],
    completeness: Mapping[date, Completeness],
    references: References,
    as_of: datetime,
) -> Report:
    """Build the report over the days of `positions` (in order, each at least once); no trader means the desk."""
    days = tuple(_day(day, held, completeness[day], references.get(day, {})) for day, held in positions.items())
    hours = sum(day.total.hours for day in days)
    traded = [DeliveryHour(day.delivery_day, line) for day in days for line in day.periods if line.totals.trades]
    return Report(
        trader_id=trader_id,
        start_day=days[0].delivery_day,
        end_day=days[-1].delivery_day,
        as_of=format_utc(as_of),
        completeness=overall([day.completeness for day in days]),
        best_hour=max(traded, key=lambda hour: hour.line.totals.pnl, default=None),
        worst_hour=min(traded, key=lambda hour: hour.line.totals.pnl, default=None),
        days=days,
        hours=_hours(days),
        traders=None
        if trader_id is not None
        else tuple(
            Line(trader, None, hours, tally.totals, tally.edge) for trader, tally in by_trader(positions, references)
        ),
        total=summed("Total", hours, (day.total for day in days)),
    )


def _texts(lines: Sequence[Line]) -> str:
    return joined(line.as_text() for line in lines)


def _day(day: date, positions: Sequence[Position], known: Completeness, references: Mapping[int, int]) -> Day:
    tallies = by_hour(positions, references)
    periods = tuple(_hour(row, tallies.get(row.hour), references.get(row.hour)) for row in hours_of(day))
    hours = sum(line.hours for line in periods)
    return Day(day, known, periods, summed(day.isoformat(), hours, periods))


def _hour(row: HourRow, tally: Tally | None, reference: int | None) -> Line:
    totals, edge = (tally.totals, tally.edge) if tally else (_NOTHING, _NO_EDGE)
    return Line(row.label, row.start, row.hours, totals, edge, reference)


def _hours(days: Sequence[Day]) -> tuple[Line, ...]:
    """Sum the days by hour label; a single day's hours are its periods."""
    if len(days) == 1:
        return days[0].periods
    lines: dict[str, list[Line]] = {hour_label(hour): [] for hour in range(24)}
    for day in days:
        for line in day.periods:
            lines[line.label].append(line)
    return tuple(summed(label, sum(line.hours for line in found), found) for label, found in lines.items())
