"""The PnL report: positions summed by delivery hour, day and trader."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Generic, NamedTuple, TypeVar

from chalicelib.common.delivery import hour_label, hours_of
from chalicelib.common.timestamps import format_utc
from chalicelib.common.units import eur
from chalicelib.positions.model import Position
from chalicelib.reports.column import compact
from chalicelib.reports.columns import LINES, PNL_EUR
from chalicelib.reports.completeness import Completeness, overall
from chalicelib.reports.line_table import LineTable
from chalicelib.reports.model import NOTHING, InHours, Line, References, by_hour, by_trader, in_hours, repeated, summed
from chalicelib.reports.valuation import AnyLine

T = TypeVar("T")
L = TypeVar("L", bound=AnyLine)


class AnyDay(NamedTuple, Generic[L]):
    """`periods` has a line for each hour, or quarter-hour, also without trades."""

    delivery_day: date
    completeness: Completeness
    periods: tuple[L, ...]
    total: L

    def about(self, *, feeds: bool) -> dict[str, object]:
        completeness = self.completeness.as_json(feeds=feeds)
        return {"delivery_day": self.delivery_day.isoformat(), "completeness": completeness}


class DeliveryHour(NamedTuple):
    delivery_day: date
    line: AnyLine

    def as_cells(self) -> dict[str, object]:
        [pnl] = PNL_EUR.cells([self.line])
        return {"delivery_day": self.delivery_day, "label": self.line.label, "start": self.line.start, "pnl_eur": pnl}

    def as_json(self) -> dict[str, object]:
        return {
            "delivery_day": self.delivery_day.isoformat(),
            "label": self.line.label,
            "start": format_utc(self.line.start) if self.line.start else None,
            "pnl_eur": eur(self.line.totals.pnl),
        }


class Group(NamedTuple, Generic[L]):
    """The trades that state the same in `by`, by name of the dimension; None is not stated."""

    by: Mapping[str, str | None]
    total: L


class AnyReport(NamedTuple, Generic[L]):
    """A report over an inclusive range of days; `traders` is None in a single trader's report.

    In a report of `/v2` each period has the length `grain`, and `groups` is None unless they are asked for.
    """

    trader_id: str | None
    start_day: date
    end_day: date
    as_of: str
    completeness: Completeness
    best_hour: DeliveryHour | None
    """Of the hours with trades; the earliest of equals."""
    worst_hour: DeliveryHour | None
    days: tuple[AnyDay[L], ...]
    hours: tuple[L, ...]
    traders: tuple[L, ...] | None
    total: L
    table: LineTable[L]
    groups: tuple[Group[L], ...] | None = None
    grain: str | None = None

    def about(self) -> dict[str, object]:
        return {
            "trader_id": self.trader_id,
            "start_day": self.start_day.isoformat(),
            "end_day": self.end_day.isoformat(),
            **({"grain": self.grain} if self.grain else {}),
            "currency": "EUR",
            "as_of": self.as_of,
            "completeness": self.completeness.as_json(feeds=self.grain is not None),
            "best_hour": self.best_hour.as_json() if self.best_hour else None,
            "worst_hour": self.worst_hour.as_json() if self.worst_hour else None,
        }

    def as_json(self) -> dict[str, Any]:
        return self._with_lines(self.table.objects(self._lines()))

    def as_cells(self) -> dict[str, Any]:
        """Return `as_json` with cells in its lines: numbers and instants in place of their text."""
        hours = {"best_hour": self.best_hour, "worst_hour": self.worst_hour}
        return {
            **self._with_lines(self.table.cells(self._lines())),
            **{name: hour.as_cells() if hour else None for name, hour in hours.items()},
        }

    def _with_lines(self, rendered: Sequence[T]) -> dict[str, Any]:
        placed = self._placed(rendered)
        groups = [
            {"by": dict(group.by), "total": line} for group, line in zip(self.groups or (), placed.groups, strict=True)
        ]
        return {
            **self.about(),
            "days": [
                {**day.about(feeds=self.grain is not None), "periods": periods, "total": of_day}
                for day, (periods, of_day) in zip(self.days, placed.days, strict=True)
            ],
            "hours": placed.hours,
            "traders": None if self.traders is None else placed.traders,
            **({} if self.groups is None else {"groups": groups}),
            "total": placed.total,
        }

    def as_text(self) -> str:
        """Return `as_json` as text, which is faster than to encode it."""
        placed = self._placed(self.table.texts(self._lines()))
        in_v2 = self.grain is not None
        days_text = [
            f'{compact(day.about(feeds=in_v2))[:-1]},"periods":[{",".join(periods)}],"total":{of_day}}}'
            for day, (periods, of_day) in zip(self.days, placed.days, strict=True)
        ]
        traders_text = "null" if self.traders is None else f"[{','.join(placed.traders)}]"
        by = [compact(group.by) for group in self.groups or ()]
        groups = ",".join(f'{{"by":{of},"total":{line}}}' for of, line in zip(by, placed.groups, strict=True))
        groups_text = "" if self.groups is None else f'"groups":[{groups}],'
        return (
            f'{compact(self.about())[:-1]},"days":[{",".join(days_text)}],"hours":[{",".join(placed.hours)}],'
            f'"traders":{traders_text},{groups_text}"total":{placed.total}}}'
        )

    @property
    def _is_of_one_day(self) -> bool:
        return self.hours is self.days[0].periods

    def _lines(self) -> list[L]:
        of_days = (line for day in self.days for line in (*day.periods, day.total))
        of_groups = (group.total for group in self.groups or ())
        hours = () if self._is_of_one_day else self.hours
        return [*of_days, *hours, *(self.traders or ()), *of_groups, self.total]

    def _placed(self, rendered: Sequence[T]) -> _Placed[T]:
        """Split the rendered `_lines`."""
        left = iter(rendered)
        days = [([next(left) for _ in day.periods], next(left)) for day in self.days]
        hours = days[0][0] if self._is_of_one_day else [next(left) for _ in self.hours]
        traders, groups = ([next(left) for _ in lines or ()] for lines in (self.traders, self.groups))
        return _Placed(days, hours, traders, groups, next(left))


Day = AnyDay[Line]
Report = AnyReport[Line]
"""The report of `/v1`."""


class _Placed(NamedTuple, Generic[T]):
    """Rendered lines by the place that they have in a report."""

    days: list[tuple[list[T], T]]
    hours: list[T]
    traders: list[T]
    groups: list[T]
    total: T


def build_report(
    trader_id: str | None,
    positions: Mapping[date, Sequence[Position]],
    completeness: Mapping[date, Completeness],
    references: References,
    as_of: datetime,
) -> Report:
    """Return the report over the days of `positions`, in order and at least one."""
    in_days = {day: in_hours(of_day, references.get(day, {})) for day, of_day in positions.items()}
    lines = {day: _lines_of(day, of_day, references.get(day, {})) for day, of_day in in_days.items()}
    totals = [total for _, total in lines.values()]
    hours = sum(total.hours for total in totals)
    traders = () if trader_id is not None else by_trader(in_days.values())
    return report_of(
        trader_id,
        tuple(Day(day, completeness[day], *of_day) for day, of_day in lines.items()),
        as_of,
        hours=_hours([periods for periods, _ in lines.values()]),
        traders=tuple(Line(trader, None, hours, of_trader) for trader, of_trader in traders),
        total=summed("Total", hours, totals),
        table=LINES,
    )


def report_of(
    trader_id: str | None,
    days: tuple[AnyDay[L], ...],
    as_of: datetime,
    *,
    hours: tuple[L, ...],
    traders: tuple[L, ...],
    total: L,
    table: LineTable[L],
) -> AnyReport[L]:
    """Return a report with what follows from its days; `traders` are left out of a single trader's."""
    traded = [DeliveryHour(day.delivery_day, line) for day in days for line in day.periods if line.totals.trades]
    return AnyReport(
        trader_id=trader_id,
        start_day=days[0].delivery_day,
        end_day=days[-1].delivery_day,
        as_of=format_utc(as_of),
        completeness=overall([day.completeness for day in days]),
        best_hour=max(traded, key=lambda hour: hour.line.totals.pnl, default=None),
        worst_hour=min(traded, key=lambda hour: hour.line.totals.pnl, default=None),
        days=days,
        hours=hours,
        traders=None if trader_id is not None else traders,
        total=total,
        table=table,
    )


def _lines_of(day: date, positions: InHours, references: Mapping[int, int]) -> tuple[tuple[Line, ...], Line]:
    """Return a day's hours and its total."""
    totals = by_hour(positions)
    periods = tuple(
        Line(label, start, length, totals.get(hour, NOTHING), references.get(hour))
        for hour, label, start, length in _hours_of(day)
    )
    hours = sum(line.hours for line in periods)
    return periods, summed(day.isoformat(), hours, periods, repeated(positions.several))


@lru_cache(maxsize=1024)
def _hours_of(day: date) -> tuple[tuple[int, str, datetime, int], ...]:
    return tuple((row.hour, row.label, row.start, row.hours) for row in hours_of(day))


def _hours(days: Sequence[tuple[Line, ...]]) -> tuple[Line, ...]:
    """Sum the days by hour label; a single day's hours are its periods."""
    if len(days) == 1:
        return days[0]
    lines: dict[str, list[Line]] = {hour_label(hour): [] for hour in range(24)}
    for periods in days:
        for line in periods:
            lines[line.label].append(line)
    return tuple(summed(label, sum(line.hours for line in of_hour), of_hour) for label, of_hour in lines.items())
