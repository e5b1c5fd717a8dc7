"""What clients state in full of trades at the exchange, beside its daily files, and what each statement must do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Final, NamedTuple

from chalicelib.access.identity import Identity
from chalicelib.common.delivery import Period
from chalicelib.trades.model import State, Trade
from chalicelib.trades.revision import Revision
from chalicelib.trades.rules import Outcome
from chalicelib.trades.statement import Statement
from tests.simulation.exchange import TRADERS
from tests.simulation.sides import Key, Words, key_of, terms, turned
from tests.simulation.venues import AREAS, STATES, STRATEGIES
from tests.simulation.world import World

OPEN: Final = ("area", "strategy", "order_id", "text", "product", "venue_revision")
"""What a statement may leave open."""
REVISIONS: Final = (1, 2, 3, 4)
REMARKS: Final = (None, "a remark")


class Effect(NamedTuple):
    """`outcome` is None for a contradiction; `trade` is booked after."""

    outcome: Outcome | None
    trade: Trade


def completed(said: Trade, booked: Trade, *, about_state: bool = False) -> Trade:
    """Return a statement with what it leaves open as it is booked."""
    kept = {name: getattr(booked, name) for name in OPEN if getattr(said, name) is None}
    state = said.state if about_state else booked.state
    unknown = said.hour_only and (booked.hour_only or said.period != booked.period)
    return said._replace(state=state, hour_only=unknown, **kept)


def effect(statement: Statement, current: Revision | None) -> Effect:
    """Return what a statement must do to a side, by the rules of the reference page written a second time."""
    if current is None:
        return Effect(Outcome.BOOKED, statement.trade)
    booked = current.trade
    trade = completed(statement.trade, booked, about_state=statement.about_state)
    number, known = statement.trade.venue_revision, booked.venue_revision
    older = number is not None and known is not None and number < known
    turned_by_file = booked.direction is not trade.direction and not older
    if current.withdrawn or turned_by_file:
        return Effect(None, trade)
    if number is not None and known is not None and number != known:
        return Effect(Outcome.CORRECTED, trade) if number > known else Effect(Outcome.STALE, booked)
    tags = ((trade.area, booked.area), (trade.strategy, booked.strategy))
    if terms(trade) != terms(booked) or trade.state != booked.state or any(b not in {None, a} for a, b in tags):
        return Effect(None, trade)
    if all(getattr(trade, name) == getattr(booked, name) for name in OPEN):
        return Effect(Outcome.ALREADY_THERE, booked)
    return Effect(Outcome.ENRICHED, trade)


def shown(trade: Trade) -> dict[str, object]:
    """Return a trade as JSON has it, without the number of its revision."""
    end = trade.period.start + timedelta(minutes=trade.period.minutes)
    ambiguous = {"ambiguous_hour": True} if trade.hour_only else {}
    return ambiguous | {
        "venue": trade.venue,
        "id": trade.id,
        "direction": str(trade.direction),
        "delivery_start": f"{trade.period.start:%Y-%m-%dT%H:%M:%SZ}",
        "delivery_end": f"{end:%Y-%m-%dT%H:%M:%SZ}",
        "quantity_mw": str(Decimal(trade.kw) / 1000),
        "price_eur_mwh": f"{Decimal(trade.price) / 100:.2f}",
        "trader_id": trade.trader_id,
        "execution_time": trade.execution_time,
        "area": trade.area,
        "strategy": trade.strategy,
        "order_id": trade.order_id,
        "text": trade.text,
        "product": trade.product,
        "state": str(trade.state),
        "venue_revision": trade.venue_revision,
    }


def as_sent(statement: Statement) -> dict[str, object]:
    """Return a statement as a client sends it."""
    fields = shown(statement.trade)
    return fields if statement.about_state else {name: fields[name] for name in fields if name != "state"}


class Statements:
    """Draws statements of the trades of daily files and posts, and knows every one."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.stated: dict[Key, list[Statement]] = {}
        self.used = world.likely(0.5)
        """Whether anybody states trades at the exchange in full."""

    def state(self, trade: Trade) -> Statement:
        """Return a statement of this trade, of its other side, or one that was sent before."""
        key, world = key_of(trade), self.world
        if key in self.stated and world.likely(0.2):
            return world.choice(self.stated[key])
        statement = self._some(trade._replace(hour_only=False))
        if not statement.about_state:
            statement = statement._replace(trade=statement.trade._replace(state=State.ACTIVE))
        self.stated.setdefault(key_of(statement.trade), []).append(statement)
        return statement

    def sent(self, statement: Statement) -> Statement:
        """Return a statement after noting that a client sends it."""
        known = self.stated.setdefault(key_of(statement.trade), [])
        if statement not in known:
            known.append(statement)
        return statement

    def _some(self, trade: Trade) -> Statement:
        world = self.world
        if world.likely(0.15):
            trade = trade._replace(direction=turned(key_of(trade)).direction)
        chance = world.random()
        if chance < 0.4:
            number = world.choice((None, None, 1, 2))
            return Statement(self._tagged(trade._replace(venue_revision=number)), world.likely(0.2))
        if chance < 0.55:
            return Statement(self._other(trade), about_state=False)
        trade = self._tagged(self._other(trade) if world.likely(0.5) else trade)
        return Statement(trade._replace(venue_revision=world.choice(REVISIONS), state=world.choice(STATES)), True)

    def _tagged(self, trade: Trade) -> Trade:
        area, strategy = self.world.choice(AREAS), self.world.choice(STRATEGIES)
        return trade._replace(area=area, strategy=strategy, text=self.world.choice(REMARKS))

    def _other(self, trade: Trade) -> Trade:
        """Return other terms, of which a row can state the price and the trader only."""
        kind = self.world.below(4)
        if kind == 0:
            return trade._replace(price=trade.price + 1)
        if kind == 1:
            return trade._replace(kw=trade.kw + 100)
        if kind == 2:
            return trade._replace(period=Period(trade.period.start, 15))
        return trade._replace(trader_id=self.world.choice(TRADERS))

    def explains(self, word: Revision, before: Revision | None) -> bool:
        """Check whether a statement makes this word of the one before."""
        effects = (effect(one, before) for one in self.stated.get(key_of(word.trade), ()))
        makes = {Outcome.BOOKED, Outcome.ENRICHED, Outcome.CORRECTED}
        return any(one.outcome in makes and one.trade == word.trade for one in effects)


