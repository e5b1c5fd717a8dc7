"""Reports read while trades are changed: whatever comes in between two calls, what is called final was true at once."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from itertools import combinations_with_replacement
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.access.identity import Identity, Role
from chalicelib.audit.model import Entry
from chalicelib.feeds.day_mark import DayMark, DayStates
from chalicelib.feeds.feed import file_name
from chalicelib.feeds.file_day import FileDay
from chalicelib.feeds.receipt import Receipt
from chalicelib.feeds.store import Lease
from chalicelib.imports.confirmation import confirm_withdrawn
from chalicelib.imports.context import LEASE
from chalicelib.imports.polling import poll
from chalicelib.imports.service import import_daily_file
from chalicelib.notices.model import Notice
from chalicelib.positions.model import Change, PositionKey
from chalicelib.reports import service as reports_service
from chalicelib.reports.completeness import FINAL, IMPORT_RUNNING, TRADE_ADDED, Completeness, State
from chalicelib.reports.service import MORE_READS, ReportStores, report_pnl, report_scorecard
from chalicelib.trades.model import Trade
from chalicelib.trades.revision import Revision
from chalicelib.trades.service import book_trade
from tests.fakes.clock import FakeClock
from tests.fakes.feeds import FakeFileStore, FakeReceipts
from tests.fakes.fees import FakeFees
from tests.fakes.imports import fake_import_context
from tests.fakes.prices import FakePrices
from tests.fakes.trades import FakeBook
from tests.fixtures.daily_files import csv_of
from tests.fixtures.trades import from_file, trade

FIRST, SECOND = DAYS = (date(2023, 2, 20), date(2023, 2, 21))
EVE, ELSEWHERE = date(2023, 2, 19), date(2023, 2, 10)
AFTER = datetime(2023, 2, 25, 12, tzinfo=UTC)
AT = "2023-02-25T12:00:00Z"
DESK = Identity("desk", Role.DESK)
ADMIN = Identity("admin", Role.ADMIN)


@dataclass(frozen=True)
class Moment:
    """All that a report is read from, at one instant."""

    positions: Mapping[PositionKey, Change]
    newest: Mapping[date, Receipt]
    marks: Mapping[date, DayMark]

    def totals(self) -> tuple[int, ...]:
        return tuple(
            sum(one.sell_cash for key, one in self.positions.items() if key.delivery_day == day) for day in DAYS
        )


class RecordedBook(FakeBook):
    """Calls somebody after each write."""

    written: Callable[[], None] = staticmethod(lambda: None)

    def add(self, revisions: Sequence[Revision]) -> Mapping[str, Revision]:
        standing = super().add(revisions)
        self.written()
        return standing

    def correct(
        self, old: Revision, new: Revision, lease: Lease | None = None, entry: Entry | None = None
    ) -> Revision | None:
        instead = super().correct(old, new, lease, entry)
        self.written()
        return instead


class RecordedReceipts(FakeReceipts):
    """Calls somebody after each write."""

    written: Callable[[], None] = staticmethod(lambda: None)

    def save(
        self, lease: Lease, receipt: Receipt, until: datetime, notices: Sequence[Notice] = (), by: str | None = None
    ) -> None:
        super().save(lease, receipt, until, notices, by)
        self.written()

    def release(self, lease: Lease) -> None:
        super().release(lease)
        self.written()


@dataclass
class World:
    """A book of two delivery days, and every moment that it went through."""

    store: FakeFileStore = field(default_factory=FakeFileStore)
    receipts: RecordedReceipts = field(default_factory=RecordedReceipts)
    book: RecordedBook = field(default_factory=RecordedBook)
    clock: FakeClock = field(default_factory=lambda: FakeClock(AFTER))
    moments: list[Moment] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.desk = fake_import_context(self.store, self.receipts, self.book, self.clock)
        self.book.written = self.receipts.written = self.record

    def record(self) -> None:
        newest = {day: held.newest for day, held in self.receipts.days.items() if held.newest is not None}
        self.moments.append(Moment(dict(self.book.held), newest, dict(self.receipts.marks.days)))

    def deliver(self, file_day: date, trades: Iterable[Trade]) -> None:
        self.store.put(file_name(file_day), io.BytesIO(csv_of(list(trades))))
        import_daily_file(file_day, self.desk)

    def correct(self, lease: Lease, price: int) -> None:
        """Change the price of every trade, one transaction each."""
        for words in [words for words in self.book.words.values() if words[-1].trade.delivery_day in DAYS]:
            old = words[-1]
            row = from_file(old.trade._replace(price=price), file_day=lease.file_day)
            assert self.book.correct(old, old.next(row.trade, row.source, AT), lease) is None

    def shelf(self) -> ReportStores:
        return ReportStores(self.book, self.receipts, FakePrices(), FakeFees(), self.clock)


def sold(price: int, day: date, count: int = 2) -> list[Trade]:
    return [
        trade(
            f"{day} {n}",
            price=price,
            direction="sell",
            delivery_day=f"{day}",
            delivery_hour=12 + n,
            trader_id=f"trader_{n}",
        )
        for n in range(count)
    ]


def own(file_day: date) -> list[Trade]:
    return [trade(f"{file_day} own", delivery_day="2023-02-28", execution_time=f"{file_day}T10:00:00Z")]


def both(price: int) -> list[Trade]:
    return [one for day in DAYS for one in sold(price, day)]


@pytest.fixture
def world() -> World:
    """Both days are complete."""
    made = World()
    for file_day, trades in ((EVE, own(EVE)), (FIRST, both(100)), (SECOND, own(SECOND))):
        made.deliver(file_day, trades)
    return made


@pytest.fixture(scope="module")
def history() -> list[Moment]:
    """A file corrects both days, one that they do not need does, late trades come, and trades are withdrawn."""
    made = World()
    for file_day, trades in ((EVE, own(EVE)), (SECOND, own(SECOND)), (FIRST, both(100)), (FIRST, both(200))):
        made.deliver(file_day, trades)
    lease = made.receipts.acquire(ELSEWHERE, "run", AFTER, AFTER + LEASE)
    made.correct(lease, 300)
    made.receipts.release(lease)
    for number, day in enumerate(DAYS * 2):
        late = trade(f"late {number}", price=10**number, direction="sell", delivery_day=f"{day}", delivery_hour=number)
        book_trade(late, ADMIN, made.book, made.clock)
    made.deliver(FIRST, [*sold(400, FIRST, 1), *sold(400, SECOND, 1)])
    confirm_withdrawn(FIRST, "anna", made.desk)
    assert len(made.moments) > 25
    return made.moments


class Film:
    """Book and receipts as a reader finds them while they change: each call sees a moment, never an earlier one."""

    def __init__(self, history: Sequence[Moment], places: Sequence[int]) -> None:
        self._history, self._places = history, list(places)
        self.calls = 0

    def _now(self) -> Moment:
        place = self._places[min(self.calls, len(self._places) - 1)]
        self.calls += 1
        return self._history[place]

    def positions(self, delivery_day: date, trader_id: str | None) -> Sequence[Any]:
        book = FakeBook()
        book.held = dict(self._now().positions)
        return book.positions(delivery_day, trader_id)

    def states(self, file_days: Iterable[date], delivery_days: Iterable[date]) -> DayStates:
        now = self._now()
        return DayStates(
            {day: now.newest[day] for day in file_days if day in now.newest},
            {day: now.marks[day] for day in delivery_days if day in now.marks},
        )

    def first_day(self) -> date:
        return EVE

    def shelf(self) -> ReportStores:
        port: Any = self
        return ReportStores(port, port, FakePrices(), FakeFees(), FakeClock(AFTER))


def shown(film: Film) -> tuple[tuple[int, ...], Completeness]:
    report = report_pnl(None, *DAYS, DESK, film.shelf())
    return tuple(day.total.totals.pnl for day in report.days), report.completeness


def assert_true(history: Sequence[Moment], places: Sequence[int]) -> None:
    """A final answer's days had these totals together, at one instant."""
    totals, known = shown(Film(history, places))
    if known.state in FINAL:
        assert totals in {moment.totals() for moment in history[places[0] :]}, (places, known)


