"""Files of prices on their way: a world of its own beside that of trades, which shares nothing with it but the quotes.

With its own dice and clock, it changes no history of trades.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import partial
from random import Random
from typing import TYPE_CHECKING, Any, Final

from chalicelib.feeds.feed import DAILY, REFERENCE_PRICES, Feed, FeedKind, feeds_of
from chalicelib.feeds.key_pattern import KeyPattern
from chalicelib.feeds.store import StoredFile
from chalicelib.imports.feed_files import FeedFile
from chalicelib.imports.polling import poll
from chalicelib.imports.price_import import PriceStores, arrived_prices, poll_prices
from chalicelib.imports.store import Outcome, PriceFileRead
from chalicelib.notices.model import Notice
from chalicelib.prices.quote import Quotes
from chalicelib.prices.slots import Series
from tests.fakes.feeds import FakeFileStore
from tests.fakes.prices import FakePriceFiles
from tests.simulation.ended import BROKEN_OFF, no_error
from tests.simulation.faults import Fault, Port, port_of
from tests.simulation.plan import Plan
from tests.simulation.price_sheets import FORMATS, Page, by_start, charted, desk_page, mapped, mappings
from tests.simulation.runs import Task, import_context_of
from tests.simulation.world import World

if TYPE_CHECKING:
    from tests.simulation.faults import Run

NAME: Final = "market"
TRIES: Final = 3
LONGEST: Final = 7
"""Days of a history that polls go back."""
BAD: Final = ("spoilt", "cut", "garbage")


@dataclass(frozen=True, slots=True)
class PriceFile:
    """A version of a file as it was meant; a `fault` makes all of it useless."""

    file: FeedFile
    page: Page
    fault: str
    stored_at: datetime


class Bucket(FakeFileStore):
    """A bucket that counts in whole seconds and never goes back; `fetched` are the versions that were read."""

    def __init__(self, market: Market) -> None:
        super().__init__(self._time)
        self._market, self._last = market, market.now
        self.fetched: set[tuple[str, int]] = set()

    def _time(self) -> datetime:
        self._last = max(self._last, self._market.now).replace(microsecond=0)
        return self._last

    @contextmanager
    def fetch(self, key: str, version: str | None) -> Iterator[StoredFile]:
        with super().fetch(key, version) as stored:
            number = int(stored.version)
            self.fetched.add((key, number))
            at = self.put_at[key, number]
            yield StoredFile(key, stored.version, stored.sha256, stored.size, stored.content, at)


class WatchedPriceFiles(FakePriceFiles):
    """The record of the contract suite, telling what ended."""

    def __init__(self, market: World) -> None:
        super().__init__(market.outbox)
        self.ended: list[tuple[str, int, Outcome, Notice | None]] = []
        """Key and version, what became of it, and its notice."""

    def end(self, reading: PriceFileRead, object_version: str, outcome: Outcome, notice: Notice | None = None) -> bool:
        ended = super().end(reading, object_version, outcome, notice)
        if ended:
            self.ended.append((reading.key, int(object_version), outcome, notice))
        return ended


class OneByOne(Port):
    """Quotes as a run writes them: each series alone, and anything may happen between two."""

    def record(self, quotes: Mapping[Series, Quotes], user: str | None = None) -> int:
        changed = (self.run.step(self.real.record, {series: of_day}, user) for series, of_day in quotes.items())
        return sum(changed)


FaultyPriceFiles: Final = port_of(FakePriceFiles)


class Market(World):
    """The world of prices, without any file of trades; reports on trades read its quotes."""

    def __init__(self, world: World) -> None:
        super().__init__(world.seed)
        self._dice = Random(f"price feeds {world.seed}")
        self.random = self._dice.random
        self.trouble = self.usual_trouble = world.usual_trouble
        self.now = world.now
        self.prices, self.faults, self.tried = world.prices, world.faults, world.tried
        self.feeds = draw_feeds(self)
        self.store: Bucket = Bucket(self)
        self.files = WatchedPriceFiles(self)
        self.put_files: dict[str, list[PriceFile]] = {}
        """All versions by key."""

    @property
    def price_feeds(self) -> Sequence[Feed]:
        return self.feeds[1:]


def draw_feeds(market: World) -> list[Feed]:
    """Return the built-in feeds, the daily file without a deadline, and another feed of prices in some worlds."""
    built_in = [replace(DAILY, deadline=None, look_back=2), REFERENCE_PRICES]
    if market.likely(0.6):
        return built_in
    pattern = f"{NAME}/{{YYYYMMDD}}_*.txt" if market.likely(0.3) else f"{NAME}/prices_{{YYYYMMDD}}.txt"
    other = Feed(
        NAME,
        KeyPattern(pattern),
        FeedKind.PRICES,
        format=market.choice(FORMATS),
        deadline=None,
        deadline_days=-1,
        look_back=market.choice((2, LONGEST)),
    )
    return [*built_in, other]


@dataclass(slots=True)
class Prices:
    """Senders of prices and who reads their files."""

    market: Market
    plan: Plan = field(init=False)
    _number: int = 0

    def __post_init__(self) -> None:
        self.plan = Plan(self.market)

    def draw(self, known: Collection[date], morning: date) -> None:
        """Plan the files of one day: those of tomorrow and others again, and polls."""
        market, plan = self.market, self.plan
        for feed in market.price_feeds:
            if market.likely(0.4):
                plan.at(morning, market.below(1380), partial(self._put, feed, morning))
            if market.likely(0.3):
                plan.at(morning, market.below(1380), partial(self._put, feed, market.choice([*known])))
        if market.likely(0.3):
            plan.at(morning, 30 * market.below(46), self._look)

    def carry_out(self, end: datetime, *, down: bool) -> None:
        """Carry out what is planned until then, while nothing of trades is under way."""
        self.market.topic_down = down
        self.plan.carry_out(end, lambda: None)

    def quieten(self) -> None:
        """Let everything come to its end without faults."""
        market = self.market
        market.trouble = 0.0
        self.carry_out(datetime.max.replace(tzinfo=market.now.tzinfo), down=False)
        market.pass_time(minutes=30)
        self.plan.after(0, self._look)
        self.carry_out(market.now, down=False)

    def _put(self, feed: Feed, day: date) -> None:
        """Put a version of a file, which some event tells of."""
        market, plan = self.market, self.plan
        self._number += 1
        key = feed.key(day)
        if feed.pattern.is_open:
            key = feed.pattern.text.replace("*", f"{self._number:06}").replace("{YYYYMMDD}", f"{day:%Y%m%d}")
        before = market.put_files.setdefault(key, [])
        written = self._write(feed, day, before[-1].fault if before else "")
        market.put(key, _content(*written))
        before.append(PriceFile(FeedFile(feed, day, key), *written, market.store.put_at[key, len(before) + 1]))
        polled = feed.look_back >= LONGEST
        name, delay = plan.name("price event"), market.below(180)
        if market.likely(0.1) and polled:
            market.faults[Fault.LOST_EVENT] += 1
            return
        if market.likely(0.15):
            market.faults[Fault.LATE_EVENT] += 1
            delay += 60 * market.below(600)
        plan.after(delay, lambda: self._arrive(key, name, polled=polled))
        if market.likely(0.1):
            market.faults[Fault.DUPLICATE] += 1
            plan.after(delay + market.below(3), lambda: self._arrive(key, name, polled=polled))

    def _write(self, feed: Feed, day: date, fault_before: str) -> tuple[Page, str]:
        """Write prices of the day, or of another by mistake; two useless versions that follow are so in two ways."""
        market = self.market
        of_day = day + timedelta(days=1) if market.likely(0.05) else day
        page = self._page(feed, of_day)
        fault = market.choice([one for one in BAD if one != fault_before]) if market.likely(0.2) else ""
        return page, fault or ("without prices" if page.refused else "")

    def _page(self, feed: Feed, day: date) -> Page:
        market = self.market
        if feed.name == REFERENCE_PRICES.name:
            return desk_page(day, market)
        form = market.choice(FORMATS[1:3]) if feed.format == "auto" else feed.format
        if form == "energy-charts":
            return charted(day, market)
        if form == "reference_prices":
            return by_start(day, market, market.choice(("desk", "da", "ida1")), market.choice(("DE-LU", "AT")))
        return mapped(day, market)

    def _arrive(self, key: str, name: str, *, polled: bool, tries: int = TRIES) -> Task:
        market = self.market

        def ended(outcome: object) -> None:
            if isinstance(outcome, BROKEN_OFF):
                if tries or not polled:
                    delay = 60 + market.below(120)
                    self.plan.after(delay, lambda: self._arrive(key, name, polled=polled, tries=tries - 1))
            else:
                no_error(outcome)

        def act(run: Run) -> object:
            [(feed, day)] = feeds_of(key, market.feeds)
            return arrived_prices(FeedFile(feed, day, key), import_context_of(run), self._stores(run))

        return Task(self.plan.name(name), act, ended)

    def _look(self) -> Task:
        def ended(outcome: object) -> None:
            if not isinstance(outcome, BROKEN_OFF):
                no_error(outcome)

        def act(run: Run) -> object:
            context = import_context_of(run)
            try:
                return poll_prices(context, self._stores(run))
            finally:
                poll(context)  # it sends what is left to be told of the desk's own prices

        return Task(self.plan.name("price look"), act, ended)

    def _stores(self, run: Run) -> PriceStores:
        market = self.market
        prices: Any = OneByOne(market.prices, run)
        files: Any = FaultyPriceFiles(market.files, run)
        return PriceStores(prices, files, market.feeds, mappings)


def _content(page: Page, fault: str) -> bytes:
    texts = {"spoilt": page.spoilt, "cut": page.text[:-1], "garbage": "hello\nworld\n"}
    return texts.get(fault, page.text).encode()
