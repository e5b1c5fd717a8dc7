"""People of the desk who look at what is open of a file, and accept just that."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Final

from chalicelib.common.errors import InvalidRequest, NotFound
from chalicelib.feeds.file_change import ChangeKind
from chalicelib.feeds.receipt import BOOKED_STATES, FileState
from chalicelib.imports.acceptance import Proposal, accept_proposed, propose
from chalicelib.trades.rules import Outcome
from tests.simulation.ended import ADMIN, BROKEN_OFF, no_error
from tests.simulation.receipts import newest
from tests.simulation.row_effects import row_effect
from tests.simulation.runs import Task, import_context_of
from tests.simulation.sides import key_of
from tests.simulation.world import must

if TYPE_CHECKING:
    from chalicelib.feeds.file_day import FileDay
    from chalicelib.imports.context import ImportContext
    from chalicelib.trades.revision import Revision
    from tests.simulation.faults import Run
    from tests.simulation.model import Said
    from tests.simulation.plan import Plan
    from tests.simulation.world import World

TRIES: Final = 3
WITHOUT: Final = 0.5
"""The share of worlds in which people only confirm."""


@dataclass(frozen=True, slots=True)
class Seen:
    """How the book was, as far as an acceptance may depend on it."""

    words: dict[str, int]
    receipts: dict[FileDay, object]
    faults: int

    @classmethod
    def of(cls, said: Said, world: World) -> Seen:
        words = {side: len(words) for side, words in world.book.words.items()}
        return cls(words, {file: newest(file, world) for file in said.files}, world.faults.total())


class Accepting:
    def __init__(self, world: World, plan: Plan, said: Said) -> None:
        self.world, self.plan, self.said = world, plan, said
        self._dice = Random(f"accepting {world.seed}")
        self._share = 0.0 if self._dice.random() < WITHOUT else 0.7

    def chosen(self) -> bool:
        """Choose whether to accept what is open or to confirm only."""
        return self._dice.random() < self._share

    def look(self, file: FileDay) -> Task:
        """Read what is open, and accept it at once or after a while."""
        world, alone = self.world, False

        def act(run: Run) -> Proposal:
            nonlocal alone
            alone = run.pause is None
            return propose(file.day, self._context(run, file))

        def ended(outcome: object) -> None:
            if isinstance(outcome, Proposal):
                seen = Seen.of(self.said, world) if alone else None
                delay = 0 if self._dice.random() < 0.6 else self._dice.randrange(4 * 3600)
                self.plan.after(delay, lambda: self._accept(file, outcome, seen, TRIES))
            elif not isinstance(outcome, (*BROKEN_OFF, InvalidRequest)):
                no_error(outcome)

        return Task(self.plan.name("proposal"), act, ended)

    def _context(self, run: Run, file: FileDay) -> ImportContext:
        return import_context_of(run).of(self.world.feed_of(file.feed))

    def _accept(self, file: FileDay, proposal: Proposal, seen: Seen | None, tries: int) -> Task:
        world, said = self.world, self.said
        now, alone, receipt = Seen.of(said, world), False, newest(file, world)
        if receipt is not None and receipt.version == proposal.version:
            said.confirming.add((file, proposal.version))
            said.accepting.add((file, receipt.sha256))
        said.by_hand.update(proposal.unconfirmed)

        def act(run: Run) -> object:
            nonlocal alone, now  # another task of the same moment may have gone first
            alone, now = run.pause is None, Seen.of(said, world)
            return accept_proposed(file.day, proposal.token, ADMIN, self._context(run, file))

        def ended(outcome: object) -> None:
            if isinstance(outcome, BROKEN_OFF):
                if tries:
                    self.plan.after(130, lambda: self._accept(file, proposal, seen, tries - 1))
                return
            if not isinstance(outcome, (NotFound, InvalidRequest)):
                no_error(outcome)
            if alone and tries == TRIES and world.faults.total() == now.faults and receipt is not None:
                is_newest = receipt.sha256 == said.files[file][-1].sha256  # else its import is refused
                self._check_changes(file, proposal, receipt.state, outcome, now, unmoved=seen == now and is_newest)

        return Task(self.plan.name("acceptance"), act, ended)

    def _check_changes(
        self, file: FileDay, proposal: Proposal, state: FileState, outcome: object, before: Seen, *, unmoved: bool
    ) -> None:
        """What was accepted is what was shown; of a booked version, nothing else whatever has moved since."""
        meant = Counter((change.kind, change.trade_id) for change in proposal.changes)
        done = Counter[tuple[ChangeKind, str]]()
        for side, words in self.world.book.words.items():
            known = before.words.get(side, 0)
            if known and len(words) > known and (kind := self._kind(file, words[known - 1], words[-1])):
                done[kind, words[-1].trade.id] += 1
        more = state in BOOKED_STATES and done - meant
        must(not more, "accepting {} changed {}, which was not shown", file, more)
        if unmoved and state is not FileState.IMPORTING:
            must(not isinstance(outcome, InvalidRequest), "{} is refused, and nothing moved: {}", file, outcome)
            must(done == meant, "accepting {} changed {}, and {} was shown", file, done, meant)
            self.world.tried["files accepted as shown"] += 1

    def _kind(self, file: FileDay, before: Revision, after: Revision) -> ChangeKind | None:
        if after.withdrawn:
            return ChangeKind.WITHDRAWN
        if before.withdrawn:
            return ChangeKind.RESTORED
        receipt = newest(file, self.world)
        assert receipt is not None
        effect = row_effect(key_of(after.trade), self.said.content_of(receipt), before)
        return ChangeKind.CORRECTED if effect.outcome is Outcome.CORRECTED else None