@pytest.fixture(autouse=True)
def one_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reports_service, "READERS", 1)


def test_no_final_answer_was_never_true_whatever_happens_between_two_calls(history: list[Moment]) -> None:
    """The first read is of states, two of positions, states again: at each the book may be at any later moment."""
    last = len(history) - 1
    for first, second in combinations_with_replacement(range(len(history)), 2):
        for places in (
            (first, second),
            (first, first, second),
            (first, first, second, last),
            (first, second, second, last),
        ):
            assert_true(history, places)


@settings(max_examples=300)
@given(data=st.data())
def test_whatever_happens_between_all_calls_no_final_answer_was_never_true(
    history: list[Moment], data: st.DataObject
) -> None:
    places = data.draw(st.lists(st.integers(0, len(history) - 1), min_size=1, max_size=20))
    assert_true(history, sorted(places))


def test_a_book_at_rest_is_read_once(history: list[Moment]) -> None:
    film = Film(history, [len(history) - 1])
    totals, known = shown(film)
    assert (totals, known.state, known.reasons) == (history[-1].totals(), State.CORRECTED, (TRADE_ADDED,))
    assert film.calls == len(("states", *DAYS, "states"))


def test_numbers_that_changed_are_read_again_and_are_then_final(history: list[Moment]) -> None:
    last = len(history) - 1
    totals, known = shown(Film(history, [0, last]))
    assert (totals, known.state) == (history[-1].totals(), State.CORRECTED)


