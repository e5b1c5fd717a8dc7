"""Senders of other feeds: what they say of a day, some of it about trades that others state too."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import groupby
from typing import TYPE_CHECKING

from chalicelib.common.delivery import Period
from chalicelib.feeds.file_day import FileDay
from chalicelib.positions.model import VENUE, Direction
from chalicelib.trades.model import State, Trade
from chalicelib.trades.statement import Statement
from tests.simulation.berlin import at
from tests.simulation.delivered import Delivered, executed_on
from tests.simulation.exchange import TRADERS, Exchange, some_trade
from tests.simulation.sheets import BAD, HIDDEN, Line, Sheet
from tests.simulation.sides import Key, id_of, key_of, turned
from tests.simulation.venues import AREAS, STATES, STRATEGIES, Venues
from tests.simulation.world import World

if TYPE_CHECKING:
    from chalicelib.feeds.feed import Feed

Truth = dict[Key, Statement]


@dataclass(slots=True)
class _Page:
    """A file while it is being written."""

    sheet: Sheet
    named: set[Key]
    rows: list[str] = field(default_factory=list)
    good: dict[Key, tuple[int, Trade]] = field(default_factory=dict)
    about_state: set[Key] = field(default_factory=set)
    bad: set[int] = field(default_factory=set)
    repeated: int = 0
    again: Key | None = None

    @property
    def line(self) -> int:
        """The number of the row written last."""
        return self.sheet.first + len(self.rows) - 1

    def write(self, line: Line) -> None:
        self.rows.append(self.sheet.row(line))
        for trade, about_state in line:
            self.good[key_of(trade)] = (self.line, trade)
            self.about_state |= {key_of(trade)} if about_state else set()

    def write_again(self, statement: Statement, *, alike: bool) -> None:
        """State the same again, or something else of the same side: then neither counts."""
        key = key_of(statement.trade)
        first, trade = self.good[key]
        other = statement if alike else statement._replace(trade=trade._replace(price=trade.price + 1))
        self.rows.append(self.sheet.row([other]))
        if alike:
            self.repeated, self.again = 1, key
        else:
            self.bad |= {first, self.line}
            del self.good[key]

    def spoil(self, statement: Statement, kind: int) -> None:
        """Write a row that is no trade, in place of a good one or of a new trade."""
        key = key_of(statement.trade)
        self.rows.append(self.sheet.bad([statement], kind))
        self.bad.add(self.line)
        self.named |= {key, turned(key)} if kind == HIDDEN else {key}

    def delivered(self, file: FileDay) -> Delivered:
        content = self.sheet.whole(self.rows).encode()
        return Delivered(
            file,
            content,
            len(self.rows),
            self.good,
            self.bad,
            self.named,
            self.repeated,
            "",
            self.again,
            turns=False,
            about_state=self.about_state,
        )


class Blotters:
    """The sender of one feed, who knows its own truth of each day and writes it down more or less well."""

    def __init__(self, world: World, feed: Feed, sheet: Sheet, exchange: Exchange, venues: Venues) -> None:
        self.world, self.feed, self.sheet, self.exchange, self.venues = world, feed, sheet, exchange, venues
        self.truth: dict[date, Truth] = {}
        self.last: dict[date, Delivered] = {}
        self.numbered = world.choice((0.0, 0.5, 1.0))
        """How many statements bear a number of the venue."""
        self.careless = world.likely(0.3)
        self.crossing = world.likely(0.3)
        self._number = 0

    def write(self, day: date) -> Delivered:
        """Write the day's file, the same again, or by mistake that of another day."""
        world = self.world
        if day in self.last and world.likely(0.1):
            return self.last[day]
        others = [other for other, truth in self.truth.items() if other != day and truth]
        if self.careless and others and world.likely(0.15):
            file = self._mistaken(day, self.truth[world.choice(others)])
        else:
            file = self._right(day)
        self.last[day] = file
        return file

    def _mistaken(self, day: date, truth: Truth) -> Delivered:
        page = _Page(self.sheet, set())
        statements = list(truth.values())
        for line in self._lines(statements if self.world.likely(0.5) else statements[: 1 + len(statements) // 2]):
            page.write(line)
        page.named = set(page.good)
        return page.delivered(self.feed.file(day))

    def _right(self, day: date) -> Delivered:
        world = self.world
        truth = self._know(day)
        if world.likely(0.08):
            return self._useless(day, truth)
        page = _Page(self.sheet, set(truth))
        spoilt = None
        if truth and world.likely(0.15):
            spoilt = world.choice(list(truth))
        lines = self._lines([one for key, one in truth.items() if key != spoilt])
        for line in lines:
            page.write(line)
        if spoilt is not None:
            page.spoil(truth[spoilt], world.below(len(BAD)))
        if world.likely(0.15):
            page.spoil(self._own(day), world.below(len(BAD)))
        single = [line[0] for line in lines if len(line) == 1]
        if single and world.likely(0.1):
            page.write_again(world.choice(single), alike=world.likely(0.5))
        return page.delivered(self.feed.file(day))

    def _lines(self, statements: list[Statement]) -> list[list[Statement]]:
        """Return the rows of a file: both sides of a trade are one where the format has them so."""
        if not self.sheet.pairs:
            return [[one] for one in statements]
        order = sorted(statements, key=lambda one: (id_of(key_of(one.trade)), one.trade.direction))
        return [list(sides) for _, sides in groupby(order, key=lambda one: id_of(key_of(one.trade)))]

    def _useless(self, day: date, truth: Truth) -> Delivered:
        whole = self.sheet.whole([self.sheet.row(line) for line in self._lines(list(truth.values()))])
        kind = self.world.below(3)
        if kind == 0 and truth:
            return self._fault(day, whole[: -2 - self.world.below(15)], "cut")
        if kind == 1:
            return self._fault(day, "", "cut")
        return self._fault(day, f"hello {self.world.below(99)}\nworld\n", "garbage")

    def _fault(self, day: date, content: str, fault: str) -> Delivered:
        return Delivered(self.feed.file(day), content.encode(), 0, {}, set(), set(), 0, fault, turns=False)

    # --- what is true ---

    def _know(self, day: date) -> Truth:
        world = self.world
        truth = self.truth.get(day)
        if truth is None:
            truth = self.truth[day] = {}
            for _ in range(world.below(4)):
                self._add(truth, self._own(day))
            self._borrow(day, truth, 0.6)
        elif world.likely(0.9):
            self._change(day, truth)
            self._borrow(day, truth, 0.1)
        return truth

    def _add(self, truth: Truth, statement: Statement) -> None:
        said = self._said(statement)
        other = truth.get(turned(key_of(said.trade)))
        if other is not None and self.sheet.pairs:  # one entry, of which only some fields are those of a side
            trade = other.trade
            same = trade._replace(direction=said.trade.direction, trader_id=said.trade.trader_id, area=said.trade.area)
            said = Statement(same, other.about_state)
        truth[key_of(said.trade)] = said

    def _said(self, statement: Statement) -> Statement:
        """Return what a file can say of a statement: without a word about its state the trade is active."""
        said = self.sheet.said(statement)
        return said if said.about_state else said._replace(trade=said.trade._replace(state=State.ACTIVE))

    def _own(self, day: date) -> Statement:
        world = self.world
        self._number += 1
        venue = self.feed.venue or world.choice((VENUE, "nordpool", "otc"))
        name = f"{self.feed.name[:1]}{day:%m%d}-{self._number}"
        trade = some_trade(world, name, day)
        if world.likely(0.4):
            start = at(day + timedelta(days=world.below(2)), 15 * world.below(76))
            trade = trade._replace(period=Period(start, world.choice((15, 30, 60))), kw=100 * (1 + world.below(30)))
        return self._stated(trade._replace(venue=venue, hour_only=False))

    def _stated(self, trade: Trade) -> Statement:
        """Return a statement of a trade with what only other forms than the daily file's have."""
        world = self.world
        number = 1 + world.below(2) if world.likely(self.numbered) else None
        area, strategy = world.choice(AREAS), world.choice(STRATEGIES)
        text = world.choice((None, None, "a remark", "another"))
        trade = trade._replace(area=area, strategy=strategy, text=text, venue_revision=number, hour_only=False)
        return Statement(trade, about_state=world.likely(0.5))

    def _borrow(self, day: date, truth: Truth, chance: float) -> None:
        """State trades that the exchange's file, or a client, states too: mostly alike."""
        world = self.world
        known: list[Trade] = []
        if self.feed.venue in {None, VENUE}:
            known += [one for one in self.exchange.truth.get(day, {}).values() if executed_on(one) == day]
        others = (one for stated in self.venues.stated.values() for one in stated[-1:])
        known += [one for one in others if self.feed.venue in {None, one.venue} and executed_on(one) == day]
        if self.crossing:
            known += [one.trade for one in self.truth.get(day - timedelta(days=1), {}).values()]
        for trade in known:
            if world.likely(chance) and key_of(trade) not in truth:
                other = trade._replace(price=trade.price + 1) if world.likely(0.15) else trade
                self._add(truth, self._stated(other))

    def _change(self, day: date, truth: Truth) -> None:
        world = self.world
        for key in list(truth):
            chance = world.random()
            if chance < 0.2:
                self._correct(truth, key)
            elif chance < 0.35:
                del truth[key]
            elif chance < 0.4:
                self._turn(truth, key, stays=world.likely(0.5))
        if world.likely(0.1):
            for key in list(truth)[1:]:
                del truth[key]
        if world.likely(0.4):
            self._add(truth, self._own(day))

    def _correct(self, truth: Truth, key: Key) -> None:
        """State other terms or another state, mostly under a higher number where there are numbers."""
        world, (trade, about_state) = self.world, truth[key]
        kind = world.below(4)
        if kind == 0:
            trade = trade._replace(price=trade.price + 1 + world.below(9))
        elif kind == 1:
            trade = trade._replace(trader_id=world.choice(TRADERS))
        elif kind == 2:
            trade = trade._replace(area=world.choice(AREAS), text=world.choice((None, "a remark", "another")))
        else:
            trade, about_state = trade._replace(state=world.choice(STATES)), True
        number = trade.venue_revision
        if number is not None and world.likely(0.8):
            trade = trade._replace(venue_revision=number + 1 if world.likely(0.9) else max(number - 1, 0))
        if trade.state is not State.ACTIVE:
            about_state = True
        said = self._said(Statement(trade, about_state))
        other = truth.get(turned(key))
        truth[key] = said
        if other is not None and self.sheet.pairs:
            alike = said.trade._replace(
                direction=turned(key).direction, trader_id=other.trade.trader_id, area=other.trade.area
            )
            truth[turned(key)] = Statement(alike, said.about_state)

    def _turn(self, truth: Truth, key: Key, *, stays: bool) -> None:
        """State the other direction, instead of this one or beside it."""
        if turned(key) in truth or not key.id.startswith(self.feed.name[:1]):
            return
        trade, about_state = truth[key] if stays else truth.pop(key)
        direction = Direction.SELL if trade.direction is Direction.BUY else Direction.BUY
        self._add(truth, Statement(trade._replace(direction=direction), about_state))
