"""One history: some days in the life of a desk, drawn from a seed, with every promise checked after every step."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final

from chalicelib.common.errors import Unavailable
from chalicelib.feeds.file_day import FileDay
from chalicelib.feeds.receipt import FileState
from chalicelib.positions.model import VENUE
from chalicelib.prices.quote import Quote
from chalicelib.trades.revision import FromFile
from tests.fakes.prices import hourly_quotes
from tests.simulation.accounting import check_imported, check_receipts
from tests.simulation.berlin import at, eight, last_sunday
from tests.simulation.blotters import Blotters
from tests.simulation.clients import Clients
from tests.simulation.couriers import Couriers, Sender
from tests.simulation.desk import Desk
from tests.simulation.ended import no_error
from tests.simulation.exchange import Exchange
from tests.simulation.faults import Fault, Killed
from tests.simulation.feeds import draw_feeds, yesterday_of
from tests.simulation.holding import check_judged
from tests.simulation.market import Market, Prices
from tests.simulation.model import Said, check_quiet
from tests.simulation.notices import check_notices
from tests.simulation.plan import Plan
from tests.simulation.price_sheets import starts_of
from tests.simulation.quotes import check_prices
from tests.simulation.reads import add_logins, read
from tests.simulation.receipts import all_days, newest
from tests.simulation.runs import Task, alone
from tests.simulation.sheets import reader_of_feed, sheet_of
from tests.simulation.statements import Statements
from tests.simulation.sums import Sums
from tests.simulation.venues import Venues
from tests.simulation.words import check_words

if TYPE_CHECKING:
    from chalicelib.feeds.feed import Feed
    from chalicelib.feeds.receipt import Receipt
    from tests.simulation.faults import Run
    from tests.simulation.world import World

DAYS: Final = 6
"""File days of a history; fewer than the seven that a look goes back."""
OLD: Final = 9
"""How many days before the first a file may be about that no look would look for by itself."""


class History:
    """The plan of a world's days and those who carry it out."""

    def __init__(self, world: World) -> None:
        self.world, self.exchange, self.venues = world, Exchange(world), Venues(world)
        self.said = Said(Statements(world))
        world.receipts.watch.judged, world.receipts.watch.ended = self._judged, self._ended
        self.first = _first_day(world)
        self.days = [self.first + timedelta(days=n) for n in range(DAYS)]
        self._read_about = [*self.days, *(self.days[-1] + timedelta(days=n) for n in (1, 2))]
        self.old = FileDay(self.first - timedelta(days=OLD))
        self.plan = Plan(world)
        world.take_feeds(draw_feeds(world.seed, self.first), reader_of_feed)
        sheets = {feed.name: sheet_of(feed, world.seed) for feed in world.other_feeds}
        self.blotters = {
            feed.name: Blotters(world, feed, sheets[feed.name], self.exchange, self.venues)
            for feed in world.other_feeds
        }
        senders: dict[str, Sender] = {"daily": self.exchange, **self.blotters}
        self.couriers = Couriers(world, self.plan, self.said, senders, self.old)
        self.desk = Desk(world, self.plan, self.said, self.couriers.put)
        self.clients = Clients(world, self.plan, self.said, self.exchange, self.venues)
        self.clients.blotters = list(self.blotters.values())
        world.now = at(self.first, 600)
        self.prices = Prices(Market(world))
        self.plan.before = lambda when: self.prices.carry_out(when, down=world.topic_down)
        self.by_hand: list[tuple[datetime, datetime, int]] = []
        """Prices that a user stated: of the hour from when, at what time, and how many eurocent."""
        add_logins(world)
        self._sums = Sums()

    def live(self) -> None:
        """Live through all days, then let everything come to its end and look at the whole."""
        for day in self.days:
            self._draw(day)
            self.plan.carry_out(at(day + timedelta(days=2), 0), self._check_step)
        self._quieten()

    def _draw(self, day: date) -> None:
        """Plan the night and the day after one file day."""
        morning = day + timedelta(days=1)
        if day.month in {3, 10} and morning == last_sunday(day.year, day.month):
            self.world.faults[Fault.DST_NIGHT] += 1
        self._draw_files(day, morning)
        for feed in self.world.other_feeds:
            self._draw_feed(feed, day, morning)
        self._draw_people(day, morning)
        self.prices.draw(self.days[: 1 + (day - self.first).days], morning)
        if self.world.likely(0.06) and self.world.trouble:
            self.plan.at(morning, self.world.below(600), lambda: self._sns(down=True))
            self.plan.at(morning, 700 + self.world.below(600), lambda: self._sns(down=False))

    def _draw_files(self, day: date, morning: date) -> None:
        world, put = self.world, self.couriers.put
        known = [FileDay(one) for one in self.days[: 1 + (day - self.first).days]]
        if world.likely(0.95):
            when = 54 + world.below(28) if world.likely(0.8) else world.below(1380)
            self.plan.at(morning, when, lambda: put(FileDay(day)))
        if world.likely(0.4):
            self.plan.at(morning, 60 + world.below(1320), lambda: put(world.choice(known)))
        if world.likely(0.04):
            self.plan.at(morning, 200 + world.below(1100), lambda: put(self.old))
        self.plan.at(morning, 30 * world.below(16), self.desk.look)
        if world.likely(0.7):
            self.plan.at_time(eight(morning), self.desk.look)
        if world.likely(0.7 if self.exchange.crossing else 0.2):
            self.plan.at(morning, 200 + world.below(1100), lambda: self.desk.confirm(world.choice(known)))

    def _draw_feed(self, feed: Feed, day: date, morning: date) -> None:
        """Plan the files of another feed: at any time, also on days without one, and again and again."""
        world, put = self.world, self.couriers.put
        file, known = feed.file(day), [feed.file(one) for one in self.days[: 1 + (day - self.first).days]]
        if world.likely(0.9 if world.expects(file) else 0.15):
            self.plan.at(morning, world.below(1380), lambda: put(file))
        if world.likely(0.5):
            self.plan.at(morning, 60 + world.below(1320), lambda: put(world.choice(known)))
        late = world.late_from(file)
        if late is not None and world.likely(0.6):
            self.plan.at_time(late, self.desk.look)
        if world.likely(0.4):
            self.plan.at(morning, 200 + world.below(1100), lambda: self.desk.confirm(world.choice(known)))

    def _draw_people(self, day: date, morning: date) -> None:
        world, plan = self.world, self.plan
        for _ in range(world.below(3)):
            plan.at(morning, world.below(1380), lambda: self.clients.post(day))
        for _ in range(world.below(3)):
            plan.at(morning, world.below(1380), lambda: self.clients.state(day))
        for _ in range(world.below(3)):
            plan.at(morning, world.below(1380), self._read)
        if world.likely(0.1):
            plan.at(morning, world.below(1380), lambda: self._price(day))
        if world.likely(0.3):
            plan.at(morning, world.below(1380), self.desk.take_out)

    def _quieten(self) -> None:
        world = self.world
        world.trouble, world.topic_down = 0.0, False
        self.prices.quieten()
        last = [eight(self.days[-1] + timedelta(days=1))]
        last += [late for feed in world.other_feeds if (late := world.late_from(feed.file(self.days[-1])))]
        world.now = max(world.now, *last) + timedelta(minutes=10)
        self.plan.carry_out(datetime.max.replace(tzinfo=world.now.tzinfo), self._check_step)
        for _ in range(3):
            world.pass_time(minutes=30)
            alone(world, self.desk.look())
        self._check_step()
        check_quiet(self.said, world)
        self.venues.check_answered()
        check_notices(self.said, world, self._followed())
        check_prices(self.prices.market, self.by_hand)
        alone(world, self._read())

    def _followed(self) -> set[FileDay]:
        """The files that a look must tell of: yesterday's, and those with a trace of the feed in the week before."""
        traces = [day for day in all_days("daily", self.world) if newest(FileDay(day), self.world) is not None]
        week = timedelta(days=7)
        followed = (day for day in self.days if any(day - week <= trace <= day for trace in traces))
        of_feeds = (file for feed in self.world.other_feeds for file in self._followed_of(feed))
        return {FileDay(self.days[-1]), *map(FileDay, followed), *of_feeds}

    def _followed_of(self, feed: Feed) -> Iterator[FileDay]:
        traces = [file.day for file in self.said.files if file.feed == feed.name]
        polled = yesterday_of(feed, self.world.now) + timedelta(days=1 - feed.look_back)
        for file in map(feed.file, self.days):
            traced = file.day == self.days[-1] or any(trace <= file.day for trace in traces)
            followed = file.day >= polled and self.world.expects(file) and (feed.since is not None or traced)
            if followed and self.world.late_from(file) is not None:
                yield file

    # --- what happens beside files and clients ---

    def _read(self) -> Task:
        def ended(outcome: object) -> None:
            if not isinstance(outcome, (Killed, Unavailable)):
                no_error(outcome)

        return Task("read", self._read_quietly, ended)

    def _read_quietly(self, run: Run) -> None:
        """A reader meets no fault here: what they see is compared with what is there now."""
        world = self.world
        before, world.trouble = world.trouble, 0.0
        try:
            read(run, self._read_about, self.said)
        finally:
            world.trouble = before

    def _price(self, day: date) -> None:
        world = self.world
        stated_at = int(world.now.timestamp() * 1_000_000)
        quotes = {hour: Quote(world.below(200) - 50, stated_at, "prices") for hour in (0, 3, 13)}
        world.prices.record(hourly_quotes({day: quotes}))
        self.by_hand += [(starts_of(day, hour)[0], world.now, quote.price) for hour, quote in quotes.items()]

    def _sns(self, *, down: bool) -> None:
        self.world.topic_down = down

    # --- what must hold ---

    def _check_step(self) -> None:
        world = self.world
        book, watch = world.book, world.receipts.watch
        if book.touched:
            for one in book.touched:
                words = book.words[one]
                check_words(words, self.said, world)
                in_files = any(isinstance(word.source, FromFile) for word in words)
                if words[0].trade.venue != VENUE and not in_files and not world.other_feeds:
                    self.venues.check_words(one, words, by_hand=one in self.said.by_hand)
            self._sums.check(self._sums.follow(book.touched, book.words), book.moved, book.held)
            book.touched, book.moved = set(), []
        if watch.saved:
            saved, watch.saved = watch.saved, {}
            self._check_saved(saved)
        world.steps += 1

    def _judged(self, receipt: Receipt) -> None:
        if self.world.at_once == 1:  # beside others, the book may have changed since it was looked at
            check_judged(receipt, self.said, self.world)

    def _ended(self, receipt: Receipt) -> None:
        world = self.world
        world.tried["files of other feeds"] += receipt.feed != "daily"
        if world.at_once == 1 and world.begun_in.get(receipt.file) == world.steps:
            check_imported(receipt, self.said, world)

    def _check_saved(self, saved: Iterable[FileDay]) -> None:
        world = self.world
        for file in saved:
            receipt = newest(file, world)
            assert receipt is not None
            if receipt.state is FileState.HELD:
                world.were_held.add((file, receipt.version))
            if receipt.state is not FileState.IMPORTING:
                check_receipts(file, self.said, world)


def _first_day(world: World) -> date:
    """Any day; one in three near a night on which the clocks change, or where the year ends."""
    year = 2020 + world.below(12)
    chance = world.random()
    if chance < 0.15:
        return last_sunday(year, 3) - timedelta(days=1 + world.below(DAYS))
    if chance < 0.3:
        return last_sunday(year, 10) - timedelta(days=1 + world.below(DAYS))
    if chance < 0.35:
        return date(year, 12, 31) - timedelta(days=world.below(DAYS))
    return date(year, 1, 1) + timedelta(days=world.below(365))
