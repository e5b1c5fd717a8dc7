"""Files of any day under any name, posts and confirmations in any order: no trade of a newest file is lost.

The book is compared with a model that keeps only what was put: the versions of every file day, and the posts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from chalicelib.common.errors import ConflictingTrade, InvalidRequest, NotFound
from chalicelib.feeds.feed import file_name
from chalicelib.feeds.file_change import ChangeKind
from chalicelib.feeds.file_day import FileDay
from chalicelib.feeds.receipt import BOOKED_STATES, FileState, Receipt
from chalicelib.imports.manual_withdrawal import RestoreTrade, WithdrawTrade, restore_trade, withdraw_trade
from chalicelib.trades.model import Trade
from chalicelib.trades.revision import Posted
from tests.fixtures.import_nights import ADMIN, Nights, csv_of, some
from tests.fixtures.trades import positions_of

DAYS = [date(2026, 6, 15) + timedelta(days=n) for n in range(3)]
DELIVERED = DAYS[-1]
"""When all trades are delivered: reports need the files of this day and of the day before."""
LATEST = DAYS[-1] + timedelta(days=1)
ROWS = 4
"""Trades of a day."""
ROW = st.tuples(st.sampled_from(DAYS), st.integers(0, ROWS - 1))


def the_trade(row: tuple[date, int], price: int = 0) -> Trade:
    """Return a trade of a day, executed then, at one of some prices."""
    day, number = row
    [one] = some(1, f"{day}T10:00:00Z", f"{day}-{number}", delivery_day=f"{DELIVERED}", delivery_hour=number)
    return one._replace(price=1000 + price)


@dataclass(frozen=True)
class Put:
    """A version of a day's file; `early` where it was stored before its day had ended."""

    rows: Mapping[str, Trade]
    bad: int
    early: bool

    @property
    def content(self) -> bytes:
        return csv_of(list(self.rows.values()), *["bad"] * self.bad)


def executed_on(trade: Trade) -> date:
    """Return the day of a trade of this test, which never trades at night."""
    return date.fromisoformat(trade.execution_time[:10])