def _turned_since(side: Words, since: Words, trade: Trade) -> Words:
    """Return those of the last words on a side that have turned it from the direction of this statement."""
    had = (one.number for one in side if one.trade.direction is trade.direction)
    first = next(had, side[-1].number)
    return [word for word in since if word.number > first and word.trade.direction is not trade.direction]


class Met(NamedTuple):
    """The words that a statement may have met while it was handled, None among them if its side may have been new."""

    words: Sequence[Revision | None]

    @classmethod
    def since(cls, began: dict[str, int], sides: Sequence[Words], trade: Trade) -> Met:
        """Return the words on the sides of a trade, since each had so many."""
        direction = trade.direction
        since = [side[max(began.get(side[0].side_id, 0) - 1, 0) :] for side in sides]
        met = [[word for word in words if word.trade.direction is direction] for words in since]
        own = [word for words in met for word in words]
        known = [side[0].side_id in began for side in sides]
        # A row of a file may turn the only side meanwhile.
        if any(old and words == of_side for old, words, of_side in zip(known, since, met, strict=True)):
            return cls(own)
        turned_since = [_turned_since(side, words, trade) for side, words in zip(sides, since, strict=True)]
        lengths = zip(known, since, met, turned_since, strict=True)
        is_old = any(old and len(words) == len(of_side) + len(others) for old, words, of_side, others in lengths)
        return cls([*(() if is_old else (None,)), *own, *(word for words in turned_since for word in words)])

    def outcomes(self, statement: Statement, caller: Identity) -> Iterator[Effect]:
        """Return what may have come of a statement."""
        for word in self.words:
            what = effect(statement, word)
            theirs = word is None or caller.may_book(word.trade.trader_id)
            yield what if theirs else Effect(None, what.trade)
