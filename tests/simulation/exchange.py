"""The exchange: what it says of a day, version by version, each with what must become of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

from chalicelib.common.timestamps import format_utc
from chalicelib.feeds.file_day import FileDay
from chalicelib.positions.model import VENUE, Direction
from chalicelib.trades.model import FIELDS, Trade, trade_of_hour
from tests.simulation.berlin import midnight
from tests.simulation.delivered import Delivered, executed_on
from tests.simulation.sides import Key, key_of, turned
from tests.simulation.world import World

HEADER: Final = ",".join(FIELDS)
TRADERS: Final = ("trader_1", "Trader_1", "a#b", "bot 7")
HOURS: Final = (0, 2, 2, 3, 13, 23)
BAD: Final = (
    "{id},1.5,1,buy,{day},3,trader_1,{day}T10:00:00Z",
    "{id},5,0,sell,{day},3,trader_1,{day}T10:00:00Z",
    "{id},5,1,hold,{day},3,trader_1,{day}T10:00:00Z",
    '{id},5,1,buy,{day},3,"trader_1,{day}T10:00:00Z',
    "bad",
)
SELF: Final = "'"
BAD_WITH_ID: Final = 3
"""So many of these kinds still name their id, and so keep the trade from being withdrawn."""


def skipped(day: date, hour: int) -> bool:
    """Tell whether the clocks skip this hour: 2 on the last Sunday of March."""
    return hour == 2 and day.month == 3 and day.day >= 25 and day.weekday() == 6


def some_trade(world: World, trade_id: str, day: date) -> Trade:
    """A trade executed that day, delivered then or on the next."""
    delivery = day + timedelta(days=world.below(2))
    hour = world.choice(HOURS)
    if skipped(delivery, hour):
        hour = 3
    price = world.below(11) - 5 if world.likely(0.5) else world.below(20_000) - 4_000
    return trade_of_hour(
        id=trade_id,
        price=price,
        quantity=1 + world.below(4),
        direction=Direction.BUY if world.likely(0.5) else Direction.SELL,
        delivery_day=delivery,
        delivery_hour=hour,
        trader_id=world.choice(TRADERS),
        execution_time=f"{day}T10:00:0{world.below(3)}Z",
    )


@dataclass(slots=True)
class _Page:
    """A file while it is being written."""

    named: set[Key]
    lines: list[str] = field(default_factory=lambda: [HEADER])
    good: dict[Key, tuple[int, Trade]] = field(default_factory=dict)
    bad: set[int] = field(default_factory=set)
    repeated: int = 0
    again: Key | None = None

    def write(self, trade: Trade) -> None:
        self.lines.append(_row(trade))
        self.good[key_of(trade)] = (len(self.lines), trade)

    def write_again(self, key: Key, *, alike: bool) -> None:
        """Say the same again, or something else of the same side: then neither counts."""
        first, trade = self.good[key]
        self.lines.append(_row(trade if alike else trade._replace(price=trade.price + 1)))
        if alike:
            self.repeated, self.again = 1, key
        else:
            self.bad |= {first, len(self.lines)}
            del self.good[key]

    def delivered(self, day: date, *, blank: bool) -> Delivered:
        """Close the file, with a blank line after its header or without."""
        rows = len(self.lines) - 1
        if blank:
            self.lines.insert(1, "")
            self.good = {one: (line + 1, trade) for one, (line, trade) in self.good.items()}
            self.bad = {line + 1 for line in self.bad}
        content = "\n".join([*self.lines, ""]).encode()
        return Delivered(FileDay(day), content, rows, self.good, self.bad, self.named, self.repeated, "", self.again)


class Exchange:
    """Knows the truth of each day, and writes it down more or less well."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.truth: dict[date, dict[str, Trade]] = {}
        """The rows of each day; the second one of a self-trade stands under its id and `SELF`."""
        self.number = 0
        self.crossing = world.likely(0.25)
        """Whether a day's file may speak of trades that stand in the file of the day before."""
        self.cutting = world.likely(0.1)
        """Whether a day's file ends later than its day, as if it were cut at midnight in UTC."""
        self.self_trading = world.likely(0.3)
        """Whether the desk may trade with itself: two rows of one id."""
        self.careless = world.likely(0.3)
        """Whether a file may be one of another day, or a part of one, under the wrong name."""
        self.last: dict[date, Delivered] = {}

    def write(self, day: date) -> Delivered:
        """Write the day's file, the same again, or by mistake that of another day."""
        world = self.world
        if day in self.last and world.likely(0.08):
            return self.last[day]
        others = [other for other, trades in self.truth.items() if other != day and trades]
        if self.careless and others and world.likely(0.15):
            file = self._mistaken(day, world.choice(others))
        else:
            file = self._right(day)
        self.last[day] = file
        return file

    def _mistaken(self, day: date, other: date) -> Delivered:
        """Write another day's file under the name of this one: all of it, a part, or with rows of its own."""
        world, trades = self.world, list(self.truth[other].values())
        page = _Page(set())
        for trade in trades if world.likely(0.5) else trades[: 1 + len(trades) // 2]:
            page.write(trade)
        if world.likely(0.3):
            for trade in list(self.truth.get(day, {}).values())[:2]:
                if key_of(trade) not in page.good:
                    page.write(trade)
        page.named = set(page.good)
        return page.delivered(day, blank=False)

    def _right(self, day: date) -> Delivered:
        world = self.world
        truth = self._know(day)
        if world.likely(0.08):
            return self._useless(day, truth)
        page = _Page(set(map(key_of, truth.values())))
        for trade in truth.values():
            page.write(trade)
        if world.likely(0.25):
            for _ in range(1 + world.below(3)):
                self._spoil(day, page)
        if world.likely(0.1) and page.good:
            page.write_again(world.choice(list(page.good)), alike=world.likely(0.5))
        return page.delivered(day, blank=world.likely(0.1))

    def _know(self, day: date) -> dict[str, Trade]:
        world = self.world
        truth = self.truth.get(day)
        if truth is not None:
            if world.likely(0.9):
                self._change(day, truth)
            return truth
        truth = self.truth[day] = {}
        self._trade(day, truth, 1 + world.below(5))
        if self.cutting:
            self.number += 1
            one = f"{day:%m%d}-cut-{self.number}"
            late = some_trade(world, one, day + timedelta(days=1))
            truth[one] = late._replace(execution_time=format_utc(midnight(day + timedelta(days=1))))
        before = self.truth.get(day - timedelta(days=1))
        if self.crossing and before and world.likely(0.6):
            one = world.choice(list(before))
            truth[one] = before[one] if world.likely(0.8) else some_trade(world, before[one].id, day)
        return truth

    def _trade(self, day: date, truth: dict[str, Trade], count: int) -> None:
        prefix = f"{day:%m%d}"
        for _ in range(count):
            self.number += 1
            one = f"{prefix}-{self.number}"
            truth[one] = some_trade(self.world, one, day)
            if self.self_trading and self.world.likely(0.4):
                self._trade_with_itself(truth, one)

    def _trade_with_itself(self, truth: dict[str, Trade], name: str) -> None:
        trade = truth[name]
        other = some_trade(self.world, trade.id, executed_on(trade))
        direction = turned(key_of(trade)).direction
        truth[_other_row(name)] = other._replace(direction=direction, execution_time=trade.execution_time)

    def _change(self, day: date, truth: dict[str, Trade]) -> None:
        world = self.world
        for one in list(truth):
            chance = world.random()
            if chance < 0.2:
                self._correct(day, truth, one)
            elif chance < (0.45 if self.crossing else 0.3):
                del truth[one]
            elif self.self_trading and chance > 0.93 and _other_row(one) not in truth:
                self._trade_with_itself(truth, one)
        if world.likely(0.15):
            for one in list(truth)[1:]:
                del truth[one]
        if world.likely(0.4):
            self._trade(day, truth, 1 + world.below(2))

    def _correct(self, day: date, truth: dict[str, Trade], one: str) -> None:
        before, other = truth[one], some_trade(self.world, truth[one].id, day)
        if _other_row(one) in truth:
            other = other._replace(direction=before.direction)
        foreign = executed_on(before) != day
        truth[one] = other._replace(execution_time=before.execution_time) if foreign else other

    def _spoil(self, day: date, page: _Page) -> None:
        self.number += 1
        kind = self.world.below(len(BAD))
        one = f"{day:%m%d}-{self.number}"
        page.lines.append(BAD[kind].format(id=one, day=day))
        page.bad.add(len(page.lines))
        if kind < BAD_WITH_ID:
            page.named |= {Key(VENUE, one, direction) for direction in Direction}

    def _useless(self, day: date, truth: dict[str, Trade]) -> Delivered:
        whole = "\n".join([HEADER, *map(_row, truth.values()), ""])
        kind = self.world.below(4)
        if kind == 0 and truth:
            return _fault(day, whole[: -2 - self.world.below(15)], "cut")
        if kind == 1:
            return _fault(day, "", "cut")
        if kind == 2:
            return _fault(day, whole.replace("price", "prize", 1), "garbage")
        return _fault(day, f"hello {self.world.below(99)}\nworld\n", "garbage")


def _other_row(name: str) -> str:
    """Return the name of the other row of a self-trade."""
    return name.removesuffix(SELF) if name.endswith(SELF) else name + SELF


def _fault(day: date, content: str, fault: str) -> Delivered:
    return Delivered(FileDay(day), content.encode(), 0, {}, set(), set(), 0, fault)


def _row(trade: Trade) -> str:
    return (
        f"{trade.id},{trade.price},{trade.quantity},{trade.direction},{trade.delivery_day},"
        f"{trade.delivery_hour},{trade.trader_id},{trade.execution_time}"
    )
