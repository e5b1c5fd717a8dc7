"""The report of `/v2`: positions valued by quarter-hour, in lines for rows, days, traders and groups."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import cached_property
from itertools import chain
from operator import add, itemgetter
from typing import Any, Final, NamedTuple, TypeVar

from chalicelib.common.delivery import HOUR, QUARTER, slot_rows
from chalicelib.positions.model import NO_CHANGE, Position, PositionKey
from chalicelib.prices.zones import DE_LU, zone_of
from chalicelib.reports.completeness import Completeness
from chalicelib.reports.pnl import AnyDay, AnyReport, Group, report_of
from chalicelib.reports.references import Reference, Slots, only_zone, reference_of, zones_by_row, zones_in_rows
from chalicelib.reports.slots import Run, run_of
from chalicelib.reports.valuation import Market, Place, Prices, Value, ValuedLine, values
from chalicelib.reports.valued_columns import DIMENSIONS, VALUED_LINES

SlotPrices = Mapping[str, Mapping[date, Slots]]
"""By zone and day."""
Rate = Callable[[str, date], int | None]
"""Returns the sum of a venue's fee rates on a delivery day, see `FeeTable.rate`."""
Scope = tuple[str | None, ...]
"""What the positions of a scope have in common: nothing for the desk, a trader, or the values of the dimensions."""
Sums = dict[Place, list[int]]
"""The positions of a scope on one day by place, each as the sums of `Change`."""
_FIELDS: Final = PositionKey._fields
_PLACE: Final = ("period", "venue", "area")


K = TypeVar("K")


class Grain(StrEnum):
    HOUR = "hour"
    QUARTER = "quarter"

    @property
    def minutes(self) -> int:
        return QUARTER if self is Grain.QUARTER else HOUR


class Shape(NamedTuple):
    """How a report is divided: the length of its rows, and the dimensions of its groups."""

    grain: Grain = Grain.HOUR
    by: tuple[str, ...] = ()


class Scopes(NamedTuple):
    desk: Mapping[date, Sums]
    traders: Mapping[Scope, Mapping[date, Sums]]
    groups: Mapping[Scope, Mapping[date, Sums]]


def build_valued_report(
    trader_id: str | None,
    positions: Mapping[date, Sequence[Position]],
    completeness: Mapping[date, Completeness],
    prices: SlotPrices,
    rate: Rate,
    shape: Shape,
    as_of: datetime,
) -> AnyReport[ValuedLine]:
    """Return the report over the days of `positions`, in order and at least one.

    Traders and groups are scopes of their own: what is realised for the desk may be open for each of them.
    """
    positions = {day: [one for one in of_day if one.change != NO_CHANGE] for day, of_day in positions.items()}
    scopes = _scopes(positions, shape.by)
    valuer = _Valuer({day: _market(day, of_day, prices, rate) for day, of_day in positions.items()}, prices)
    rows = {day: valuer.rows(day, sums, shape.grain) for day, sums in scopes.desk.items()}
    traders = () if trader_id is not None else _sorted(scopes.traders)
    return report_of(
        trader_id,
        tuple(
            AnyDay(day, completeness[day], rows[day], valuer.line(day.isoformat(), {day: sums}, [day]))
            for day, sums in scopes.desk.items()
        ),
        as_of,
        hours=next(iter(rows.values())) if len(rows) == 1 else valuer.hours(rows, scopes.desk),
        traders=tuple(_traded(valuer.line(str(name), own) for (name,), own in traders)),
        total=valuer.line("Total", scopes.desk),
        table=VALUED_LINES,
    )._replace(
        groups=tuple(valuer.groups(shape.by, scopes.groups)) if shape.by else None,
        grain=shape.grain.value,
    )


def zones_of(positions: Mapping[date, Iterable[Position]]) -> set[str]:
    """Return the price zones of positions, and always the desk's own."""
    areas = {position.key.area for of_day in positions.values() for position in of_day}
    return {DE_LU, *map(zone_of, areas)}


