"""Positions of one scope by slot: expanded over the quarter-hours they deliver in.

A scope is what a report sums over: the desk, a trader, or some venues or strategies. Power is in kW, cash in the units
of `common.units`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from functools import lru_cache, reduce
from operator import add
from typing import Final, NamedTuple

from chalicelib.common.delivery import QUARTER, Period, day_start, slot_rows
from chalicelib.positions.model import NO_CHANGE, Change, Position

_SLOT: Final = timedelta(minutes=QUARTER)


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
    def cash(self) -> int:
        return self.earned - self.spent


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


def grid_of(day: date, positions: Iterable[Position]) -> Grid:
    """Return a scope's grid. Raises ValueError for a period that does not lie inside the day."""
    changes: defaultdict[Run, Change] = defaultdict(lambda: NO_CHANGE)
    for position in positions:
        changes[run_of(position.key.period, day)] += position.change
    slots = [Slot()] * len(slot_rows(day, QUARTER))
    for (first, end), change in changes.items():
        length = end - first  # cash is price x kW x minutes, so that it divides exactly
        share = Slot(change.buy_kw, change.sell_kw, change.buy_cash // length, change.sell_cash // length)
        slots[first:end] = [Slot._make(map(add, slot, share)) for slot in slots[first:end]]
    return Grid(day, tuple(slots), changes)


@lru_cache(maxsize=16384)
def run_of(period: Period, day: date) -> Run:
    """Return the slots of a delivery period; raises ValueError if it does not lie inside the day."""
    first, beyond = divmod(period.start - day_start(day), _SLOT)
    length, part = divmod(period.minutes, QUARTER)
    if beyond or part or first < 0 or not first < first + length <= len(slot_rows(day, QUARTER)):
        raise ValueError(f"{period.key} is no run of quarter-hours of {day}")
    return Run(first, first + length)
