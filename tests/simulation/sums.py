"""The positions, reckoned from the trades that stand: after a step those that were touched, in the end all of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from chalicelib.common.delivery import Period
from chalicelib.positions.model import NO_CHANGE, Change, Direction, PositionKey
from chalicelib.trades.model import Trade
from chalicelib.trades.revision import Revision
from tests.simulation.berlin import last_sunday, midnight
from tests.simulation.world import must

if TYPE_CHECKING:
    from tests.simulation.world import WatchedBook

Slot = tuple[str, date, int]
"""Trader, delivery day and hour on the clock of Berlin."""
KW_IN_MW, UNITS_IN_EUROCENT = 1_000, 60_000
NOTHING = (0, 0, 0, 0, 0)


class Sums:
    """Trades, MW bought and sold, and eurocent spent and earned of each slot, for the trades that stand."""

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
            if not last.withdrawn:
                self._counted[one] = last.trade
                changed.add(self._add(last.trade, 1))
        return changed

    def check(self, changed: set[Slot], moved: Collection[PositionKey], held: Mapping[PositionKey, Change]) -> None:
        """The positions that were moved are the sums of their slots, and what changed was moved."""
        for key in moved:
            slot = (key.trader_id, key.delivery_day, hour_of(key.period))
            sums, change = self._sums.get(slot, NOTHING), held[key]
            must(_exactly(change, sums), "{} holds {}, should be {}", key, change, sums)
            changed.discard(slot)
        must(not changed, "positions lack {}", changed)

    def _add(self, trade: Trade, sign: int) -> Slot:
        slot = (trade.trader_id, trade.delivery_day, trade.delivery_hour)
        sums = self._sums.get(slot)
        if sums is None:
            sums = self._sums[slot] = [*NOTHING]
        side, quantity = (1 if trade.direction is Direction.BUY else 2), sign * trade.quantity
        sums[0] += sign
        sums[side] += quantity
        sums[side + 2] += quantity * trade.price
        return slot


def check_positions(book: WatchedBook) -> None:
    """Every position is the sum of the trades that stand, in whole eurocent and MW, reckoned from nothing."""
    sums = Sums()
    changed = sums.follow(book.words, book.words)
    held: Collection[PositionKey] = [key for key, change in book.held.items() if change != NO_CHANGE]
    sums.check(changed, held, book.held)


def _exactly(change: Change, sums: Sequence[int]) -> bool:
    return (
        change.trades == sums[0]
        and change.buy_kw == sums[1] * KW_IN_MW
        and change.sell_kw == sums[2] * KW_IN_MW
        and change.buy_cash == sums[3] * UNITS_IN_EUROCENT
        and change.sell_cash == sums[4] * UNITS_IN_EUROCENT
    )


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
