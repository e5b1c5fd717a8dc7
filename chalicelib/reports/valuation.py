"""The value of a scope's positions by row: realised, open and total, and fees, at slot grain.

Power is in kW, energy in kW-minutes, cash in the units of `common.units`. A scope is what is valued as one: the desk, a
trader, a strategy. What one of its traders bought and another sold is realised for the desk and open for both.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property, lru_cache
from itertools import accumulate, pairwise
from math import gcd, lcm
from operator import add
from typing import Final, NamedTuple

from chalicelib.common.delivery import HOUR, QUARTER, slot_rows
from chalicelib.common.timestamps import format_utc
from chalicelib.reports.column import Ratio
from chalicelib.reports.model import NOTHING, Line, Totals
from chalicelib.reports.references import Reference
from chalicelib.reports.slots import Run

_SLOTS_OF_AN_HOUR: Final = HOUR // QUARTER


Exact = tuple[int, int]
"""A fraction: numerator and denominator."""
_NONE: Final[Exact] = (0, 1)


class Place(NamedTuple):
    """Where a scope traded: positions of one place are valued together, at the prices of its zone."""

    run: Run
    zone: str
    venue: str


class Value(NamedTuple):
    """What a line shows beyond its sums."""

    totals: Totals
    net_min: int
    """The smallest net power of a slot; a line is flat only if this and the largest are 0."""
    net_max: int
    realised: Exact
    known: Exact
    """The open volume's gain where there is a reference price."""
    missing: tuple[str, ...]
    """The slots with an open volume and no reference price."""
    fees: int
    """In 1/100 of the units of cash."""
    unrated: tuple[str, ...]
    """Venues without a rate."""

    @property
    def unrealised(self) -> Ratio:
        return (None, 1) if self.missing else self.known

    @property
    def total(self) -> Ratio:
        return (None, 1) if self.missing else added((self.realised, self.known))

    @classmethod
    def over(cls, parts: Sequence[Value]) -> Value:
        """Return the sum of the values of one scope on several days."""
        traded = [part for part in parts if part is not EMPTY]
        if not traded:
            return EMPTY
        return cls(
            Totals.over(part.totals for part in traded),
            min(part.net_min for part in parts),
            max(part.net_max for part in parts),
            added(part.realised for part in traded),
            added(part.known for part in traded),
            tuple(slot for part in traded for slot in part.missing),
            sum(part.fees for part in traded),
            tuple(sorted({venue for part in traded for venue in part.unrated})),
        )


EMPTY: Final = Value(NOTHING, 0, 0, _NONE, _NONE, (), 0, ())
"""The value of a line without trades."""


class ValuedLine(NamedTuple):
    """An hour, a quarter-hour, a day, a trader, a group or a total; only the first two have a period and a start."""

    period: str | None
    label: str
    start: datetime | None
    minutes: int
    value: Value
    mean: Reference | None
    """None if a slot has no reference price."""

    @property
    def totals(self) -> Totals:
        return self.value.totals

    @property
    def reference(self) -> Ratio | None:
        return self.mean.mean if self.mean and self.start else None


AnyLine = Line | ValuedLine


