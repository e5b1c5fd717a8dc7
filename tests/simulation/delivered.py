"""One version of a file, as it was meant."""

from __future__ import annotations

import hashlib
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from chalicelib.common.timestamps import instant
from chalicelib.positions.model import Direction
from tests.simulation.berlin import day_at
from tests.simulation.sides import Id, Key

if TYPE_CHECKING:
    from chalicelib.feeds.file_day import FileDay
    from chalicelib.trades.model import Trade

BAD_ROWS_ALLOWED: Final = 2
"""As `runs.LIMITS`: more of them, and more than a quarter of the rows, reject a file."""
BAD_SHARE: Final = 25


@dataclass(slots=True)
class Delivered:
    """One version of a day's file, as it was meant.

    `good` has the line and the trade of each side to book, `bad` the lines that are no valid trades, `named` every side
    that stands in a row, `fault` why it cannot be used at all, `again` a side that stands in two rows alike. In files
    that `turn`, a row of the other direction corrects the only side of its trade. `about_state` are the sides whose
    rows say something about their state.
    """

    file: FileDay
    content: bytes
    rows: int
    good: dict[Key, tuple[int, Trade]]
    bad: set[int]
    named: set[Key]
    repeated: int
    fault: str
    again: Key | None = None
    turns: bool = True
    about_state: AbstractSet[Key] = frozenset()
    sha256: str = field(init=False)
    own: int = field(init=False)
    """Good rows executed on its day, repeated ones too."""
    other: int = field(init=False)
    """Good rows executed on other days."""

    def __post_init__(self) -> None:
        self.sha256 = hashlib.sha256(self.content).hexdigest()
        rows = [*dict(self.good.values()).values(), *([self.good[self.again][1]] if self.again else [])]
        self.own = sum(executed_on(trade) == self.file.day for trade in rows)
        self.other = len(rows) - self.own

    def self_traded(self, one: Id) -> bool:
        """Tell whether it has rows of both directions of an id."""
        return all(Key(*one, direction) in self.named for direction in Direction)

    @property
    def rejected(self) -> bool:
        """Tell whether it has too many bad rows."""
        return len(self.bad) > BAD_ROWS_ALLOWED and len(self.bad) * 100 > self.rows * BAD_SHARE


@lru_cache(maxsize=4096)
def _day_of(execution_time: str) -> date:
    return day_at(instant(execution_time))


def executed_on(trade: Trade) -> date:
    """Return the day of execution on the clock of Berlin."""
    return _day_of(trade.execution_time)
