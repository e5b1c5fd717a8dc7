"""Positions of one scope by slot: expanded over the quarter-hours they deliver in, and valued at reference prices.

A scope is what a report sums over: the desk, a trader, or a group. Power is in kW, energy in kW-minutes, cash in the
units of `common.units`. Realised and unrealised amounts are exact fractions; they belong to their scope and are never
summed over traders.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from fractions import Fraction
from functools import reduce
from operator import add
from typing import Final, NamedTuple

from chalicelib.common.delivery import QUARTER, Period, day_start, hour_period, slot_rows
from chalicelib.positions.model import NO_CHANGE, Change, Position
from chalicelib.reports.model import Totals

_SLOT: Final = timedelta(minutes=QUARTER)
Prices = Sequence[int | None]
"""The reference price of each slot of a day, in eurocent/MWh."""


class Run(NamedTuple):
    """Slots of a day, from `first` up to but not including `end`."""

    first: int
    end: int


class Slot(NamedTuple):
    """What a scope bought and sold in one slot."""

    buy_kw: int = 0
    sell_kw: int = 0
    spent: int = 0
    earned: int = 0

    @property
    def net_kw(self) -> int:
        return self.buy_kw - self.sell_kw

    @property
    def realised(self) -> Fraction:
        """Return the gain of the matched volume: the smaller side's, at the difference of the average prices."""
        larger = max(self.buy_kw, self.sell_kw)
        return Fraction(self.earned * self.buy_kw - self.spent * self.sell_kw, larger) if larger else Fraction()

    def unrealised(self, reference: int) -> Fraction:
        """Return the gain of the open volume at a reference price, against the average price of the open side.

        Raises ArithmeticError unless realised + unrealised = cash + open volume x reference.
        """
        paid, side = (self.spent, self.buy_kw) if self.net_kw > 0 else (-self.earned, self.sell_kw)
        at_reference = reference * self.net_kw * QUARTER
        gain = at_reference - Fraction(paid * abs(self.net_kw), side) if self.net_kw else Fraction()
        if self.realised + gain != self.earned - self.spent + at_reference:
            raise ArithmeticError("realised and unrealised do not add up to cash and the value of the open volume")
        return gain


class Valuation(NamedTuple):
    """The gains of a run of slots; `missing` are slots with an open volume and no reference price."""

    realised: Fraction = Fraction()
    unrealised_known: Fraction = Fraction()
    missing: tuple[int, ...] = ()

    @property
    def unrealised(self) -> Fraction | None:
        return None if self.missing else self.unrealised_known

    @property
    def total(self) -> Fraction | None:
        return None if self.missing else self.realised + self.unrealised_known


class Grid(NamedTuple):
    """One delivery day of a scope."""

    day: date
    slots: tuple[Slot, ...]
    changes: Mapping[Run, Change]
    """The positions by the run of slots they deliver in."""

    def delivered(self, run: Run) -> Change:
        """Return trades and power of the positions that deliver in a run, each once; cash only of whole positions."""
        inside = (change for (first, end), change in self.changes.items() if first < run.end and end > run.first)
        return reduce(add, inside, NO_CHANGE)

    def totals(self, run: Run, prices: Prices, hours_without_reference: int) -> Totals:
        """Return the sums of a run: trades and power count once, energy, cash and edges add up over its slots."""
        counted, slots = self.delivered(run), self.slots[run.first : run.end]
        sums = [0] * 8
        for slot, price in zip(slots, prices[run.first : run.end], strict=True):
            bought, sold = slot.buy_kw * QUARTER, slot.sell_kw * QUARTER
            if price is None:
                parts = (bought, sold, slot.spent, slot.earned, 0, 0, bought, sold)
            else:
                gains = (price * bought - slot.spent, slot.earned - price * sold)
                parts = (bought, sold, slot.spent, slot.earned, *gains, 0, 0)
            sums = list(map(add, sums, parts))
        return Totals.of(counted.trades, counted.buy_kw, counted.sell_kw, *sums, hours_without_reference)

    def value(self, run: Run, prices: Prices) -> Valuation:
        realised, known, missing = Fraction(), Fraction(), []
        for place in range(*run):
            slot, price = self.slots[place], prices[place]
            realised += slot.realised
            if price is not None:
                known += slot.unrealised(price)
            elif slot.net_kw:
                missing.append(place)
        return Valuation(realised, known, tuple(missing))

    def net_range(self, run: Run) -> tuple[int, int]:
        """Return the smallest and the largest net power of the slots: a period is flat only if both are 0."""
        net = [slot.net_kw for slot in self.slots[run.first : run.end]]
        return min(net), max(net)


def grid_of(day: date, positions: Iterable[Position]) -> Grid:
    """Return a scope's grid. Raises ValueError for a period that does not lie inside the day."""
    changes: defaultdict[Run, Change] = defaultdict(lambda: NO_CHANGE)
    for position in positions:
        changes[run_of(position.key.period, day)] += position.change
    slots = [Slot()] * len(slot_rows(day, QUARTER))
    for (first, end), change in changes.items():
        length = end - first
        share = Slot(change.buy_kw, change.sell_kw, change.buy_cash // length, change.sell_cash // length)
        slots[first:end] = [Slot._make(map(add, slot, share)) for slot in slots[first:end]]
    return Grid(day, tuple(slots), changes)


def run_of(period: Period, day: date) -> Run:
    """Return the slots of a delivery period; raises ValueError if it does not lie inside the day."""
    first, beyond = divmod(period.start - day_start(day), _SLOT)
    end, part = divmod(period.minutes, QUARTER)
    if beyond or part or first < 0 or not first < first + end <= len(slot_rows(day, QUARTER)):
        raise ValueError(f"{period.key} is no run of quarter-hours of {day}")
    return Run(first, first + end)


def slot_prices(day: date, by_hour: Mapping[int, int]) -> Prices:
    """Return the prices of a day's slots: an hour's price covers its four slots, or eight if the hour comes twice."""
    prices: list[int | None] = [None] * len(slot_rows(day, QUARTER))
    for hour, price in by_hour.items():
        period = hour_period(day, hour)
        if period is not None:
            first, _ = run_of(period, day)
            rows = [row for row in slot_rows(day, QUARTER)[first:] if row.period[:2] == f"{hour:02d}"]
            prices[first : first + len(rows)] = [price] * len(rows)
    return prices