class AnyHistory(RuleBasedStateMachine):
    """Drives the services, and compares with the model after every step."""

    def __init__(self) -> None:
        super().__init__()
        self.nights = Nights()
        self.nights.at(LATEST)
        self.put: dict[date, Put] = {}
        """The newest version of each day."""
        self.by_content: dict[tuple[date, bytes], Put] = {}
        self.stated: dict[tuple[str, date], set[Trade]] = {}
        """What booked versions of a day ever said of a trade."""
        self.posts: dict[str, Trade] = {}

    # --- what happens ---

    @rule(
        day=st.sampled_from(DAYS),
        own=st.lists(st.integers(0, ROWS - 1), unique=True, max_size=ROWS),
        others=st.lists(ROW, unique=True, max_size=3),
        price=st.integers(0, 1),
        bad=st.sampled_from([0, 0, 0, 1]),
    )
    def deliver(self, day: date, own: list[int], others: list[tuple[date, int]], price: int, bad: int) -> None:
        """A file of some rows of its day, at one of two prices, and some of others."""
        trades = [the_trade((day, number), price) for number in own] + [the_trade(row) for row in others]
        self._deliver(day, {one.id: one for one in trades}, bad)

    @rule(day=st.sampled_from(DAYS), other=st.sampled_from(DAYS), part=st.sampled_from([1, 2]))
    def copy(self, day: date, other: date, part: int) -> None:
        """All or half of the newest file of one day, under the name of another, or of the same day again."""
        if other in self.put:
            rows = list(self.put[other].rows.items())
            self._deliver(day, dict(rows[: -(-len(rows) // part)]), 0)

    @precondition(lambda self: any(put.rows for put in self.put.values()))
    @rule(data=st.data(), confirmed=st.booleans())
    def re_issue(self, data: st.DataObject, *, confirmed: bool) -> None:
        """A file comes again without one of its rows, and somebody may confirm that at once."""
        day = data.draw(st.sampled_from(sorted(day for day, put in self.put.items() if put.rows)))
        rows = dict(self.put[day].rows)
        del rows[data.draw(st.sampled_from(sorted(rows)))]
        self._deliver(day, rows, 0)
        if confirmed:
            self.confirm_newest(day)

    @rule(day=st.sampled_from(DAYS))
    def too_early(self, day: date) -> None:
        """The file comes at noon of its day."""
        self.nights.at(day, "13:00")
        self._deliver(day, {one.id: one for one in (the_trade((day, number)) for number in range(2))}, 0, early=True)

    @rule(row=ROW, price=st.integers(0, 2))
    def post(self, row: tuple[date, int], price: int) -> None:
        """A trader posts a trade, with the terms of a file or others."""
        trade = the_trade(row, price)
        try:
            self.nights.post(trade)
        except ConflictingTrade:
            return
        self.posts.setdefault(trade.id, trade)

    @precondition(lambda self: self.put)
    @rule(data=st.data())
    def import_again(self, data: st.DataObject) -> None:
        """What is there is imported again: all rows that lead are in the book then."""
        day = data.draw(st.sampled_from(sorted(self.put)))
        self._imported(day, self.nights.again(day))

    @rule(day=st.sampled_from(DAYS))
    def confirm(self, day: date) -> None:
        """Somebody follows the advice of the product."""
        self.confirm_newest(day)

    def confirm_newest(self, day: date) -> None:
        """Confirm what a day's newest file does not have: it takes out what this day may take, and nothing else."""
        before = self.nights.standing()
        try:
            receipt = self.nights.confirm(day)
        except NotFound:
            newest = self._newest(day)
            assert newest is None or newest.state not in BOOKED_STATES
            return
        self._imported(day, receipt)
        for one in before.keys() - self.nights.standing().keys():
            assert not self._holding(one), f"{one} was taken out, and a newest file holds it"
            own = executed_on(before[one])
            assert FileDay(day) in {FileDay(own), self.nights.book.words[one][-2].source_file}, (
                f"{one} is none of {day}"
            )
            assert self._booked(own) is not None, f"{one} was taken out before its own file came"

    @precondition(lambda self: self._restorable())
    @rule(data=st.data())
    def restore(self, data: st.DataObject) -> None:
        """A trade was taken out by a release that asked no other file; importing its files again puts it back."""
        trade_id = data.draw(st.sampled_from(self._restorable()))
        standing = self.nights.book.words[trade_id][-1]
        self.nights.book.correct(standing, standing.withdrawal(Posted("anna"), "2026-06-18T09:00:00Z"))
        for day in self._holding(trade_id):
            receipt = self.nights.again(day)
            assert receipt.accounted_for

    @precondition(lambda self: self.nights.book.words)
    @rule(data=st.data())
    def withdraw_by_hand(self, data: st.DataObject) -> None:
        """A person withdraws a trade: it is taken out unless a newest file holds it, or one that is held."""
        trade_id = data.draw(st.sampled_from(sorted(self.nights.book.words)))
        current = self.nights.book.words[trade_id][-1]
        request = WithdrawTrade(trade_id, current.number, "a typo", ADMIN)
        try:
            withdraw_trade(request, self.nights.desk())
        except InvalidRequest:
            assert current.withdrawn or self._held_anywhere(trade_id)
        else:
            assert trade_id not in self.nights.standing()
            assert not self._held_anywhere(trade_id)

    @precondition(lambda self: self.nights.book.words)
    @rule(data=st.data())
    def restore_by_hand(self, data: st.DataObject) -> None:
        trade_id = data.draw(st.sampled_from(sorted(self.nights.book.words)))
        current = self.nights.book.words[trade_id][-1]
        try:
            restore_trade(RestoreTrade(trade_id, current.number, ADMIN), self.nights.desk())
        except InvalidRequest:
            assert not current.withdrawn_by_hand
        else:
            assert self.nights.standing()[trade_id] == current.trade

    def _restorable(self) -> list[str]:
        """Return trades of booked files that no later version waits for."""
        done = {day for day in DAYS if self._booked(day) is not None and self._newest(day) == self._booked(day)}
        standing = self.nights.standing()
        return sorted(one for one in standing if (days := self._holding(one)) and done.issuperset(days))

    # --- the model ---

    def _deliver(self, day: date, rows: dict[str, Trade], bad: int, *, early: bool = False) -> None:
        known = self.put.get(day)
        put = Put(rows, bad, early)
        if known is not None and known.content == put.content:
            put = replace(put, early=early and known.early)
        self.put[day] = put
        before, held = self._booked(day), self._newest(day)
        must_hold = self._must_hold(day, put, before)
        receipt = self.nights.arrive(day, put.content)
        self.nights.at(LATEST)
        if held is None or held.sha256 != receipt.sha256:
            assert (receipt.state is FileState.HELD) == must_hold, (receipt, put)
        self._imported(day, receipt)

    def _must_hold(self, day: date, put: Put, before: Receipt | None) -> bool:
        standing = self.nights.standing()
        rows = len(put.rows) + put.bad
        if before is not None and rows * 5 < before.rows * 4:
            return True
        own = sum(executed_on(one) == day for one in put.rows.values())
        if before is not None and before.good_rows and before.stands_for_its_day and own * 2 < len(put.rows):
            return True
        if not rows:
            return before is None and any(executed_on(one) == day for one in standing.values())
        known = all(one in self.nights.book.words and (one, day) not in self.stated for one in put.rows)
        return bool(put.rows) and known and all(executed_on(one) != day for one in put.rows.values())

    def _imported(self, day: date, receipt: Receipt) -> None:
        assert receipt.accounted_for or receipt.state not in BOOKED_STATES
        if receipt.state not in BOOKED_STATES:
            return
        put = self.put[day]
        self.by_content[day, put.content] = put
        for one, trade in put.rows.items():
            self.stated.setdefault((one, day), set()).add(trade)

    def _newest(self, day: date) -> Receipt | None:
        return self.nights.receipts.newest([day]).get(day)

    def _booked(self, day: date) -> Receipt | None:
        versions = self.nights.receipts.versions(day)
        return next((one for one in versions if one.state in BOOKED_STATES), None)

    def _booked_rows(self) -> dict[date, Mapping[str, Trade]]:
        """Return the rows of the newest booked version of each day, as they were put."""
        found: dict[date, Mapping[str, Trade]] = {}
        for day in DAYS:
            booked = self._booked(day)
            if booked is not None:
                with self.nights.store.fetch(file_name(day), booked.object_version) as stored:
                    found[day] = self.by_content[day, stored.content.read()].rows
        return found

    def _holding(self, trade_id: str) -> list[date]:
        return [day for day, rows in self._booked_rows().items() if trade_id in rows]

    # --- what must hold ---

    @invariant()
    def every_row_of_every_newest_file_stands_with_the_terms_of_the_file_that_leads(self) -> None:
        standing, booked = self.nights.standing(), self._booked_rows()
        stating: dict[str, dict[date, Trade]] = {}
        for day, rows in booked.items():
            for one, trade in rows.items():
                stating.setdefault(one, {})[day] = trade
        for one, by_day in stating.items():
            assert one in standing, f"{one} is lost; the files of {[*by_day]} hold it"
            own = executed_on(standing[one])
            leader = own if own in by_day else max(by_day)
            outranking = [day for day in DAYS if day == own or (leader != own and day > leader)]
            earlier = {trade for day in outranking if day not in by_day for trade in self.stated.get((one, day), ())}
            assert standing[one] in {by_day[leader], *earlier}, f"{one}: {by_day[leader]} leads"

    @invariant()
    def nothing_stands_that_nobody_stated(self) -> None:
        for one, trade in self.nights.standing().items():
            ever = {trade for (known, _), trades in self.stated.items() if known == one for trade in trades}
            assert trade in ever or trade == self.posts.get(one)

    @invariant()
    def the_positions_are_the_sum_of_the_trades(self) -> None:
        held = {one for one in self.nights.book.positions(DELIVERED, None) if one.change.trades}
        assert held == set(positions_of(self.nights.standing().values()))

    @invariant()
    def verify_finds_nothing(self) -> None:
        assert self.nights.deviations() == ()

    @invariant()
    def no_trade_that_all_files_dropped_stays_without_being_named(self) -> None:
        """Its own file and the one that brought it may name it, once its own file speaks for its day."""
        named = {day: self._missing_from(day) for day in DAYS}
        for one, trade in self.nights.standing().items():
            own, source = executed_on(trade), self.nights.book.words[one][-1].source_file
            stating = {day for day in DAYS if (one, day) in self.stated}
            entitled = {day for day in stating if FileDay(day) in {FileDay(own), source}}
            booked = self._booked(own)
            if not entitled or self._held_anywhere(one) or booked is None:
                continue
            if booked != self._newest(own) or not (booked.usable and booked.stands_for_its_day):
                continue
            undecided = {day for day in entitled if self._newest(day) != self._booked(day)}
            assert undecided or any(one in named[day] for day in entitled), f"{one} stays unnamed"

    def _missing_from(self, day: date) -> set[str]:
        newest = self._newest(day)
        if newest is None or newest.confirmed_at is not None:
            return set()
        changes = self.nights.receipts.changes(day, newest.version)
        missing = {one.trade_id for one in changes if one.kind is ChangeKind.WITHDRAWN}
        assert newest.withdrawn == len(missing)
        return missing

    def _held_anywhere(self, trade_id: str) -> bool:
        """Check whether a newest booked version, or a version held since, has this trade."""
        for day in DAYS:
            for receipt in self.nights.receipts.versions(day):
                if receipt.state in {*BOOKED_STATES, FileState.HELD}:
                    with self.nights.store.fetch(file_name(day), receipt.object_version) as stored:
                        if f"\n{trade_id},".encode() in stored.content.read():
                            return True
                if receipt.state in BOOKED_STATES:
                    break
        return False

    @invariant()
    def no_day_is_complete_while_a_trade_of_it_is_to_be_withdrawn(self) -> None:
        if any(self._missing_from(day) for day in DAYS):
            assert self.nights.state(DELIVERED) not in {"complete", "corrected"}

    @invariant()
    def no_day_is_complete_without_a_whole_file_of_its_own(self) -> None:
        for day in DAYS:
            if self.nights.state(day) in {"complete", "corrected"}:
                for needed in (day - timedelta(days=1), day):
                    newest, put = self._newest(needed), self.put[needed]
                    assert newest is not None
                    assert newest.state is FileState.IMPORTED
                    assert not put.early
                    assert not put.bad
                    own = sum(executed_on(one) == needed for one in put.rows.values())
                    assert 2 * own >= len(put.rows)


TestAnyHistory = AnyHistory.TestCase
TestAnyHistory.settings = settings(max_examples=100, stateful_step_count=20, deadline=None)
