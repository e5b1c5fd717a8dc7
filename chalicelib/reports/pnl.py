"""The PnL report: positions summed by delivery hour, day and trader."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple, TypeVar

from chalicelib.common import units
from chalicelib.common.delivery import HourRow, hour_label, hours_of
from chalicelib.common.timestamps import format_utc
from chalicelib.positions.model import Position
from chalicelib.reports.aggregation import References, Tally, by_hour, by_trader
from chalicelib.reports.column_json import compact, joined, lines_json, lines_text, members, plain, text_of
from chalicelib.reports.completeness import Completeness, overall
from chalicelib.reports.model import NOTHING, Line, summed

T = TypeVar("T")


class Day(NamedTuple):
    """`periods` has a line for each hour, also without trades."""

    delivery_day: date
    completeness: Completeness
    periods: tuple[Line, ...]
    total: Line

    def as_json(self, periods: Sequence[object], total: object) -> dict[str, object]:
        return {
            "delivery_day": self.delivery_day.isoformat(),
            "completeness": self.completeness.as_json(),
            "periods": periods,
            "total": total,
        }

    def as_text(self, periods: Sequence[str], total: str) -> str:
        return members(
            delivery_day=plain(self.delivery_day),
            completeness=compact(self.completeness.as_json()),
            periods=joined(periods),
            total=total,
        )


class DeliveryHour(NamedTuple):
    delivery_day: date
    line: Line

    def as_json(self) -> dict[str, object]:
        start = self.line.start
        return {
            "delivery_day": self.delivery_day.isoformat(),
            "label": self.line.label,
            "start": format_utc(start) if start else None,
            "pnl_eur": units.eur(self.line.totals.pnl),
        }


class Report(NamedTuple):
    """A report over an inclusive range of days; `traders` is None in a single trader's report."""

    trader_id: str | None
    start_day: date
    end_day: date
    as_of: str
    completeness: Completeness
    best_hour: DeliveryHour | None
    """Of the hours with trades; the earliest of equals."""
    worst_hour: DeliveryHour | None
    days: tuple[Day, ...]
    hours: tuple[Line, ...]
    traders: tuple[Line, ...] | None
    total: Line

    def as_json(self) -> dict[str, object]:
        days, hours, traders, total = self._placed(lines_json(self._lines()))
        return {
            "trader_id": self.trader_id,
            "start_day": self.start_day.isoformat(),
            "end_day": self.end_day.isoformat(),
            "currency": "EUR",
            "as_of": self.as_of,
            "completeness": self.completeness.as_json(),
            "best_hour": self.best_hour.as_json() if self.best_hour else None,
            "worst_hour": self.worst_hour.as_json() if self.worst_hour else None,
            "days": [day.as_json(*lines) for day, lines in zip(self.days, days, strict=True)],
            "hours": hours,
            "traders": None if self.traders is None else traders,
            "total": total,
        }

    def as_text(self) -> str:
        """Return `as_json` as text, which is faster than to encode it."""
        days, hours, traders, total = self._placed(lines_text(self._lines()))
        return members(
            trader_id=text_of(self.trader_id),
            start_day=plain(self.start_day),
            end_day=plain(self.end_day),
            currency=plain("EUR"),
            as_of=plain(self.as_of),
            completeness=compact(self.completeness.as_json()),
            best_hour=compact(self.best_hour.as_json() if self.best_hour else None),
            worst_hour=compact(self.worst_hour.as_json() if self.worst_hour else None),
            days=joined(day.as_text(*lines) for day, lines in zip(self.days, days, strict=True)),
            hours=joined(hours),
            traders="null" if self.traders is None else joined(traders),
            total=total,
        )

    @property
    def _is_of_one_day(self) -> bool:
        return self.hours is self.days[0].periods

    def _lines(self) -> list[Line]:
        of_days = (line for day in self.days for line in (*day.periods, day.total))
        return [*of_days, *(() if self._is_of_one_day else self.hours), *(self.traders or ()), self.total]

    def _placed(self, rendered: Sequence[T]) -> tuple[list[tuple[list[T], T]], list[T], list[T], T]:
        """Split the rendered `_lines` into days, hours, traders and the total."""
        left = iter(rendered)
        days = [([next(left) for _ in day.periods], next(left)) for day in self.days]
        hours = days[0][0] if self._is_of_one_day else [next(left) for _ in self.hours]
        *traders, total = left
        return days, hours, traders, total


def build_report(
    trader_id: str | None,
    positions: Mapping[date, Sequence[Position]],
    completeness: Mapping[date, Completeness],
    references: References,
    as_of: datetime,
) -> Report:
    """Return the report over the days of `positions`, in order and at least one."""
    days = tuple(_day(day, of_day, completeness[day], references.get(day, {})) for day, of_day in positions.items())
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
        else tuple(Line(trader, None, hours, totals) for trader, totals in by_trader(positions, references)),
        total=summed("Total", hours, (day.total for day in days)),
    )


def _day(day: date, positions: Sequence[Position], completeness: Completeness, references: Mapping[int, int]) -> Day:
    tallies = by_hour(positions, references)
    periods = tuple(_hour(row, tallies.get(row.hour), references.get(row.hour)) for row in hours_of(day))
    hours = sum(line.hours for line in periods)
    return Day(day, completeness, periods, summed(day.isoformat(), hours, periods))


def _hour(row: HourRow, tally: Tally | None, reference: int | None) -> Line:
    return Line(row.label, row.start, row.hours, tally.totals if tally else NOTHING, reference)


def _hours(days: Sequence[Day]) -> tuple[Line, ...]:
    """Sum the days by hour label; a single day's hours are its periods."""
    if len(days) == 1:
        return days[0].periods
    lines: dict[str, list[Line]] = {hour_label(hour): [] for hour in range(24)}
    for day in days:
        for line in day.periods:
            lines[line.label].append(line)
    return tuple(summed(label, sum(line.hours for line in of_hour), of_hour) for label, of_hour in lines.items())