@dataclass(frozen=True)
class _Valuer:
    """Makes lines of the positions of scopes."""

    markets: Mapping[date, Market]
    prices: SlotPrices

    def rows(self, day: date, sums: Sums, grain: Grain) -> tuple[ValuedLine, ...]:
        count, length = len(slot_rows(day, QUARTER)), grain.minutes // QUARTER
        valued = values(sums, length, self.markets[day])
        zones = zones_by_row(_placed(sums), count, length)
        means = [
            reference_of(self._slots(zone, day)[row * length : (row + 1) * length]) for row, zone in enumerate(zones)
        ]
        return tuple(
            ValuedLine(*row, value, mean)
            for row, value, mean in zip(slot_rows(day, grain.minutes), valued, means, strict=True)
        )

    def line(self, label: str, sums: Mapping[date, Sums], days: Sequence[date] = ()) -> ValuedLine:
        """Return a scope's line over all days, or over some."""
        slots = {day: len(slot_rows(day, QUARTER)) for day in days or self.markets}
        value = Value.over([values(sums.get(day, {}), count, self.markets[day])[0] for day, count in slots.items()])
        zone = _zone(sums.values())
        mean = reference_of(chain.from_iterable(self._slots(zone, day) for day in days)) if days else self._means[zone]
        return ValuedLine(None, label, None, sum(slots.values()) * QUARTER, value, mean)

    def hours(self, rows: Mapping[date, Sequence[ValuedLine]], desk: Mapping[date, Sums]) -> tuple[ValuedLine, ...]:
        """Return a line for each row that any of the days has, summed over the days."""
        of_desk = _zone(desk.values())
        lines: defaultdict[str, list[ValuedLine]] = defaultdict(list)
        runs: defaultdict[str, list[tuple[date, Run]]] = defaultdict(list)
        zones: defaultdict[str, set[str]] = defaultdict(set)
        for day, of_day in rows.items():
            length = of_day[0].minutes // QUARTER
            inside = zones_in_rows(_placed(desk[day]), len(of_day) * length, length)
            for number, line in enumerate(of_day):
                period = line.period or ""
                lines[period].append(line)
                runs[period].append((day, Run(number * length, (number + 1) * length)))
                zones[period] |= inside[number]

        def mean(period: str) -> Reference | None:
            zone = only_zone(zones[period]) if zones[period] else of_desk
            return reference_of(price for day, run in runs[period] for price in self._slots(zone, day)[slice(*run)])

        return tuple(
            ValuedLine(
                None,
                lines[period][0].label,
                None,
                sum(line.minutes for line in lines[period]),
                Value.over([line.value for line in lines[period]]),
                mean(period),
            )
            for period in sorted(lines, key=_in_order)
        )

    def groups(self, by: Sequence[str], scopes: Mapping[Scope, Mapping[date, Sums]]) -> Iterator[Group[ValuedLine]]:
        for scope, sums in _sorted(scopes):
            for line in _traded([self.line(" / ".join(name or "(none)" for name in scope), sums)]):
                yield Group(dict(zip(by, scope, strict=True)), line)

    @cached_property
    def _means(self) -> Mapping[str | None, Reference | None]:
        """Return the mean of all days by zone; None for the positions of several."""
        of_zones = {
            zone: chain.from_iterable(by_day[day] for day in self.markets) for zone, by_day in self.prices.items()
        }
        return {None: None, **{zone: reference_of(slots) for zone, slots in of_zones.items()}}

    def _slots(self, zone: str | None, day: date) -> Slots:
        return [None] * len(slot_rows(day, QUARTER)) if zone is None else self.prices[zone][day]


def _market(day: date, positions: Iterable[Position], prices: SlotPrices, rate: Rate) -> Market:
    of_zones = {zone: Prices([price and price.price for price in by_day[day]]) for zone, by_day in prices.items()}
    return Market(day, of_zones, {venue: rate(venue, day) for venue in {position.key.venue for position in positions}})


def _scopes(positions: Mapping[date, Sequence[Position]], by: Sequence[str]) -> Scopes:
    desk: dict[date, Sums] = {}
    traders: defaultdict[Scope, dict[date, Sums]] = defaultdict(dict)
    groups: defaultdict[Scope, dict[date, Sums]] = defaultdict(dict)
    for day, of_day in positions.items():
        desk[day] = {}
        for (period, venue, area, *scope), sums in _combined(of_day, by).items():
            place = Place(run_of(period, day), zone_of(area), venue)
            _add(desk[day], place, sums)
            _add(traders[*scope[:1],].setdefault(day, {}), place, sums)
            if by:
                _add(groups[*scope[1:],].setdefault(day, {}), place, sums)
    return Scopes(desk, traders, groups)


def _combined(positions: Iterable[Position], by: Sequence[str]) -> dict[tuple[Any, ...], list[int]]:
    """Sum positions that no scope tells apart: a busy day has tens of thousands, and few that differ in what counts."""
    names = (*_PLACE, "trader_id", *(DIMENSIONS[name] for name in by))
    chosen = itemgetter(*map(_FIELDS.index, names))
    combined: dict[tuple[Any, ...], list[int]] = {}
    for key, change in positions:
        _add(combined, chosen(key), change)
    return combined


def _add(into: dict[K, list[int]], key: K, more: Sequence[int]) -> None:
    sums = into.get(key)
    if sums is None:
        into[key] = list(more)
    else:
        sums[:] = map(add, sums, more)


def _placed(sums: Sums) -> Iterator[tuple[Run, str]]:
    return ((place.run, place.zone) for place in sums)


def _zone(sums: Iterable[Sums]) -> str | None:
    return only_zone(place.zone for of_day in sums for place in of_day)


def _traded(lines: Iterable[ValuedLine]) -> Iterator[ValuedLine]:
    return (line for line in lines if line.totals.trades)


def _sorted(scopes: Mapping[Scope, Mapping[date, Sums]]) -> list[tuple[Scope, Mapping[date, Sums]]]:
    """Return scopes in the order of their names, those that state none last."""
    return sorted(scopes.items(), key=lambda item: [(name is None, name or "") for name in item[0]])


def _in_order(period: str) -> tuple[str, str, str]:
    """Return what orders `02:45A` before `02:00B`."""
    return period[:2], period[-1] if period[-1] in "AB" else "", period
