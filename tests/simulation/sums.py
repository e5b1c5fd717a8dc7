"""The positions, reckoned from the trades that stand: after a step those that were touched, in the end all of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from chalicelib.common.delivery import Period
from chalicelib.positions.model import NO_CHANGE, Change, Direction, PositionKey
from chalicelib.trades.model import Trade
from chalicelib.trades.revision import Revision
from tests.simulation.berlin import day_at, last_sunday, midnight
from tests.simulation.venues import NOT_COUNTED
from tests.simulation.world import must

if TYPE_CHECKING:
    from tests.simulation.watched import WatchedBook

Slot = tuple[object, ...]
"""Trader, delivery day on the clock of Berlin, period, venue, area and strategy."""
NOTHING = (0, 0, 0, 0, 0)


class Sums:
    """Trades, kW bought and sold, and eurocent x kW x minutes a MWh spent and earned of each slot."""

    def __init__(self) -> None:
        self._counted: dict[str, Trade] = {}
        self._sums: dict[Slot, list[int]] = {}

    def follow(self, touched: Iterable[str], words: Mapping[str, Sequence[Revision]]) -> set[Slot]:
        """Count the newest word on each of these trades in place of the one before; gives the slots they changed."""
        changed: set[Slot] = set()
        for one in touched:
            last, before = words[one][-1], self._counted.pop(one, None)
            if before is not None:
                changed.add(self._add(before, -1))
            if stands(last):
                self._counted[one] = last.trade
                changed.add(self._add(last.trade, 1))
        return changed

    def check(self, changed: set[Slot], moved: Collection[PositionKey], held: Mapping[PositionKey, Change]) -> None:
        """The positions that were moved are the sums of their slots, and what changed was moved."""
        for key in moved:
            slot: Slot = tuple(key)
            sums, change = self._sums.get(slot, NOTHING), held[key]
            must(_exactly(change, sums), "{} holds {}, should be {}", key, change, sums)
            changed.discard(slot)
        must(not changed, "positions lack {}", changed)

    def _add(self, trade: Trade, sign: int) -> Slot:
        day = day_at(trade.period.start)
        slot: Slot = (trade.trader_id, day, trade.period, trade.venue, trade.area, trade.strategy)
        sums = self._sums.get(slot)
        if sums is None:
            sums = self._sums[slot] = [*NOTHING]
        side, kw = (1 if trade.direction is Direction.BUY else 2), sign * trade.kw
        sums[0] += sign
        sums[side] += kw
        sums[side + 2] += kw * trade.period.minutes * trade.price
        return slot


def stands(last: Revision) -> bool:
    """Check whether a trade counts after its newest word."""
    return not last.withdrawn and last.trade.state not in NOT_COUNTED


def check_positions(book: WatchedBook) -> None:
    """Every position is the sum of the trades that stand, reckoned from nothing."""
    sums = Sums()
    changed = sums.follow(book.words, book.words)
    held = {position.key: position.change for day in book.parts for position in book.joined(day)}
    sums.check(changed, [key for key, change in held.items() if change != NO_CHANGE], held)


def _exactly(change: Change, sums: Sequence[int]) -> bool:
    return [change.trades, change.buy_kw, change.sell_kw, change.buy_cash, change.sell_cash] == [*sums]


@lru_cache(maxsize=65536)
def hour_of(period: Period) -> int:
    """The hour on the clock of Berlin in which a period begins, by the rule of summer time."""
    day = (period.start + timedelta(hours=2)).date()
    passed = (period.start - midnight(day)) // timedelta(hours=1)
    if passed < 0:
        return 23
    if day == last_sunday(day.year, 3):
        return passed + (passed > 1)
    return passed - (passed > 2 and day == last_sunday(day.year, 10))
