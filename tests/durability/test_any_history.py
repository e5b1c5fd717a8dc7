"""Good, bad, late, repeated, corrected and shrunken files in any order, with kills between, against a simple model."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from chalicelib.access.identity import Identity, Role
from chalicelib.common.delivery import day_start
from chalicelib.common.errors import ConflictingTrade, InvalidRequest, NotFound
from chalicelib.feeds.feed import DAILY, file_name
from chalicelib.feeds.receipt import BOOKED_STATES
from chalicelib.imports.confirmation import confirm_withdrawn
from chalicelib.imports.context import LEASE, ImportContext
from chalicelib.imports.polling import poll
from chalicelib.notices.model import Kind
from chalicelib.trades.model import FIELDS, Trade
from chalicelib.trades.service import book_trade
from tests.durability.kills import Killed, Life
from tests.fakes.clock import FakeClock
from tests.fakes.feeds import FakeFileStore, FakeReceipts
from tests.fakes.notices import FakeNotices
from tests.fakes.trades import FakeBook
from tests.fixtures.trades import positions_of, trade

FIRST = date(2023, 2, 20)
DAYS = [FIRST + timedelta(days=n) for n in range(3)]
ADMIN = Identity("admin", Role.ADMIN)
HEADER = ",".join(FIELDS)
DELIVERIES = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 2)), unique_by=lambda row: row[0], max_size=10)
LIVES = st.none() | st.tuples(st.integers(0, 40), st.booleans())


def _trade(day: date, number: int, price: int) -> Trade:
    """Return a trade that was executed on this day."""
    executed = f"{day}T10:00:00Z"
    return trade(f"{day}-{number}", price=price, delivery_hour=number % 3, execution_time=executed)


class Mortal:
    """Any collaborator whose every call is a step of a life."""

    def __init__(self, real: Any, life: Life) -> None:
        self._real, self._life = real, life

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._real, name)

        def call(*args: Any, **kwargs: Any) -> Any:
            answers: list[Any] = []
            self._life.step(lambda: answers.append(method(*args, **kwargs)))
            return method(*args, **kwargs)

        return call


@dataclass
class Delivered:
    """A version of a day's file as the exchange meant it: id -> trade, bad rows, and whether it can be read at all."""

    trades: dict[str, Trade]
    bad: int = 0
    fault: str = ""

    @property
    def rows(self) -> int:
        return len(self.trades) + self.bad

    @property
    def content(self) -> bytes:
        rows = [",".join(str(value) for value in one.as_fields().values()) for one in self.trades.values()]
        whole = "\n".join([HEADER, *rows, *["bad"] * self.bad, ""])
        return {"": whole, "cut": whole[: -2 if self.bad else -20], "garbage": "no,daily,file\n"}[self.fault].encode()


@dataclass
class Model:
    """What the book must hold, kept in the simplest way."""

    standing: dict[str, Trade] = field(default_factory=dict)
    withdrawn: set[str] = field(default_factory=set)
    imported: dict[date, Delivered] = field(default_factory=dict)
    pending: dict[date, set[str]] = field(default_factory=dict)
    held: dict[date, Delivered] = field(default_factory=dict)

    def take(self, day: date, version: Delivered, *, confirmed: bool = False) -> str:
        """Import a version; gives what became of it."""
        before = self.imported.get(day)
        self.held.pop(day, None)
        if version.fault:
            return {"cut": "waiting", "garbage": "rejected"}[version.fault]
        if before is not None and not confirmed and version.rows * 100 < before.rows * 80:
            self.held[day] = version
            return "held"
        contradicted = any(one.startswith(f"{day}-") for one in self.standing)
        if before is None and not confirmed and not version.rows and contradicted:
            self.held[day] = version
            return "held"
        if before is not None:
            lacking = (set(before.trades) | self.pending.get(day, set())) - set(version.trades)
            self.pending[day] = {one for one in lacking if one in self.standing}
        self.standing.update(version.trades)
        self.withdrawn -= set(version.trades)
        self.imported[day] = version
        return "provisional" if version.bad else "imported"

    def confirm(self, day: date) -> None:
        for one in self.pending.pop(day, set()):
            self.standing.pop(one, None)
            self.withdrawn.add(one)