def added(fractions: Iterable[Exact]) -> Exact:
    """Return the exact sum: by denominator first, since a slot's is its power and few of them differ."""
    sums: defaultdict[int, int] = defaultdict(int)
    for numerator, denominator in fractions:
        sums[denominator] += numerator
    whole = lcm(*sums)
    total = sum(numerator * (whole // denominator) for denominator, numerator in sums.items())
    common = gcd(total, whole)
    return total // common, whole // common


@dataclass(frozen=True)
class Prices:
    """The reference prices of a day's slots in one zone, in eurocent/MWh."""

    slots: Sequence[int | None]

    @cached_property
    def sums(self) -> Sequence[int]:
        """Return the sum of the prices before each slot."""
        return list(accumulate((price or 0 for price in self.slots), initial=0))

    @cached_property
    def known(self) -> Sequence[int]:
        """Return the number of prices before each slot."""
        return list(accumulate((price is not None for price in self.slots), initial=0))

    def missing(self, run: Run) -> list[int]:
        return [slot for slot in range(*run) if self.slots[slot] is None]


class Market(NamedTuple):
    """What a day's positions are valued with: prices by zone, and the fee rates by venue, None without one."""

    day: date
    prices: Mapping[str, Prices]
    rates: Mapping[str, int | None]


@dataclass(slots=True)
class _Row:
    """Sums of one row while its segments are added."""

    sums: list[int] = field(default_factory=lambda: [0] * 8)
    realised: list[Exact] = field(default_factory=list)
    known: list[Exact] = field(default_factory=list)
    unpriced: set[int] = field(default_factory=set)
    missing: set[int] = field(default_factory=set)


def values(positions: Mapping[Place, Sequence[int]], length: int, market: Market) -> list[Value]:
    """Return the value of each row of a day, `length` slots each; positions are sums in the order of `Change`."""
    count = len(slot_rows(market.day, QUARTER))
    if not positions:
        return [EMPTY] * -(-count // length)
    rows = [_Row() for _ in range(0, count, length)]
    for zone in {place.zone for place in positions}:
        inside = [(place.run, sums) for place, sums in positions.items() if place.zone == zone]
        _add_zone(rows, inside, count, length, market.prices[zone])
    net = _by_slot(count, [(place.run, sums[1] - sums[2]) for place, sums in positions.items()])
    fees = _by_slot(
        count, [(run, (market.rates[venue] or 0) * (sums[1] + sums[2])) for (run, _, venue), sums in positions.items()]
    )
    names = _names(market.day)
    shown = []
    for row, counted, first in zip(rows, _counted(positions, count, length), range(0, count, length), strict=True):
        if not any(row.sums):
            shown.append(EMPTY)
            continue
        run = Run(first, min(first + length, count))
        hours = len({slot // _SLOTS_OF_AN_HOUR for slot in row.unpriced})
        shown.append(
            Value(
                Totals.of(*counted, *row.sums, hours),
                min(net[first : run.end]),
                max(net[first : run.end]),
                added(row.realised),
                added(row.known),
                tuple(names[slot] for slot in sorted(row.missing)),
                sum(fees[first : run.end]) * QUARTER,
                _unrated(positions, run, market.rates),
            )
        )
    return shown


def _add_zone(
    rows: Sequence[_Row], positions: Iterable[tuple[Run, Sequence[int]]], count: int, length: int, prices: Prices
) -> None:
    """Value each segment, slots of a row with the same power and cash, at once."""
    steps = _steps(positions, range(0, count, length))
    buy = sell = spent = earned = 0
    for first, end in pairwise([*sorted(steps), count]):
        more = steps[first]
        buy, sell, spent, earned = buy + more[0], sell + more[1], spent + more[2], earned + more[3]
        if buy or sell:
            _add_segment(rows[first // length], Run(first, end), (buy, sell, spent, earned), prices)


def _steps(positions: Iterable[tuple[Run, Sequence[int]]], starts: Iterable[int]) -> dict[int, list[int]]:
    """Return by slot how power and cash differ from the slot before; every start is among them."""
    steps: dict[int, list[int]] = {start: [0, 0, 0, 0] for start in starts}
    for (first, end), (_, buy_kw, sell_kw, buy_cash, sell_cash) in positions:
        share = (buy_kw, sell_kw, buy_cash // (end - first), sell_cash // (end - first))  # divides, see `Grid`
        for slot, sign in ((first, 1), (end, -1)):
            step = steps.setdefault(slot, [0, 0, 0, 0])
            for place, amount in enumerate(share):
                step[place] += sign * amount
    return steps


def _add_segment(row: _Row, run: Run, slot: tuple[int, int, int, int], prices: Prices) -> None:
    """Add slots of equal power and cash. Raises ArithmeticError if their gains are not cash and the open value."""
    buy, sell, spent, earned = slot
    slots, net, larger = run.end - run.first, buy - sell, max(buy, sell)
    known = prices.known[run.end] - prices.known[run.first]
    price = (prices.sums[run.end] - prices.sums[run.first]) * QUARTER
    realised = earned * buy - spent * sell  # over `larger`
    paid = spent * net if net > 0 else earned * net
    unrealised = price * net * larger - paid * known
    if realised * known + unrealised != ((earned - spent) * known + price * net) * larger:
        raise ArithmeticError("realised and unrealised do not add up to cash and the value of the open volume")
    if realised:
        row.realised.append(_reduced(realised * slots, larger))
    if unrealised:
        row.known.append(_reduced(unrealised, larger))
    unpriced = slots - known
    if unpriced:
        missing = prices.missing(run)
        row.unpriced.update(missing)
        if net:
            row.missing.update(missing)
    energy = (buy * QUARTER, sell * QUARTER)
    more = (
        *(energy[0] * slots, energy[1] * slots, spent * slots, earned * slots),
        *(price * buy - spent * known, earned * known - price * sell),
        *(energy[0] * unpriced, energy[1] * unpriced),
    )
    row.sums = list(map(add, row.sums, more))


def _reduced(numerator: int, denominator: int) -> Exact:
    common = gcd(numerator, denominator)
    return numerator // common, denominator // common


def _by_slot(count: int, amounts: Iterable[tuple[Run, int]]) -> list[int]:
    """Return the sum of the amounts in each slot."""
    steps = [0] * (count + 1)
    for (first, end), amount in amounts:
        steps[first] += amount
        steps[end] -= amount
    return list(accumulate(steps))[:count]


def _counted(positions: Mapping[Place, Sequence[int]], count: int, length: int) -> Iterable[tuple[int, int, int]]:
    """Return trades and power of each row: a position counts once in each that it delivers in."""
    rows = -(-count // length)
    runs = [(Run(run.first // length, (run.end - 1) // length + 1), sums) for (run, _, _), sums in positions.items()]
    columns = (_by_slot(rows, [(run, sums[place]) for run, sums in runs]) for place in range(3))
    return zip(*columns, strict=True)


def _unrated(positions: Iterable[Place], run: Run, rates: Mapping[str, int | None]) -> tuple[str, ...]:
    if None not in rates.values():
        return ()
    inside = (place for place in positions if place.run.first < run.end and place.run.end > run.first)
    return tuple(sorted({place.venue for place in inside if rates[place.venue] is None}))


@lru_cache(maxsize=512)
def _names(day: date) -> tuple[str, ...]:
    return tuple(format_utc(row.start) for row in slot_rows(day, QUARTER))
