"""The world of one history: one seed, one clock, one book, and what was noticed of it on the way."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from random import Random
from typing import Final, Protocol, TypeVar

from chalicelib.feeds.receipt import BOOKED_STATES, FileState, Receipt
from chalicelib.feeds.store import Lease
from chalicelib.notices.model import Notice
from chalicelib.positions.model import NO_CHANGE, PARTS, Change, Position, PositionKey, joined
from chalicelib.trades.revision import Revision
from tests.fakes.access import FakeDirectory, FakePasswords
from tests.fakes.feeds import FakeFileStore, FakeReceipts
from tests.fakes.notices import FakeOutbox
from tests.fakes.prices import FakePrices
from tests.fakes.trades import FakeBook

TRIED: Final = (
    "posts booked",
    "statements answered",
    "arrays answered",
    "sides that must stand",
    "trades doubled",
    "trades that must stand",
    "second sides",
    "files held",
    "trades lost",
    "trades taken out",
    "trades put back",
    "trades in no file",
    "rows shown to readers",
    "foreign rows seen",
)
"""What is counted beside days, calls and faults."""
Heard = tuple[str, str]
"""Subject and body of what the desk was told."""
T = TypeVar("T")


class Broken(AssertionError):
    """A promise was broken; the message says which."""


def must(holds: object, what: str, *parts: object) -> None:
    """Raise where a promise does not hold, with the parts put into the words only then."""
    if not holds:
        raise Broken(what.format(*parts) if parts else what)


class Teller(Protocol):
    """A run, as far as the world looks at it."""

    told: Heard | None
    claimed: Heard | None


class WatchedBook(FakeBook):
    """The book of the contract suite, telling what was touched since somebody looked; positions are kept in parts."""

    def __init__(self, part: Callable[[], int]) -> None:
        super().__init__()
        self.touched: set[str] = set()
        self.moved: list[PositionKey] = []
        self.parts: dict[date, dict[str, Change]] = {}
        """By delivery day and by the text of their keys, as tables keep them."""
        self._part = part

    def _move(self, revision: Revision, sign: int) -> PositionKey:
        key = super()._move(revision, sign)
        self.moved.append(key)
        self.touched.add(revision.side_id)
        parts, text = self.parts.setdefault(key.delivery_day, {}), key.part_text(self._part())
        parts[text] = parts.get(text, NO_CHANGE) + (revision.change if sign > 0 else -revision.change)
        return key

    def positions(self, delivery_day: date, trader_id: str | None) -> Sequence[Position]:
        found = self.joined(delivery_day)
        return [position for position in found if trader_id in {None, position.key.trader_id}]

    def joined(self, day: date) -> Sequence[Position]:
        """Return the positions of a day, each as the sum of its parts."""
        parts = self.parts.get(day, {}).items()
        return joined(Position(PositionKey.of_text(day, text), change) for text, change in parts)


class WatchedReceipts(FakeReceipts):
    """The receipts of the contract suite, telling of which days any was saved since somebody looked."""

    def __init__(self, outbox: FakeOutbox) -> None:
        super().__init__(outbox)
        self.saved: dict[date, None] = {}
        """In the order in which they were saved."""
        self.missed: set[tuple[date, int]] = set()
        """Versions that ever were without a booked trade."""
        self.judged: Callable[[Receipt], None] = lambda _: None
        """Called with a version that is held or about to be booked, before that is written."""
        self.began: Callable[[date], None] = lambda _: None
        """Called as a version of a day begins to be booked."""

    def save(
        self, lease: Lease, receipt: Receipt, until: datetime, notices: Sequence[Notice] = (), by: str | None = None
    ) -> None:
        known = self.days[lease.file_day].receipts.get(receipt.version)
        opened = receipt.state is FileState.IMPORTING and not receipt.progress and self.holds(lease)
        if (
            by is None
            and (opened or receipt.state is FileState.HELD)
            and (known is None or known.state not in {*BOOKED_STATES, receipt.state})
        ):
            self.judged(receipt)
        if opened:
            self.began(receipt.file_day)
        super().save(lease, receipt, until, notices, by)
        self.saved[lease.file_day] = None
        if receipt.withdrawn:
            self.missed.add((lease.file_day, receipt.version))


class World:
    """Everything that lasts longer than a run."""

    def __init__(self, seed: int, *, faults: float = 1.0) -> None:
        self.seed = seed
        self._dice = Random(seed)
        self._parts = Random(f"parts {seed}")
        """For which part of a position a write chooses, so that the histories of seeds stay as they are."""
        self.random = self._dice.random
        self.now: datetime
        self.outbox = FakeOutbox()
        self.receipts = WatchedReceipts(self.outbox)
        self.book = WatchedBook(self._part)
        self.book.sees(self.receipts)
        self.begun: dict[date, dict[str, int]] = {}
        """How many words each side had when the import of a day's file began, last."""
        self.receipts.began = self._begin
        self.store, self.prices = FakeFileStore(lambda: self.now), FakePrices()
        self.directory, self.passwords = FakeDirectory(), FakePasswords()
        self.topic_down = False
        self.trouble = self.usual_trouble = 0.012 * faults
        """How likely a call meets a fault."""
        self.switching = 0.0
        """How likely a call lets another run go on first; counted from 0, behind `trouble`."""
        self.calls = 0
        self.faults: Counter[str] = Counter()
        self.tried: Counter[str] = Counter(dict.fromkeys(TRIED, 0))
        self.heard: Counter[Heard] = Counter()
        self.doubts: Counter[Heard] = Counter()
        self.tellers: list[Teller] = []
        self.at_once = 1
        """How many runs began together; some may have ended by now."""
        self.were_held: set[tuple[date, int]] = set()
        """Versions that were seen to be held."""

    def _part(self) -> int:
        """Choose a part: half of the writes meet another on their position."""
        return int(self._parts.random() * PARTS) if self._parts.random() < 0.5 else 0

    def _begin(self, day: date) -> None:
        self.begun[day] = {side: len(words) for side, words in self.book.words.items()}

    def shown(self, trader_id: str | None, owners: Sequence[str]) -> None:
        """Count rows that somebody was shown who may see those of this trader, or all."""
        self.tried["rows shown to readers"] += len(owners)
        self.tried["foreign rows seen"] += sum(trader_id not in {None, owner} for owner in owners)

    def below(self, most: int) -> int:
        """A whole number from 0, less than `most`; quicker than randrange."""
        return int(self.random() * most)

    def choice(self, some: Sequence[T]) -> T:
        """One of them."""
        return some[int(self.random() * len(some))]

    def likely(self, chance: float) -> bool:
        """Tell whether it happens this time."""
        return self.random() < chance

    def hear(self, said: Heard) -> None:
        """Note that the desk was told; the same again only where a fault left nobody knowing."""
        again = self.heard[said] > 0
        self.heard[said] += 1
        if again and self.doubts[said] == 0:
            raise Broken(f"the desk was told twice: {said[0]}")
        self.doubts[said] -= again

    def take_over(self, said: Heard, by: Teller) -> None:
        """Note that a claim which ran out is another's now, while the one who had it still lives and may speak."""
        if any(one is not by and said in {one.claimed, one.told} for one in self.tellers):
            self.doubts[said] += 1

    def put(self, key: str, content: bytes) -> None:
        """Store a version of an object."""
        self.store.put(key, io.BytesIO(content))

    def pass_time(self, **time: float) -> None:
        """Let time go by."""
        self.now += timedelta(**time)
