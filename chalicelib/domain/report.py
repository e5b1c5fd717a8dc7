"""The PnL report: positions of one trader or the whole desk summed by delivery hour, day and trader."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from chalicelib.domain import amounts
from chalicelib.domain.completeness import Completeness
from chalicelib.domain.delivery import hour_label, hours_of
from chalicelib.domain.errors import InvalidRequest, Problem
from chalicelib.domain.execution_time import format_utc
from chalicelib.domain.position import Position, Totals, total_of

MAX_DAYS: Final = 366


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a report: `hours` is how many hours of delivery it covers, `start` is None where it is no period."""

    label: str
    start: datetime | None
    hours: int
    totals: Totals

    def as_json(self) -> dict[str, object]:
        """Amounts as text, counts as integers, what does not exist as None."""
        held = self.totals
        return {
            "label": self.label,
            "start": format_utc(self.start) if self.start else None,
            "hours_in_period": self.hours,
            "trades": held.trades,
            "buy_mw": amounts.mw(held.buy_kw),
            "sell_mw": amounts.mw(held.sell_kw),
            "buy_mwh": amounts.mwh(held.buy_energy),
            "sell_mwh": amounts.mwh(held.sell_energy),
            "net_mwh": amounts.mwh(held.net_energy),
            "vwap_buy": amounts.eur_per_mwh(held.buy_cash, held.buy_energy),
            "vwap_sell": amounts.eur_per_mwh(held.sell_cash, held.sell_energy),
            "pnl_eur": amounts.eur(held.pnl),
        }


@dataclass(frozen=True, slots=True)
class Day:
    """One delivery day: a line an hour, also without trades, and their total."""

    delivery_day: date
    completeness: Completeness
    periods: tuple[Line, ...]
    total: Line

    def as_json(self) -> dict[str, object]:
        """The day as the API shows it."""
        known = self.completeness
        return {
            "delivery_day": self.delivery_day.isoformat(),
            "completeness": {
                "state": known.state.value,
                "missing_files": [day.isoformat() for day in known.missing_files],
                "quarantined_rows": known.quarantined_rows,
                "newest_import": known.newest_import,
            },
            "periods": [line.as_json() for line in self.periods],
            "total": self.total.as_json(),
        }


@dataclass(frozen=True, slots=True)
class Report:
    """A report over an inclusive range of days; `traders` is None in a single trader's report."""

    trader_id: str | None
    start_day: date
    end_day: date
    as_of: str
    days: tuple[Day, ...]
    hours: tuple[Line, ...]
    traders: tuple[Line, ...] | None
    total: Line

    def as_json(self) -> dict[str, object]:
        """The report as the API and the CLI show it."""
        return {
            "trader_id": self.trader_id,
            "start_day": self.start_day.isoformat(),
            "end_day": self.end_day.isoformat(),
            "currency": "EUR",
            "as_of": self.as_of,
            "days": [day.as_json() for day in self.days],
            "hours": [line.as_json() for line in self.hours],
            "traders": None if self.traders is None else [line.as_json() for line in self.traders],
            "total": self.total.as_json(),
        }


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
    as_of: datetime,
) -> Report:
    """Build the report over the days of `positions` (in order, each at least once); no trader means the desk."""
    days = tuple(_day(day, held, completeness[day]) for day, held in positions.items())
    everything = [position for held in positions.values() for position in held]
    hours = sum(day.total.hours for day in days)
    return Report(
        trader_id=trader_id,
        start_day=days[0].delivery_day,
        end_day=days[-1].delivery_day,
        as_of=format_utc(as_of),
        days=days,
        hours=_hours(days),
        traders=_traders(everything, hours) if trader_id is None else None,
        total=Line("Total", None, hours, total_of(day.total.totals for day in days)),
    )


def _day(day: date, positions: Iterable[Position], known: Completeness) -> Day:
    held: dict[int, list[Totals]] = defaultdict(list)
    for position in positions:
        held[position.key.period.local_hour].append(position.totals)
    periods = tuple(Line(row.label, row.start, row.hours, total_of(held[row.hour])) for row in hours_of(day))
    hours = sum(line.hours for line in periods)
    total = Line(day.isoformat(), None, hours, total_of(line.totals for line in periods))
    return Day(day, known, periods, total)


def _hours(days: Sequence[Day]) -> tuple[Line, ...]:
    """Sum the days by hour label; a single day's hours are its periods."""
    if len(days) == 1:
        return days[0].periods
    lines: dict[str, list[Line]] = {hour_label(hour): [] for hour in range(24)}
    for day in days:
        for line in day.periods:
            lines[line.label].append(line)
    return tuple(
        Line(label, None, sum(line.hours for line in found), total_of(line.totals for line in found))
        for label, found in lines.items()
    )


def _traders(positions: Iterable[Position], hours: int) -> tuple[Line, ...]:
    held: dict[str, list[Totals]] = defaultdict(list)
    for position in positions:
        held[position.key.trader_id].append(position.totals)
    return tuple(Line(trader, None, hours, total_of(held[trader])) for trader in sorted(held))
