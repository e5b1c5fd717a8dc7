"""Booking trades."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple

from chalicelib.access.identity import Identity
from chalicelib.common.errors import ConflictingTrade, ImportUnderWay
from chalicelib.common.timestamps import format_utc
from chalicelib.trades.model import Trade, TradeKey
from chalicelib.trades.revision import FromFile, Posted, Revision
from chalicelib.trades.rules import CHANGING, Outcome, RowRule, effect_of, effect_of_row
from chalicelib.trades.side import side_id

if TYPE_CHECKING:  # a cold start that books defines none of the Protocols
    from chalicelib.common.clock import Clock
    from chalicelib.feeds.file_day import FileDay
    from chalicelib.feeds.store import Lease
    from chalicelib.trades.statement import Statement
    from chalicelib.trades.store import Book

_NOTED: Final = frozenset({Outcome.ALREADY_THERE, Outcome.STALE})
MAX_ACTIONS = 100
"""Actions in one transaction, a limit of DynamoDB."""


class Booked(NamedTuple):
    trade: Trade
    outcome: Outcome


def book_trade(trade: Trade, caller: Identity, book: Book, clock: Clock) -> Booked:
    """Book one trade posted in the v1 form, which never makes a second side.

    Raises ConflictingTrade if it is booked with other terms, or NotAllowed.
    """
    caller.require_booking(trade.trader_id)
    revision = Revision(trade, 1, Posted(caller.name), format_utc(clock.now()))
    current = book.add([revision]).get(revision.side_id)
    if current is None:
        return Booked(trade, Outcome.BOOKED)
    if current.trade.direction is not trade.direction:
        current = book.find(side_id(trade.venue, trade.id, 2)) or current
    same_hour = trade.in_hour_of(current.trade)
    if current.counts and current.states(same_hour):
        return Booked(current.trade if current.trade.in_v1_form else trade, Outcome.ALREADY_THERE)
    raise _conflict(current, caller, partial(_differing_in_v1, current, revision._replace(trade=same_hour), book))


class Stated(NamedTuple):
    outcome: Outcome
    revision: Revision
    """The current one, after the statement."""


def state_trade(statement: Statement, caller: Identity, book: Book, clock: Clock) -> Stated:
    """Book, enrich or correct one side of a trade as stated over HTTP.

    Raises NotAllowed, or ConflictingTrade if the side is booked and the statement contradicts it.
    """
    caller.require_booking(statement.trade.trader_id)
    stated = Revision(statement.trade, 1, Posted(caller.name), format_utc(clock.now()))
    while True:
        side, current = _add_side(stated, book)
        if current is None:
            return Stated(Outcome.BOOKED, side)
        outcome, trade = effect_of(statement, current)
        turned = current.trade.direction is not trade.direction and outcome is not Outcome.STALE
        if outcome is None or turned or not caller.may_book(current.trade.trader_id):
            raise _conflict(current, caller, partial(_differing, current, stated._replace(trade=trade)))
        if outcome in {Outcome.ALREADY_THERE, Outcome.STALE}:
            return Stated(outcome, current)
        change = current.enriched if outcome is Outcome.ENRICHED else current.next
        new = change(trade, stated.source, stated.recorded_at)
        if book.correct(current, new) is None:
            return Stated(outcome, new)


def _add_side(stated: Revision, book: Book) -> tuple[Revision, Revision | None]:
    """Add the first or the second side. Return it, and the current revision that it meets.

    What is stated in a direction that the side had, until a file turned it, is no second one, whatever its number.
    """
    current = book.add([stated]).get(stated.side_id)
    if current is None or current.trade.direction is stated.trade.direction:
        return stated, current
    second = stated._replace(side=2)
    if _was_turned(current, stated, book):
        return second, book.find(second.side_id) or current
    return second, book.add([second]).get(second.side_id)


def _was_turned(current: Revision, stated: Revision, book: Book) -> bool:
    """Check whether a file has turned this side from the direction that is stated."""
    direction = stated.trade.direction
    return current.number > 1 and any(past.trade.direction is direction for past in book.history(current.side_id))


def _conflict(current: Revision, caller: Identity, differing: Callable[[], str]) -> ConflictingTrade:
    trade = current.trade
    if not caller.may_read(trade.trader_id):  # it would reveal another's trade
        return ConflictingTrade(trade.id)
    if current.withdrawn:
        by_hand = current.withdrawn_by_hand
        return ConflictingTrade(trade.id, by_hand.user if by_hand else "the exchange", by_hand=by_hand is not None)
    if trade.state.counts:
        return ConflictingTrade(trade.id, differing=differing())
    return ConflictingTrade(trade.id, state=trade.state.value, way_back=_way_to("its state", trade.venue_revision))


def _differing(current: Revision, stated: Revision) -> str:
    """Return which terms differ and what corrects them, as the end of a message."""
    if current.trade.direction is not stated.trade.direction:
        return _turned(current)
    terms = _other_terms(current, stated)
    return f": {terms}; {_correction(current)}" if terms else ""


def _differing_in_v1(current: Revision, posted: Revision, book: Book) -> str:
    """Return which fields differ and what v2 does about them, as the end of a message."""
    booked, got = current.trade, posted.trade
    if booked.direction is not got.direction and _was_turned(current, posted, book):
        return _turned(current)
    terms = _other_values(booked.as_fields(), got.as_fields()) if booked.in_v1_form else ""
    terms = terms or _other_terms(current, posted)
    if booked.direction is not got.direction:
        both = "if both sides were traded, state yours to /v2/trades"
        return f": {terms}; {both}; if the booked one is wrong, withdraw it first"
    return f": {terms}; {_correction(current, ' with /v2/trades')}" if terms else ""


def _turned(current: Revision) -> str:
    return f": a file has corrected its direction to {current.trade.direction}; only a file can state its other side"


def _other_terms(current: Revision, stated: Revision) -> str:
    from chalicelib.trades.statement import NO_TERMS, SHOWN, as_v2  # noqa: PLC0415 - a cold start that books in the v1 form does without

    booked, found = as_v2(current), as_v2(stated)
    compared = (name for name in SHOWN if name not in {*NO_TERMS, "ambiguous_hour"} and booked.get(name))
    terms = _other_values({name: booked[name] for name in compared}, found)
    if booked.get("ambiguous_hour") and booked["delivery_start"] != found["delivery_start"]:
        terms += " (booked without saying which of the two hours 02)"
    return terms


def _other_values(booked: Mapping[str, object], found: Mapping[str, object]) -> str:
    return ", ".join(
        f"{name} is {value}, got {found.get(name)}" for name, value in booked.items() if found.get(name) != value
    )


def _correction(current: Revision, by: str = "") -> str:
    way, source = _way_to("yours", current.trade.venue_revision), current.source
    if isinstance(source, FromFile):
        return f"the file of {source.file_day} has it so; to correct it all the same{by}, {way}"
    return f"to correct it{by}, {way}"


def _way_to(what: str, number: int | None) -> str:
    if number is None:
        return f"state the booked terms with a venue_revision, then {what} with a higher one"
    return f"state {what} with a venue_revision above {number}"


def find_side(key: TradeKey, book: Book) -> Revision | None:
    """Return the current revision of the side in this direction."""
    found = find_sides([key], book).get(key)
    return found if found is not None and found.trade.direction is key.direction else None


def find_sides(keys: Collection[TradeKey], book: Book) -> Mapping[TradeKey, Revision]:
    """Return what statements of these keys meet: the side in their direction, else the only side there is."""
    first = book.find_many({side_id(key.venue, key.id) for key in keys})
    found = {key: current for key in keys if (current := first.get(side_id(key.venue, key.id))) is not None}
    turned = [key for key, current in found.items() if current.trade.direction is not key.direction]
    second = book.find_many({side_id(key.venue, key.id, 2) for key in turned}) if turned else {}
    for key in turned:
        found[key] = second.get(side_id(key.venue, key.id, 2), found[key])
    return found


def note_rows(
    rows: Sequence[Trade],
    current: Mapping[TradeKey, Revision],
    file: FileDay,
    book: Book,
    rule: RowRule = effect_of_row,
) -> Mapping[TradeKey, Revision]:
    """Note on trades, except those to be changed, that this file holds them; return their revisions.

    So no other file withdraws them. At most `MAX_ACTIONS` trades; `current` has the side that each row meets.
    """
    revisions = {key: current[key] for key in (row.key for row in rows)}
    while changes := _notes_of(rows, revisions, file, rule):
        stored = book.note(changes) or {new.side_id: new for _, new in changes}
        revisions |= {key: stored[met.side_id] for key, met in revisions.items() if met.side_id in stored}
    return revisions


def _notes_of(
    rows: Sequence[Trade], revisions: Mapping[TradeKey, Revision], file: FileDay, rule: RowRule
) -> list[tuple[Revision, Revision]]:
    """Return one pair for each side: a transaction takes one action an item."""
    notes = (_note_of(row, revisions[row.key], file, rule) for row in rows)
    return list({note[0].side_id: note for note in notes if note is not None}.values())


def _note_of(row: Trade, current: Revision, file: FileDay, rule: RowRule) -> tuple[Revision, Revision] | None:
    if current.leading == file and current.trade == row:  # as most rows are that a file has again
        return None
    outcome = rule(row, current, file).outcome
    if current.withdrawn or outcome not in _NOTED:
        return None
    note = current.note(file, row if current.agrees_with(row) else None)
    return (current, note) if note != current else None


class Settled(NamedTuple):
    """`replaced` is also the revision that a stale or clashing row did not replace."""

    outcome: Outcome
    row: Revision
    replaced: Revision | None = None
    after: Trade | None = None
    """What is booked after a change."""


class RowChange(NamedTuple):
    """What a row of a file does; `revision` is the next one, or None if the row changes nothing."""

    outcome: Outcome
    revision: Revision | None


def change_by(row: Revision, current: Revision, rule: RowRule) -> RowChange:
    """Return the revision that a row of a file makes of the current one.

    Raises ImportUnderWay if a newer version of the file is booked.
    """
    source = row.source
    if not isinstance(source, FromFile):
        raise TypeError("only the exchange's file corrects a trade")
    outcome, trade = rule(row.trade, current, source.file)
    if outcome not in CHANGING:
        return RowChange(outcome, None)
    if source.older_than(current.source):
        raise ImportUnderWay(f"a newer version of the file of {source.file} is being imported")
    change = current.enriched if outcome is Outcome.ENRICHED else current.next
    return RowChange(outcome, change(trade, source, row.recorded_at))


def settle(
    row: Revision,
    current: Revision,
    book: Book,
    lease: Lease,
    *,
    finished: bool = False,
    rule: RowRule = effect_of_row,
) -> Settled:
    """Change the trade of a row of a file as a rule says.

    Unless it `finished`, an earlier run of this file version counts as this one. Raises ImportUnderWay if a newer
    version of the file is booked or the lease is lost.
    """
    source = row.source
    if not isinstance(source, FromFile):
        raise TypeError("only the exchange's file corrects a trade")
    outcome, changed = change_by(row, current, rule)
    while changed is not None:
        newer = book.correct(current, changed, lease)
        if newer is None:
            return Settled(outcome, row, current, changed.trade)
        # It may be the side of the row's direction, booked meanwhile and not noted yet.
        key = row.trade.key
        current = note_rows([row.trade], {key: newer}, source.file, book, rule)[key]
        outcome, changed = change_by(row, current, rule)
    # An older number that restored a withdrawn trade is stale against what it restored.
    restored = outcome is Outcome.STALE and source == current.source
    if outcome is not Outcome.ALREADY_THERE and (finished or not restored):
        return Settled(outcome, row, current)
    if finished or not source.same_version(current.source):
        return Settled(Outcome.ALREADY_THERE, row)
    if current.number == 1:
        return Settled(Outcome.BOOKED, row)
    replaced = next((past for past in book.history(current.side_id) if past.number == current.number - 1), None)
    outcome = Outcome.CORRECTED if replaced is None else rule(row.trade, replaced, source.file).outcome
    if outcome is Outcome.OTHER_SIDE:  # an earlier release turned what another feed states
        outcome = Outcome.CORRECTED
    return Settled(outcome, row, replaced, current.trade)
