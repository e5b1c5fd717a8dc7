"""The PnL report: positions summed by delivery hour, day and trader."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar

from chalicelib.common.delivery import hour_label, hours_of
from chalicelib.common.timestamps import format_utc
from chalicelib.common.units import eur
from chalicelib.positions.model import Position
from chalicelib.reports.column import cells_of, compact
from chalicelib.reports.columns import LINE, PNL_EUR, lines_json, lines_text
from chalicelib.reports.completeness import Completeness, overall
from chalicelib.reports.model import NOTHING, Line, References, by_hour, by_trader, repeated, summed

T = TypeVar("T")


class Day(NamedTuple):
    """`periods` has a line for each hour, also without trades."""

    delivery_day: date
    completeness: Completeness
    periods: tuple[Line, ...]
    total: Line

    def about(self) -> dict[str, object]:
        return {"delivery_day": self.delivery_day.isoformat(), "completeness": self.completeness.as_json()}


class DeliveryHour(NamedTuple):
    delivery_day: date
    line: Line

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

    def about(self) -> dict[str, object]:
        return {
            "trader_id": self.trader_id,
            "start_day": self.start_day.isoformat(),
            "end_day": self.end_day.isoformat(),
            "currency": "EUR",
            "as_of": self.as_of,
            "completeness": self.completeness.as_json(),
            "best_hour": self.best_hour.as_json() if self.best_hour else None,
            "worst_hour": self.worst_hour.as_json() if self.worst_hour else None,
        }

    def as_json(self) -> dict[str, Any]:
        return self._with_lines(lines_json(self._lines()))

    def as_cells(self) -> dict[str, Any]:
        """Return `as_json` with cells in its lines: numbers and instants in place of their text."""
        hours = {"best_hour": self.best_hour, "worst_hour": self.worst_hour}
        return {
            **self._with_lines(cells_of(LINE, self._lines())),
            **{name: hour.as_cells() if hour else None for name, hour in hours.items()},
        }

    def _with_lines(self, rendered: Sequence[T]) -> dict[str, Any]:
        days, hours, traders, total = self._placed(rendered)
        return {
            **self.about(),
            "days": [
                {**day.about(), "periods": periods, "total": of_day}
                for day, (periods, of_day) in zip(self.days, days, strict=True)
            ],
            "hours": hours,
            "traders": None if self.traders is None else traders,
            "total": total,
        }

    def as_text(self) -> str:
        """Return `as_json` as text, which is faster than to encode it."""
        days, hours, traders, total = self._placed(lines_text(self._lines()))
        days_text = [
            f'{compact(day.about())[:-1]},"periods":[{",".join(periods)}],"total":{of_day}}}'
            for day, (periods, of_day) in zip(self.days, days, strict=True)
        ]
        traders_text = "null" if self.traders is None else f"[{','.join(traders)}]"
        return (
            f'{compact(self.about())[:-1]},"days":[{",".join(days_text)}],"hours":[{",".join(hours)}],'
            f'"traders":{traders_text},"total":{total}}}'
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
    totals = by_hour(positions, references)
    periods = tuple(
        Line(label, start, length, totals.get(hour, NOTHING), references.get(hour))
        for hour, label, start, length in _hours_of(day)
    )
    hours = sum(line.hours for line in periods)
    return Day(day, completeness, periods, summed(day.isoformat(), hours, periods, repeated(positions)))


@lru_cache(maxsize=1024)
def _hours_of(day: date) -> tuple[tuple[int, str, datetime, int], ...]:
    return tuple((row.hour, row.label, row.start, row.hours) for row in hours_of(day))


def _hours(days: Sequence[Day]) -> tuple[Line, ...]:
    """Sum the days by hour label; a single day's hours are its periods."""
    if len(days) == 1:
        return days[0].periods
    lines: dict[str, list[Line]] = {hour_label(hour): [] for hour in range(24)}
    for day in days:
        for line in day.periods:
            lines[line.label].append(line)
    return tuple(summed(label, sum(line.hours for line in of_hour), of_hour) for label, of_hour in lines.items())
