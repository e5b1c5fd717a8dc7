"""The world of one history: one seed, one clock, one book, and what was noticed of it on the way."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Final, Protocol, TypeVar

from chalicelib.feeds.feed import BUILT_IN, Feed, FeedKind
from chalicelib.feeds.file_day import FileDay
from chalicelib.imports.context import daily_reader
from chalicelib.imports.file_reader import FileReader
from chalicelib.positions.model import PARTS
from tests.fakes.access import FakeDirectory, FakePasswords
from tests.fakes.feeds import FakeFileStore
from tests.fakes.notices import FakeOutbox
from tests.fakes.prices import FakePrices
from tests.simulation.berlin import at, eight
from tests.simulation.feeds import expects, late_from, yesterday_of
from tests.simulation.watched import WatchedBook, WatchedReceipts

TRIED: Final = (
    "posts booked",
    "statements answered",
    "arrays answered",
    "sides that must stand",
    "trades doubled",
    "trades that must stand",
    "second sides",
    "files held",
    "files accepted as shown",
    "files of other feeds",
    "files of prices",
    "trades lost",
    "trades taken out",
    "trades put back",
    "trades in no file",
    "rows shown to readers",
    "foreign rows seen",
)
"""What is counted beside days, calls and faults."""
CLOCK_MOVES: Final = timedelta(minutes=7)
"""More than a clock is ever set."""
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
        self.feeds: Sequence[Feed] = BUILT_IN
        self.reader_of: Callable[[Feed], FileReader] = daily_reader
        self.keys: dict[FileDay, str] = {}
        """Of the newest versions of files that have one each."""
        self.begun: dict[FileDay, dict[str, int]] = {}
        """How many words each side had when the import of a file began, last."""
        self.steps = 0
        """How often everything was compared."""
        self.begun_in: dict[FileDay, int] = {}
        """In which step the import of a file began, last."""
        self.receipts.watch.began = self._begin
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
        self.were_held: set[tuple[FileDay, int]] = set()
        """Versions that were seen to be held."""

    def _part(self) -> int:
        """Choose a part: half of the writes meet another on their position."""
        return int(self._parts.random() * PARTS) if self._parts.random() < 0.5 else 0

    def take_feeds(self, feeds: Sequence[Feed], reader_of: Callable[[Feed], FileReader]) -> None:
        """Have these feeds, the daily file among them."""
        self.feeds, self.reader_of = feeds, reader_of
        for feed in feeds:
            self.receipts.of(feed)

    @property
    def other_feeds(self) -> Sequence[Feed]:
        """The feeds of trades beside the daily file."""
        return [feed for feed in self.feeds if feed.kind is FeedKind.TRADES and feed.name != "daily"]

    def feed_of(self, name: str) -> Feed:
        return next(feed for feed in self.feeds if feed.name == name)

    def key(self, file: FileDay) -> str:
        """Return the key of a file's newest version in the bucket."""
        return self.keys.get(file) or self.feed_of(file.feed).key(file.day)

    def new_key(self, file: FileDay) -> str:
        """Return the key of a file's next version: another one if several may be of one day."""
        pattern = self.feed_of(file.feed).pattern
        if pattern.is_open:
            if file in self.keys:  # the bucket's clock is never set back
                self.now = max(self.now, max(self.store.put_at.values()) + timedelta(seconds=1))
            number, day = f"{self.calls:09}", f"{file.day:%Y%m%d}"
            self.keys[file] = pattern.text.replace("*", number).replace("{YYYYMMDD}", day)
        return self.key(file)

    def late_from(self, file: FileDay) -> datetime | None:
        """Return when a file is late, None if never."""
        return late_from(file, self.feed_of(file.feed))

    def expects(self, file: FileDay) -> bool:
        """Check whether a file is to come."""
        return expects(file, self.feed_of(file.feed))

    def due(self, now: datetime) -> list[FileDay]:
        """Return the files that may be late since today."""
        yesterday = (now + timedelta(hours=2)).date() - timedelta(days=1)
        morning = yesterday + timedelta(days=1)
        daily = [FileDay(yesterday)] if eight(morning) <= now < at(morning, 1320) else []
        return [*daily, *(file for feed in self.other_feeds for file in self._due(feed, now))]

    def _due(self, feed: Feed, now: datetime) -> Iterator[FileDay]:
        file = feed.file(yesterday_of(feed, now))
        late = late_from(file, feed)
        there = [day for day, held in self.receipts.of(feed).days.items() if held.newest is not None]
        begun = feed.since is not None or file.day >= min(there, default=file.day)
        # The clock may go back and forth before a poll comes to this feed, also over midnight.
        same_day = yesterday_of(feed, now + 2 * CLOCK_MOVES) == file.day
        if late is not None and late + CLOCK_MOVES <= now and same_day and expects(file, feed) and begun:
            yield file

    def _begin(self, file: FileDay) -> None:
        self.begun_in[file] = self.steps
        self.begun[file] = {side: len(words) for side, words in self.book.words.items()}

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
