"""Clients who post and state trades, one by one and in arrays."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from chalicelib.access.identity import Identity, Role
from chalicelib.common.errors import ConflictingTrade, NotAllowed, VoltbookError
from chalicelib.positions.model import VENUE
from chalicelib.trades.rules import Outcome
from chalicelib.trades.service import Booked, Stated, book_trade, state_trade
from chalicelib.trades.side import side_id
from chalicelib.trades.statement import Statement, as_v2
from chalicelib.trades.stating import BookContext, state_each
from chalicelib.trades.warnings import ExchangeLimits
from tests.simulation.ended import ADMIN, NO_ANSWER
from tests.simulation.exchange import TRADERS, Exchange, some_trade
from tests.simulation.runs import Task, book_of, import_context_of
from tests.simulation.sides import Words, at_exchange, sides_of, terms
from tests.simulation.statements import Met, as_sent, shown
from tests.simulation.venues import NOT_COUNTED, Venues
from tests.simulation.world import World, must

if TYPE_CHECKING:
    from chalicelib.trades.model import Trade
    from tests.simulation.blotters import Blotters
    from tests.simulation.faults import Run
    from tests.simulation.model import Said
    from tests.simulation.plan import Plan

TRIES: Final = 4


class Clients:
    """Everybody who books over HTTP; who gets no answer asks again."""

    def __init__(self, world: World, plan: Plan, said: Said, exchange: Exchange, venues: Venues) -> None:
        self.world, self.plan, self.said, self.exchange, self.venues = world, plan, said, exchange, venues
        self.blotters: Sequence[Blotters] = ()
        """The senders of other feeds, whose trades clients state too."""

    def post(self, day: date) -> Task:
        """Post a trade in the v1 form."""
        world = self.world
        known = self.exchange.truth.get(day, {})
        if known and world.likely(0.5):
            trade = world.choice(list(known.values()))
        elif self.said.posts and world.likely(0.3):
            trade = world.choice(self.said.posts[world.choice(list(self.said.posts))])
        else:
            trade = some_trade(world, f"post-{world.below(40)}", day)
        self.said.posts.setdefault(trade.id, []).append(trade)
        return self._book(trade, TRIES)

    def state(self, day: date) -> Task:
        """State a trade in the v2 form, or an array of them."""
        if self.world.likely(0.1):
            return self._state_array([self._statement(day) for _ in range(2 + self.world.below(19))], TRIES)
        return self._state_trade(self._statement(day), TRIES)

    def _book(self, trade: Trade, tries: int) -> Task:
        world = self.world
        foreign = world.likely(0.1)
        caller = Identity("a trader", Role.TRADER, world.choice(TRADERS)) if foreign else ADMIN
        allowed = caller.trader_id in {None, trade.trader_id}

        def ended(outcome: object) -> None:
            if isinstance(outcome, NotAllowed):
                must(not allowed, "somebody may not book what is theirs")
            elif isinstance(outcome, NO_ANSWER):
                if tries and allowed:
                    self.plan.after(1 + world.below(60), lambda: self._book(trade, tries - 1))
            elif isinstance(outcome, ConflictingTrade):
                must(
                    any(
                        word.withdrawn or word.trade.state in NOT_COUNTED or terms(word.trade) != terms(trade)
                        for side in sides_of(at_exchange(trade.id), world.book.words)
                        for word in side
                    ),
                    "{} was refused and conflicts with nothing",
                    trade.id,
                )
            else:
                must(allowed and isinstance(outcome, Booked), "{} booked for another: {}", caller, outcome)
                self._booked(trade, outcome)

        return Task(
            self.plan.name("post"),
            lambda run: book_trade(trade, caller, book_of(run), import_context_of(run).clock),
            ended,
        )

    def _booked(self, trade: Trade, outcome: object) -> None:
        assert isinstance(outcome, Booked)
        # Which of the two hours 02 it is may have been stated before.
        either = outcome.trade.delivery_hour == trade.delivery_hour and trade.hour_only and not outcome.trade.hour_only
        posted = trade._replace(period=outcome.trade.period) if either else trade
        must(terms(outcome.trade) == terms(posted), "answered {} to {}", outcome.trade, trade)
        if outcome.outcome is Outcome.BOOKED:
            again = trade.id in self.said.booked
            self.world.tried["posts booked"] += 1
            self.world.tried["trades doubled"] += again
            must(not again, "{} was booked twice", trade.id)
        hour_only = trade.hour_only and outcome.trade.hour_only
        self.said.booked.setdefault(trade.id, trade._replace(hour_only=hour_only))

    def _statement(self, day: date) -> Statement:
        """State a trade of another venue, which may bear the id of one at the exchange, or that one in full."""
        if self.blotters and self.world.likely(0.3):
            truth = self.world.choice(self.blotters).truth.get(day)
            if truth:
                return self.said.statements.state(self.world.choice(list(truth.values())).trade)
        world, known = self.world, list(self.exchange.truth.get(day, {}).values())
        posted = [trade for trades in self.said.posts.values() for trade in trades]
        if self.said.statements.used and (known or posted) and world.likely(0.5):
            trade = world.choice(known if known and (not posted or world.likely(0.8)) else posted)
            return self.said.statements.state(trade)
        one = world.choice(known).id if known else f"otc-{world.below(20)}"
        return self.said.statements.sent(Statement(self.venues.state(day, one), True))

    def _state_trade(self, statement: Statement, tries: int) -> Task:
        caller = self._client()
        began: dict[str, int] = {}

        def act(run: Run) -> Stated:
            began.update(self._lengths([statement]))
            return state_trade(statement, caller, book_of(run), import_context_of(run).clock)

        def ended(outcome: object) -> None:
            if isinstance(outcome, NO_ANSWER):
                if tries:
                    self.plan.after(1 + self.world.below(60), lambda: self._state_trade(statement, tries - 1))
            else:
                self._answered(statement, outcome, caller, began)

        return Task(self.plan.name("statement"), act, ended)

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
            broken_off = [isinstance(answer, NO_ANSWER) for answer in answers]
            for statement, answer, unknown in zip(statements, answers, broken_off, strict=True):
                if not unknown:
                    self._answered(statement, answer, caller, began)
            self.world.tried["arrays answered"] += not any(broken_off)
            if any(broken_off) and tries:
                self.plan.after(1 + self.world.below(60), lambda: self._state_array(statements, tries - 1))

        return Task(self.plan.name("array"), act, ended)

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