class AnyHistory(RuleBasedStateMachine):
    """Drives the services through a history and checks the book against the model after every step."""

    def __init__(self) -> None:
        super().__init__()
        self.store, self.receipts, self.notices = FakeFileStore(), FakeReceipts(), FakeNotices()
        self.book, self.clock, self.model = FakeBook(), FakeClock(day_start(DAYS[-1] + timedelta(days=1))), Model()
        self.waiting: dict[date, Delivered] = {}
        self.told_late: set[date] = set()

    def desk(self, life: Life) -> ImportContext:
        def mortal(real: Any) -> Any:
            return Mortal(real, life)

        return ImportContext(
            self.store,
            mortal(self.receipts),
            mortal(self.receipts.outbox),
            mortal(self.notices),
            mortal(self.book),
            self.clock,
            owner="test",
            in_flight=1,
        )

    def survive(self, act: Callable[[ImportContext], object], death: tuple[int, bool] | None) -> None:
        """Act, and where it dies on the way act again later, until it comes to its end."""
        if death is not None:
            at, after = death
            try:
                act(self.desk(Life(at, after=after)))
            except Killed:
                self.clock.time += LEASE
            else:
                return
        act(self.desk(Life()))

    @rule(
        day=st.sampled_from(DAYS),
        rows=DELIVERIES,
        bad=st.integers(0, 2),
        fault=st.sampled_from(["", "", "", "cut", "garbage"]),
    )
    def deliver(self, day: date, rows: list[tuple[int, int]], bad: int, fault: str) -> None:
        if fault == "cut" and not rows and not bad:
            return
        trades = [_trade(day, number, price) for number, price in rows]
        self.waiting[day] = Delivered({one.id: one for one in trades}, bad, fault)
        self.store.put(file_name(day), io.BytesIO(self.waiting[day].content))

    @rule(day=st.sampled_from(DAYS), number=st.integers(0, 9), price=st.integers(0, 2), death=LIVES)
    def post(self, day: date, number: int, price: int, death: tuple[int, bool] | None) -> None:
        posted = _trade(day, number, price)
        stands = self.model.standing.get(posted.id)
        conflicts = posted.id in self.model.withdrawn or (stands is not None and stands != posted)
        try:
            self.survive(lambda desk: book_trade(posted, ADMIN, desk.book, self.clock), death)
        except ConflictingTrade:
            assert conflicts
        else:
            assert not conflicts
            self.model.standing.setdefault(posted.id, posted)

    @rule(minutes=st.sampled_from([0, 30, 8 * 60]), death=LIVES)
    def look(self, minutes: int, death: tuple[int, bool] | None) -> None:
        self.clock.time += timedelta(minutes=minutes)
        self.survive(poll, death)
        for day in DAILY.days_to_poll(self.clock.time):
            if day in self.waiting:
                became = self.model.take(day, self.waiting[day])
                assert self.receipts.newest([day])[day].state == became
                if became != "waiting":
                    del self.waiting[day]

    @rule(day=st.sampled_from(DAYS), death=LIVES)
    def confirm(self, day: date, death: tuple[int, bool] | None) -> None:
        newest = self.receipts.newest([day]).get(day)
        held = self.model.held.get(day)
        try:
            self.survive(lambda desk: confirm_withdrawn(day, "anna", desk), death)
        except InvalidRequest:  # a newer version was delivered since this one was held
            assert held is not None
            assert day in self.waiting
            return
        except NotFound:
            assert held is None
            assert newest is None or newest.state not in BOOKED_STATES
            return
        if held is not None:
            self.model.take(day, held, confirmed=True)
        self.model.confirm(day)

    @invariant()
    def the_book_holds_what_the_model_holds(self) -> None:
        words = {trade_id: said[-1] for trade_id, said in self.book.words.items()}
        assert {trade_id: word.trade for trade_id, word in words.items() if not word.withdrawn} == self.model.standing
        assert {trade_id for trade_id, word in words.items() if word.withdrawn} == self.model.withdrawn

    @invariant()
    def the_positions_are_the_sum_of_the_trades(self) -> None:
        held = {one for one in self.book.positions(trade().delivery_day, None) if one.change.trades}
        assert held == set(positions_of(self.model.standing.values()))

    @invariant()
    def every_row_of_every_booked_version_is_accounted_for(self) -> None:
        for day in DAYS:
            for receipt in self.receipts.versions(day):
                assert receipt.accounted_for or receipt.state not in BOOKED_STATES
            if day in self.model.imported:
                booked = next(one for one in self.receipts.versions(day) if one.state in BOOKED_STATES)
                assert (booked.rows, booked.quarantined) == (
                    self.model.imported[day].rows,
                    self.model.imported[day].bad,
                )
                assert booked.confirmed_at or booked.withdrawn == len(self.model.pending.get(day, ()))

    @invariant()
    def nothing_is_told_twice_or_before_it_is_true(self) -> None:
        late = [one for one in self.receipts.outbox.of(DAYS) if one.kind is Kind.LATE]
        assert all(DAILY.is_late(notice.file_day, self.clock.time) for notice in late)
        for notice in self.receipts.outbox.of(DAYS):
            if notice.kind in {Kind.QUARANTINED, Kind.CORRECTED, Kind.REJECTED, Kind.HELD}:
                assert notice.version in {receipt.version for receipt in self.receipts.versions(notice.file_day)}
        keys = Counter((notice.file_day, notice.kind, notice.version) for notice in self.receipts.outbox.of(DAYS))
        assert all(count == 1 for count in keys.values())


TestAnyHistory = AnyHistory.TestCase
TestAnyHistory.settings = settings(max_examples=150, stateful_step_count=25, deadline=None)
