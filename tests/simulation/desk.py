"""People of the desk: they look for files, confirm withdrawals, take single trades out and put them back."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from chalicelib.common.errors import InvalidRequest, NotFound
from chalicelib.feeds.file_day import FileDay
from chalicelib.imports.confirmation import confirm_withdrawn
from chalicelib.imports.manual_withdrawal import RestoreTrade, WithdrawTrade, restore_trade, withdraw_trade
from chalicelib.imports.polling import poll
from tests.simulation.accepting import Accepting
from tests.simulation.ended import ADMIN, BROKEN_OFF, no_error
from tests.simulation.notices import is_told, is_told_late
from tests.simulation.receipts import WRONG_CLOCKS, attempt, is_being_read, newest
from tests.simulation.runs import Task, import_context_of
from tests.simulation.world import World, must

if TYPE_CHECKING:
    from datetime import datetime

    from chalicelib.trades.revision import Revision
    from tests.simulation.faults import Run
    from tests.simulation.model import Said
    from tests.simulation.plan import Plan


class Desk:
    """`put` writes a file and sends it."""

    def __init__(self, world: World, plan: Plan, said: Said, put: Callable[[FileDay], None]) -> None:
        self.world, self.plan, self.said, self._put = world, plan, said, put
        self._accepting = Accepting(world, plan, said)

    def look(self) -> Task:
        """Poll for files."""
        began = self.world.now

        def ended(outcome: object) -> None:
            if not isinstance(outcome, BROKEN_OFF):
                no_error(outcome)
                if lonely:
                    self._check_late(began)

        lonely = True

        def act(run: Run) -> object:
            nonlocal began, lonely
            began, lonely = run.now(), run.pause is None  # beside others, a file may have come a moment later
            try:
                return poll(import_context_of(run))
            finally:
                began = min(began, run.now())  # the clock may be set back before it is read

        return Task(self.plan.name("look"), act, ended)

    def _check_late(self, began: datetime) -> None:
        """After a whole look at or after its deadline, a file is there or the desk knows that it is not."""
        for file in self.world.due(began):
            receipt = newest(file, self.world)
            there = receipt is not None and not receipt.awaited
            told = is_told_late(file, self.world) or is_told(file, self.world)
            # Without time for a file that no poll saw before, it is late at the next one.
            last = attempt(file, self.world)
            left = last.seen is not None and last.seen_at is not None and last.seen_at > began - WRONG_CLOCKS
            key = self.world.key(file)
            told = told or (left and last.seen == self.world.store.newest_version(key))
            told = told or is_being_read(file, self.world, began)
            must(there or told, "{} was not there at {}, and nobody was told", file, began)

    def confirm(self, file: FileDay) -> Task | None:
        """Somebody looks at the newest version of a file and confirms it, at once or after a while."""
        receipt = newest(file, self.world)
        if receipt is None:
            return None
        if self._accepting.chosen():
            return self._accepting.look(file)
        if self.world.likely(0.3):
            self.plan.after(3600, lambda: self._put(file))
            self.plan.after(60 * self.world.below(300), lambda: self._confirm_version(file, receipt.version))
            return None
        return self._confirm_version(file, receipt.version)

    def _confirm_version(self, file: FileDay, version: int) -> Task:
        world = self.world
        receipt = newest(file, world)
        if receipt is not None and receipt.version == version:
            self.said.confirming.add((file, version))

        def ended(outcome: object) -> None:
            if isinstance(outcome, BROKEN_OFF):
                if world.likely(0.6):
                    self.plan.after(130, lambda: self._confirm_version(file, version))
            elif not isinstance(outcome, (NotFound, InvalidRequest)):
                no_error(outcome)

        def act(run: Run) -> object:
            context = import_context_of(run)
            return confirm_withdrawn(file.day, "anna", context.of(world.feed_of(file.feed)), version)

        return Task(self.plan.name("confirm"), act, ended)

    def take_out(self) -> Task | None:
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
                self.plan.after(130, lambda: self._by_hand(one, number, restores=restores))
            elif not isinstance(outcome, InvalidRequest):
                no_error(outcome)
                world.tried["trades put back" if restores else "trades taken out"] += 1

        return Task(self.plan.name("by hand"), act, ended)
