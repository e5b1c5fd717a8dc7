"""What clients state of trades at other venues: both sides, any period, corrections and recalls out of order."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from chalicelib.common.delivery import Period
from chalicelib.positions.model import Direction
from chalicelib.trades.model import State, Trade, TradeKey
from chalicelib.trades.revision import Posted, Revision
from tests.simulation.berlin import at
from tests.simulation.exchange import TRADERS
from tests.simulation.world import World, must

VENUES: Final = ("nordpool", "otc")
AREAS: Final = (None, "10YDE-EON------1")
STRATEGIES: Final = (None, "spread")
MINUTES: Final = (15, 15, 30, 60, 240)
LAST_QUARTER: Final = 76
"""From there on, the longest block would end after the shortest day."""
NOT_COUNTED: Final = (State.RECALLED, State.CANCELLED)
STATES: Final = (State.ACTIVE, State.ACTIVE, State.ACTIVE, State.RECALL_REQUESTED, *NOT_COUNTED)


class Venues:
    """Knows every statement of every side, by the venue's revision: each says the same whenever it is sent."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.stated: dict[TradeKey, list[Trade]] = {}
        self.booked: set[TradeKey] = set()
        """The sides that a client was told are new."""
        self.answered: dict[TradeKey, int] = {}
        """The newest revision of each side that a client was told is in the book."""

    def state(self, day: date, trade_id: str) -> Trade:
        """Return the next statement of a side, or one that was sent before, in this or another order."""
        world = self.world
        if self.stated and world.likely(0.6):
            key = world.choice(list(self.stated))
            if world.likely(0.3):
                key = key._replace(direction=world.choice(list(Direction)))
        else:
            key = TradeKey(world.choice(VENUES), trade_id, world.choice(list(Direction)))
        known = self.stated.get(key)
        if known is None:
            known = self.stated[key] = [self._first(day, key)]
        while len(known) < 4 and world.likely(0.5):
            known.append(self._later(known[-1]))
        return world.choice(known)

    def _first(self, day: date, key: TradeKey) -> Trade:
        world = self.world
        start = at(day + timedelta(days=world.below(2)), 15 * world.below(LAST_QUARTER))
        return Trade(
            key.id,
            world.below(20_000) - 4_000,
            100 * (1 + world.below(30)),
            key.direction,
            Period(start, world.choice(MINUTES)),
            world.choice(TRADERS),
            f"{day}T10:00:00Z",
            key.venue,
            world.choice(AREAS),
            world.choice(STRATEGIES),
            venue_revision=1,
        )

    def _later(self, before: Trade) -> Trade:
        world = self.world
        return Trade(
            before.id,
            world.below(20_000) - 4_000,
            100 * (1 + world.below(30)),
            before.direction,
            before.period,
            before.trader_id,
            before.execution_time,
            before.venue,
            before.area,
            before.strategy,
            world.choice(STATES),
            (before.venue_revision or 0) + 1,
        )

    def answered_by(self, trade: Trade, *, new: bool) -> None:
        """Note that a client was told that this is in the book, and whether it was new."""
        self.world.tried["trades doubled"] += new and trade.key in self.booked
        must(not new or trade.key not in self.booked, "{} was booked twice", trade.key)
        self.booked |= {trade.key} if new else set()
        self.answered[trade.key] = max(self.answered.get(trade.key, 0), trade.venue_revision or 0)

    def check_words(self, name: str, words: list[Revision], *, by_hand: bool) -> None:
        """Every word on a side was stated, and later ones of the venue replace earlier ones only."""
        newest = 0
        for number, word in enumerate(words, 1):
            must(word.number == number, "word {} on {} bears the number {}", number, name, word.number)
            must(isinstance(word.source, Posted), "a file states {} of another venue", name)
            must(word.trade in self.stated.get(word.trade.key, ()), "nobody stated {}", word.trade)
            must(word.trade.key == words[0].trade.key, "{} turned its direction", name)
            revision = word.trade.venue_revision or 0
            moved_by_hand = word.withdrawn or (number > 1 and words[number - 2].withdrawn)
            must(not moved_by_hand or by_hand, "nobody took out {}", name)
            must(revision > newest or (moved_by_hand and revision == newest), "{} went back to {}", name, revision)
            newest = revision

    def check_answered(self) -> None:
        """What a client was told is in the book stands there, once, or a later statement of the venue does."""
        found: dict[TradeKey, int] = {}
        for words in self.world.book.words.values():
            last = words[-1].trade
            if last.venue in VENUES:
                must(last.key not in found, "{} stands twice", last.key)
                found[last.key] = last.venue_revision or 0
        for key, revision in self.answered.items():
            must(found.get(key, 0) >= revision, "lost: revision {} of {}", revision, key)
        self.world.tried["sides that must stand"] += len(self.answered)
