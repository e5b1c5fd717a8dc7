"""One history: some days in the life of a desk, drawn from a seed, with every promise checked after every step."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, timedelta
from heapq import heappop, heappush
from itertools import count
from typing import Any, Final

from chalicelib.access.identity import Identity, Role
from chalicelib.common.errors import (
    ConflictingTrade,
    ImportUnderWay,
    InvalidRequest,
    NotAllowed,
    NotFound,
    Unavailable,
    VoltbookError,
)
from chalicelib.feeds.feed import ImportAttempt, file_name
from chalicelib.feeds.receipt import FileState, Receipt
from chalicelib.imports.confirmation import confirm_withdrawn
from chalicelib.imports.manual_withdrawal import RestoreTrade, WithdrawTrade, restore_trade, withdraw_trade
from chalicelib.imports.polling import arrived, poll
from chalicelib.notices.model import Kind
from chalicelib.positions.model import VENUE
from chalicelib.prices.quote import Quote
from chalicelib.trades.model import Trade
from chalicelib.trades.revision import Revision
from chalicelib.trades.rules import Outcome
from chalicelib.trades.service import Booked, Stated, book_trade, state_trade
from chalicelib.trades.side import side_id
from chalicelib.trades.statement import Statement, as_v2
from chalicelib.trades.stating import BookContext, state_each
from chalicelib.trades.warnings import ExchangeLimits
from tests.fakes.prices import hourly_quotes
from tests.simulation.berlin import at, eight, last_sunday
from tests.simulation.exchange import TRADERS, Exchange, some_trade
from tests.simulation.faults import Fault, Killed, Run
from tests.simulation.model import (
    WRONG_CLOCKS,
    Said,
    check_judged,
    check_notices,
    check_quiet,
    check_receipts,
    check_words,
    is_told,
)
from tests.simulation.reads import add_logins, read
from tests.simulation.runs import Task, alone, at_once, book_of, import_context_of
from tests.simulation.sides import Words, sides_of, terms
from tests.simulation.statements import Met, Statements, as_sent, shown
from tests.simulation.sums import Sums
from tests.simulation.venues import NOT_COUNTED, Venues
from tests.simulation.world import World, must

DAYS: Final = 6
"""File days of a history; fewer than the seven that a look goes back."""
OLD: Final = 9
"""How many days before the first a file may be about that no look would look for by itself."""
CLIENT_TRIES: Final = 4
EVENT_TRIES: Final = 3
ADMIN: Final = Identity("admin", Role.ADMIN)
BROKEN_OFF: Final = (Killed, Unavailable, ImportUnderWay)


class History:
    """The plan of a world's days and the hands that carry it out."""

    def __init__(self, world: World) -> None:
        self.world, self.exchange, self.venues = world, Exchange(world), Venues(world)
        self.said = Said(Statements(world))
        world.receipts.judged = self._judged
        self._plan: list[tuple[datetime, int, Callable[[], Task | None]]] = []
        self._order, self._names = count(), count()
        self.first = _first_day(world)
        self.days = [self.first + timedelta(days=n) for n in range(DAYS)]
        self._read_about = [*self.days, *(self.days[-1] + timedelta(days=n) for n in (1, 2))]
        self.old_day = self.first - timedelta(days=OLD)
        world.now = at(self.first, 600)
        add_logins(world)
        self._sums = Sums()

    def live(self) -> None:
        """Live through all days, then let everything come to its end and look at the whole."""
        for day in self.days:
            self._draw(day)
            self._pass_until(at(day + timedelta(days=2), 0))
        self._quieten()

    def _draw(self, day: date) -> None:
        """Plan the night and the day after one file day."""
        morning = day + timedelta(days=1)
        if day.month in {3, 10} and morning == last_sunday(day.year, day.month):
            self.world.faults[Fault.DST_NIGHT] += 1
        self._draw_files(day, morning)
        self._draw_people(day, morning)
        if self.world.likely(0.06) and self.world.trouble:
            self._at(morning, self.world.below(600), lambda: self._sns(down=True))
            self._at(morning, 700 + self.world.below(600), lambda: self._sns(down=False))

    def _draw_files(self, day: date, morning: date) -> None:
        world = self.world
        known = self.days[: 1 + (day - self.first).days]
        if world.likely(0.95):
            when = 54 + world.below(28) if world.likely(0.8) else world.below(1380)
            self._at(morning, when, lambda: self._put(day))
        if world.likely(0.4):
            self._at(morning, 60 + world.below(1320), lambda: self._put(world.choice(known)))
        if world.likely(0.04):
            self._at(morning, 200 + world.below(1100), lambda: self._put(self.old_day))
        self._at(morning, 30 * world.below(16), self._look)
        if world.likely(0.7):
            self._plan_at(eight(morning), self._look)
        if world.likely(0.7 if self.exchange.crossing else 0.2):
            self._at(morning, 200 + world.below(1100), lambda: self._confirm(world.choice(known)))

    def _draw_people(self, day: date, morning: date) -> None:
        world = self.world
        for _ in range(world.below(3)):
            self._at(morning, world.below(1380), lambda: self._post(day))
        for _ in range(world.below(3)):
            self._at(morning, world.below(1380), lambda: self._state(day))
        for _ in range(world.below(3)):
            self._at(morning, world.below(1380), self._read)
        if world.likely(0.1):
            self._at(morning, world.below(1380), lambda: self._price(day))
        if world.likely(0.3):
            self._at(morning, world.below(1380), self._take_out)

    def _at(self, day: date, minutes: int, act: Callable[[], Task | None]) -> None:
        self._plan_at(at(day, minutes), act)

    def _plan_at(self, when: datetime, act: Callable[[], Task | None]) -> None:
        heappush(self._plan, (when, next(self._order), act))

    def _after(self, seconds: int, act: Callable[[], Task | None]) -> None:
        self._plan_at(self.world.now + timedelta(seconds=seconds), act)

    def _pass_until(self, end: datetime) -> None:
        world = self.world
        while self._plan and self._plan[0][0] <= end:
            when, _, act = heappop(self._plan)
            world.now = max(world.now, when)
            task = act()
            if task is None:
                continue
            others: list[Task] = []
            while self._plan and world.likely(0.3) and len(others) < 2 and world.trouble:
                other = heappop(self._plan)[2]()
                if other is not None:
                    others.append(other)
            if others and all(one.name != "read" for one in (task, *others)):
                at_once(world, [task, *others])
            else:
                for one in (task, *others):
                    alone(world, one)
            self._check_step()

    def _quieten(self) -> None:
        world = self.world
        world.trouble, world.topic_down = 0.0, False
        world.now = max(world.now, eight(self.days[-1] + timedelta(days=1))) + timedelta(minutes=10)
        self._pass_until(datetime.max.replace(tzinfo=world.now.tzinfo))
        for _ in range(3):
            world.pass_time(minutes=30)
            alone(world, self._look())
        self._check_step()
        check_quiet(self.said, world)
        self.venues.check_answered()
        check_notices(self.said, world, self._followed())
        alone(world, self._read())

    def _followed(self) -> set[date]:
        """The days that a look must tell of: yesterday, and whatever has a trace in the week before it."""
        traces = [day for day, held in self.world.receipts.days.items() if held.newest is not None]
        return {
            self.days[-1],
            *(day for day in self.days if any(day - timedelta(days=7) <= trace <= day for trace in traces)),
        }

    # --- what happens ---

    def _put(self, day: date) -> None:
        world = self.world
        file = self.exchange.write(day)
        self.said.deliver(file)
        world.put(file_name(day), file.content)
        name = f"event {next(self._names)}"
        delay = world.below(180)
        if world.likely(0.1) and day != self.old_day:
            world.faults[Fault.LOST_EVENT] += 1
            return
        if world.likely(0.15):
            world.faults[Fault.LATE_EVENT] += 1
            delay += 60 * world.below(600)
        self._after(delay, lambda: self._arrive(day, name))
        if world.likely(0.1):
            world.faults[Fault.DUPLICATE] += 1
            self._after(delay + world.below(3), lambda: self._arrive(day, name))
        if delay > 120 and len(self.said.files[day]) > 1:
            world.faults[Fault.REORDERED] += 1

    def _arrive(self, day: date, name: str, tries: int = EVENT_TRIES) -> Task:
        def ended(outcome: object) -> None:
            if isinstance(outcome, BROKEN_OFF):
                if tries or day == self.old_day:
                    self._after(60 + self.world.below(120), lambda: self._arrive(day, name, tries - 1))
            else:
                _no_error(outcome)

        return Task(f"{name} {next(self._names)}", lambda run: arrived(file_name(day), import_context_of(run)), ended)

    def _look(self) -> Task:
        began = self.world.now

        def ended(outcome: object) -> None:
            if not isinstance(outcome, BROKEN_OFF):
                _no_error(outcome)
                if lonely:
                    self._check_late(began)

        lonely = True

        def act(run: Run) -> object:
            nonlocal began, lonely
            began, lonely = run.now(), run.pause is None  # beside others, a file may have come a moment later
            return poll(import_context_of(run))

        return Task(f"look {next(self._names)}", act, ended)

    def _check_late(self, began: datetime) -> None:
        """After a whole look at or after 08:00, yesterday's file is there or the desk knows that it is not."""
        yesterday = (began + timedelta(hours=2)).date() - timedelta(days=1)
        morning = yesterday + timedelta(days=1)
        if eight(morning) <= began < at(morning, 1320):
            newest = self.world.receipts.newest([yesterday]).get(yesterday)
            there = newest is not None and not newest.awaited
            told = (yesterday, Kind.LATE, 0) in self.world.outbox.notices
            held = self.world.receipts.days.get(yesterday)
            being_read = held is not None and held.expires is not None and held.expires > began
            told = told or is_told(yesterday, self.world)
            # Without time for a file that no poll saw before, it is late at the next one.
            attempt = held.attempt if held is not None else ImportAttempt()
            left = attempt.seen is not None and attempt.seen_at is not None and attempt.seen_at > began - WRONG_CLOCKS
            told = told or (left and attempt.seen == self.world.store.newest_version(file_name(yesterday)))
            must(there or told or being_read, "{} was not there at {}, and nobody was told", yesterday, began)

    def _post(self, day: date) -> Task:
        world = self.world
        known = self.exchange.truth.get(day, {})
        if known and world.likely(0.5):
            trade = world.choice(list(known.values()))
        elif self.said.posts and world.likely(0.3):
            trade = world.choice(self.said.posts[world.choice(list(self.said.posts))])
        else:
            trade = some_trade(world, f"post-{world.below(40)}", day)
        self.said.posts.setdefault(trade.id, []).append(trade)
        return self._book(trade, CLIENT_TRIES)

    def _book(self, trade: Trade, tries: int) -> Task:
        world = self.world
        foreign = world.likely(0.1)
        caller = Identity("a trader", Role.TRADER, world.choice(TRADERS)) if foreign else ADMIN
        allowed = caller.trader_id in {None, trade.trader_id}

        def ended(outcome: object) -> None:
            if isinstance(outcome, NotAllowed):
                must(not allowed, "somebody may not book what is theirs")
            elif isinstance(outcome, (Killed, Unavailable)):
                if tries and allowed:
                    self._after(1 + world.below(60), lambda: self._book(trade, tries - 1))
            elif isinstance(outcome, ConflictingTrade):
                must(
                    any(
                        word.withdrawn or word.trade.state in NOT_COUNTED or terms(word.trade) != terms(trade)
                        for side in sides_of(trade.id, world.book.words)
                        for word in side
                    ),
                    "{} was refused and conflicts with nothing",
                    trade.id,
                )
            else:
                must(allowed and isinstance(outcome, Booked), "{} booked for another: {}", caller, outcome)
                self._booked(trade, outcome)

        return Task(
            f"post {next(self._names)}",
            lambda run: book_trade(trade, caller, book_of(run), import_context_of(run).clock),
            ended,
        )

    def _booked(self, trade: Trade, outcome: object) -> None:
        assert isinstance(outcome, Booked)
        must(terms(outcome.trade) == terms(trade), "answered {} to {}", outcome.trade, trade)
        if outcome.outcome is Outcome.BOOKED:
            again = trade.id in self.said.booked
            self.world.tried["posts booked"] += 1
            self.world.tried["trades doubled"] += again
            must(not again, "{} was booked twice", trade.id)
        self.said.booked.setdefault(trade.id, trade)

    def _state(self, day: date) -> Task:
        if self.world.likely(0.1):
            return self._state_array([self._statement(day) for _ in range(2 + self.world.below(19))], CLIENT_TRIES)
        return self._state_trade(self._statement(day), CLIENT_TRIES)

    def _statement(self, day: date) -> Statement:
        """State a trade of another venue, which may bear the id of one at the exchange, or that one in full."""
        world, known = self.world, list(self.exchange.truth.get(day, {}).values())
        posted = [trade for trades in self.said.posts.values() for trade in trades]
        if self.said.statements.used and (known or posted) and world.likely(0.5):
            trade = world.choice(known if known and (not posted or world.likely(0.8)) else posted)
            return self.said.statements.state(trade)
        one = world.choice(known).id if known else f"otc-{world.below(20)}"
        return Statement(self.venues.state(day, one), True)

    def _state_trade(self, statement: Statement, tries: int) -> Task:
        caller = self._client()
        began: dict[str, int] = {}

        def act(run: Run) -> Stated:
            began.update(self._lengths([statement]))
            return state_trade(statement, caller, book_of(run), import_context_of(run).clock)

        def ended(outcome: object) -> None:
            if isinstance(outcome, (Killed, Unavailable)):
                if tries:
                    self._after(1 + self.world.below(60), lambda: self._state_trade(statement, tries - 1))
            else:
                self._answered(statement, outcome, caller, began)

        return Task(f"statement {next(self._names)}", act, ended)

    def _state_array(self, statements: Sequence[Statement], tries: int) -> Task:
        """State all in one request, which who got no answer sends again whole."""
        caller = self._client()
        began: dict[str, int] = {}

        def act(run: Run) -> list[dict[str, Any] | VoltbookError]:
            began.update(self._lengths(statements))
            context = BookContext(caller, book_of(run), import_context_of(run).clock, ExchangeLimits())
            return list(state_each([as_sent(one) for one in statements], context))

        def ended(outcome: object) -> None:
            answers = outcome if isinstance(outcome, list) else [outcome] * len(statements)
            broken_off = [isinstance(answer, (Killed, Unavailable)) for answer in answers]
            for statement, answer, unknown in zip(statements, answers, broken_off, strict=True):
                if not unknown:
                    self._answered(statement, answer, caller, began)
            self.world.tried["arrays answered"] += not any(broken_off)
            if any(broken_off) and tries:
                self._after(1 + self.world.below(60), lambda: self._state_array(statements, tries - 1))

        return Task(f"array {next(self._names)}", act, ended)

    def _client(self) -> Identity:
        foreign = self.world.likely(0.1)
        return Identity("a trader", Role.TRADER, self.world.choice(TRADERS)) if foreign else ADMIN

    def _lengths(self, statements: Iterable[Statement]) -> dict[str, int]:
        sides = (side for statement in statements for side in self._sides(statement.trade))
        return {side[0].side_id: len(side) for side in sides}

    def _sides(self, trade: Trade) -> list[Words]:
        names = (side_id(trade.venue, trade.id, side) for side in (1, 2))
        return [self.world.book.words[name] for name in names if name in self.world.book.words]

    def _answered(self, statement: Statement, answer: object, caller: Identity, began: dict[str, int]) -> None:
        """An answer is one that the words on the side allow, and what it names is in the book."""
        stated, tried = statement.trade, self.world.tried
        if isinstance(answer, NotAllowed):
            must(not caller.may_book(stated.trader_id), "somebody may not state what is theirs")
            return
        must(caller.may_book(stated.trader_id), "{} stated for another: {}", caller, answer)
        meant = list(Met.since(began, self._sides(stated), stated).outcomes(statement, caller))
        if isinstance(answer, ConflictingTrade):
            must(any(one.outcome is None for one in meant), "{} was refused and conflicts with nothing", statement)
            return
        if isinstance(answer, Stated):
            answer = {"outcome": answer.outcome, "trade": as_v2(answer.revision)}
        assert isinstance(answer, dict)
        outcome, trade = Outcome(answer["outcome"]), answer["trade"]
        tried["statements answered"] += 1
        tried[f"statements {outcome.value.replace('_', ' ')}"] += 1
        number = trade.pop("revision")
        right = any(one.outcome is outcome and shown(one.trade) == trade for one in meant)
        must(right, "{} is answered {} {}, should be {}", statement, outcome, trade, meant)
        booked = [side[number - 1].trade for side in self._sides(stated) if len(side) >= number]
        found = next((one for one in booked if shown(one) == trade), None)
        must(found is not None, "{} is answered, and not in the book", trade)
        if found is not None and found.venue != VENUE:
            self.venues.answered_by(found, new=outcome is Outcome.BOOKED)

    def _confirm(self, day: date) -> Task | None:
        """Somebody looks at the newest version of a day and confirms it, at once or after a while."""
        newest = self.world.receipts.newest([day]).get(day)
        if newest is None:
            return None
        if self.world.likely(0.3):
            self._after(3600, lambda: self._put(day))
            self._after(60 * self.world.below(300), lambda: self._confirm_version(day, newest.version))
            return None
        return self._confirm_version(day, newest.version)

    def _confirm_version(self, day: date, version: int) -> Task:
        world = self.world
        if world.receipts.newest([day])[day].version == version:
            self.said.confirming.add((day, version))

        def ended(outcome: object) -> None:
            if isinstance(outcome, BROKEN_OFF):
                if world.likely(0.6):
                    self._after(130, lambda: self._confirm_version(day, version))
            elif not isinstance(outcome, (NotFound, InvalidRequest)):
                _no_error(outcome)

        return Task(
            f"confirm {next(self._names)}",
            lambda run: confirm_withdrawn(day, "anna", import_context_of(run), version),
            ended,
        )

    def _take_out(self) -> Task | None:
        """Somebody takes out a trade, or puts back one that was taken out."""
        words = self.world.book.words
        taken = sorted(one for one in self.said.by_hand if words[one][-1].withdrawn_by_hand is not None)
        if taken and self.world.likely(0.5):
            one = self.world.choice(taken)
            return self._by_hand(one, words[one][-1].number, restores=True)
        if not words:
            return None
        one = self.world.choice(list(words))
        return self._by_hand(one, words[one][-1].number, restores=False)

    def _by_hand(self, one: str, number: int, *, restores: bool) -> Task:
        world = self.world
        self.said.by_hand.add(one)

        def act(run: Run) -> Revision:
            if restores:
                return restore_trade(RestoreTrade(one, number, ADMIN), import_context_of(run))
            return withdraw_trade(WithdrawTrade(one, number, "a slip", ADMIN), import_context_of(run))

        def ended(outcome: object) -> None:
            if isinstance(outcome, BROKEN_OFF):
                self._after(130, lambda: self._by_hand(one, number, restores=restores))
            elif not isinstance(outcome, InvalidRequest):
                _no_error(outcome)
                world.tried["trades put back" if restores else "trades taken out"] += 1

        return Task(f"by hand {next(self._names)}", act, ended)

    def _read(self) -> Task:
        def ended(outcome: object) -> None:
            if not isinstance(outcome, (Killed, Unavailable)):
                _no_error(outcome)

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

    def _sns(self, *, down: bool) -> None:
        self.world.topic_down = down

    # --- what must hold ---

    def _check_step(self) -> None:
        world = self.world
        book, receipts = world.book, world.receipts
        if book.touched:
            for one in book.touched:
                words = book.words[one]
                if words[0].trade.venue == VENUE:
                    check_words(words, self.said, world)
                else:
                    self.venues.check_words(one, words, by_hand=one in self.said.by_hand)
            self._sums.check(self._sums.follow(book.touched, book.words), book.moved, book.held)
            book.touched, book.moved = set(), []
        if receipts.saved:
            saved, receipts.saved = receipts.saved, {}
            self._check_saved(saved)

    def _judged(self, receipt: Receipt) -> None:
        if self.world.at_once == 1:  # beside others, the book may have changed since it was looked at
            check_judged(receipt, self.said, self.world)

    def _check_saved(self, saved: Iterable[date]) -> None:
        world = self.world
        for day in saved:
            newest = world.receipts.days[day].newest
            assert newest is not None
            if newest.state is FileState.HELD:
                world.were_held.add((day, newest.version))
            if newest.state is not FileState.IMPORTING:
                check_receipts(day, self.said, world)


def _no_error(outcome: object) -> None:
    if isinstance(outcome, (VoltbookError, Killed)):
        raise outcome


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