def test_numbers_that_change_at_each_reading_are_provisional() -> None:
    at_rest = World()
    for file_day in (EVE, FIRST, SECOND):
        at_rest.deliver(file_day, own(file_day))
    moment = at_rest.moments[-1]
    restless = [replace(moment, marks={day: DayMark(count) for day in DAYS}) for count in range(50)]
    film = Film(restless, range(50))
    _, known = shown(film)
    assert (known.state, known.reasons) == (State.PROVISIONAL, (IMPORT_RUNNING,))
    assert film.calls == 4 + MORE_READS * 3


def test_only_the_day_that_changed_is_read_again(world: World) -> None:
    before = world.moments[-1]
    after = replace(before, marks={FIRST: DayMark(1, changed_at=AT)})
    film = Film([before, after], [0, 0, 1])
    _, known = shown(film)
    assert known.state is State.CORRECTED
    assert film.calls == 4 + len(("first day again", "states"))


def test_a_scorecard_is_read_as_a_report_is(world: World) -> None:
    lease = world.receipts.acquire(ELSEWHERE, "run", AFTER, AFTER + LEASE)
    world.correct(lease, 300)
    running = report_scorecard(None, *DAYS, DESK, world.shelf()).completeness
    assert (running.state, running.reasons) == (State.PROVISIONAL, (IMPORT_RUNNING,))
    world.receipts.release(lease)
    assert report_scorecard(None, *DAYS, DESK, world.shelf()).completeness.state is State.CORRECTED


def test_a_run_that_died_keeps_its_days_provisional_until_the_next_poll(world: World) -> None:
    dead = world.receipts.acquire(ELSEWHERE, "run", AFTER, AFTER + LEASE)
    world.correct(dead, 300)
    for waited, state in ((timedelta(), State.PROVISIONAL), (LEASE, State.CORRECTED)):
        world.clock.time = AFTER + waited
        poll(replace(world.desk, owner="poll"))
        assert report_pnl(None, *DAYS, DESK, world.shelf()).completeness.state is state
    assert world.receipts.open_days() == {}


@pytest.mark.parametrize(("before_the_file", "state"), [(True, State.COMPLETE), (False, State.CORRECTED)])
def test_a_trade_posted_after_the_day_was_complete_is_reported(before_the_file: bool, state: State) -> None:
    made = World()
    made.deliver(EVE, own(EVE))
    steps: list[Callable[[], object]] = [
        lambda: made.deliver(FIRST, sold(100, FIRST)),
        lambda: book_trade(trade("late", delivery_day=f"{FIRST}"), ADMIN, made.book, made.clock),
    ]
    for step in reversed(steps) if before_the_file else steps:
        step()
    known = report_pnl(None, FIRST, FIRST, DESK, made.shelf()).completeness
    assert (known.state, known.reasons) == (state, () if before_the_file else (TRADE_ADDED,))


def test_the_first_day_of_a_book_is_stated_and_the_file_before_is_not_late() -> None:
    made = World()
    made.clock.time = datetime(2023, 2, 21, 12, tzinfo=UTC)
    made.deliver(FIRST, sold(100, FIRST))
    known = report_pnl(None, FIRST, FIRST, DESK, made.shelf()).completeness
    reason = "the book begins here: there is no file of 19 Feb 2023"
    assert (known.state, known.missing_files, known.reasons) == (State.PROVISIONAL, (), (reason,))
    assert poll(made.desk).missing == ()


def test_files_that_never_came_before_the_book_began_are_late_no_more() -> None:
    made = World()
    made.clock.time = datetime(2023, 2, 20, 12, tzinfo=UTC)
    assert poll(made.desk).late == (FileDay(EVE),)
    made.deliver(FIRST, sold(100, FIRST))
    made.clock.time = datetime(2023, 2, 21, 12, tzinfo=UTC)
    assert poll(made.desk).missing == ()
