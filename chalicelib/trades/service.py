"""Booking trades and reading them back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

from chalicelib.access.identity import Caller
from chalicelib.common.errors import AnswerTooLarge, ConflictingTrade, ImportUnderWay, NotFound
from chalicelib.common.timestamps import finer, format_utc, times_agree
from chalicelib.trades.model import Trade
from chalicelib.trades.revision import FromFile, Posted, Revision

if TYPE_CHECKING:  # a cold start that books makes none of the Protocols
    from chalicelib.common.clock import Clock
    from chalicelib.feeds.store import Lease
    from chalicelib.trades.store import Book, Slice

MAX_ACTIONS = 100
"""Trades and positions in one transaction (a limit of DynamoDB's TransactWriteItems)."""
MAX_TRADES: Final = 10_000
"""An answer with more than this is refused unless it is paged: Lambda's answers end at 6 MB."""


class Outcome(StrEnum):
    """What became of a trade that was not refused."""

    BOOKED = "booked"
    ALREADY_THERE = "already_there"
    CORRECTED = "corrected"
    RESTORED = "restored"
    """It was withdrawn, and a file holds it again."""
    STALE = "stale"
    """Another file, which leads, states other terms."""
    CLASHED = "clashed"
    """The id is that of another execution."""


@dataclass(frozen=True, slots=True)
class Booked:
    """The trade as it now stands in the book, and what it took."""

    trade: Trade
    outcome: Outcome


def book_trade(trade: Trade, caller: Caller, book: Book, clock: Clock) -> Booked:
    """Book one posted trade; the same again changes nothing. Raises ConflictingTrade for other terms, or NotAllowed."""
    caller.require_booking(trade.trader_id)
    revision = Revision(trade, 1, Posted(caller.name), format_utc(clock.now()))
    standing = book.add([revision]).get(trade.id)
    if standing is None:
        return Booked(trade, Outcome.BOOKED)
    if standing.says(trade):
        return Booked(standing.trade, Outcome.ALREADY_THERE)
    theirs = caller.may_read(standing.trade.trader_id)  # else the answer would tell of another's trade
    raise ConflictingTrade(trade.id, withdrawn=theirs and standing.withdrawn)


def noted(
    rows: Sequence[Trade], standing: Mapping[str, Revision], file_day: date, book: Book
) -> Mapping[str, Revision]:
    """Note on trades that the daily file of this day holds them, and return the current revisions.

    So an earlier or later day's file knows whose trades they are, and nothing that a file holds is withdrawn. Trades
    that the file is about to correct are left alone. `standing` is what was last read of these rows' trades, of which
    there are at most `MAX_ACTIONS`.
    """
    known = dict(standing)
    while changes := _notes_of(rows, known, file_day):
        instead = book.note(changes)
        known |= instead or {new.trade.id: new for _, new in changes}
    return known


def _notes_of(rows: Sequence[Trade], known: Mapping[str, Revision], file_day: date) -> list[tuple[Revision, Revision]]:
    """Return the notes to be set, one for each trade: a transaction takes one action an item."""
    notes = {row.id: note for row in rows if (note := _note_of(row, known[row.id], file_day)) is not None}
    return list(notes.values())


def _note_of(row: Trade, standing: Revision, file_day: date) -> tuple[Revision, Revision] | None:
    if standing.withdrawn or standing.uses_id_of(row, file_day):
        return None
    same = standing.agrees_with(row)
    if not same and standing.is_led_by(file_day):
        return None
    note = standing.note(file_day, row if same else None)
    return (standing, note) if note != standing else None


class Settled(NamedTuple):
    """What became of a row of the daily file, and the revision it took the place of, if any."""

    outcome: Outcome
    row: Revision
    replaced: Revision | None = None


def settle(row: Revision, standing: Revision, book: Book, lease: Lease, *, finished: bool = False) -> Settled:
    """Bring a row of the daily file together with the current revision of its trade: the exchange leads.

    A row corrects the trade where its file leads (`Revision.is_led_by`), and restores one that was withdrawn. A row of
    another execution under the same id changes nothing and is `CLASHED`; one that another file overrules is `STALE`.
    What an earlier run of this very version did counts as done by this one, unless that run `finished`. Raises
    ImportUnderWay where a newer version of the file is in the book, or the lease is another's: this run is out of date.
    """
    source = row.source
    if not isinstance(source, FromFile):
        message = "only the exchange's file corrects a trade"
        raise TypeError(message)
    while not standing.agrees_with(row.trade):
        if standing.uses_id_of(row.trade, source.file_day):
            return Settled(Outcome.CLASHED, row, standing)
        if not standing.is_led_by(source.file_day):
            return Settled(Outcome.STALE, row, standing)
        if source.older_than(standing.source):
            message = f"a newer version of the file of {source.file_day} is being imported"
            raise ImportUnderWay(message)
        instead = book.correct(standing, _correction(standing, row), lease)
        if instead is None:
            return Settled(Outcome.RESTORED if standing.withdrawn else Outcome.CORRECTED, row, standing)
        standing = instead
    if finished or not source.same_version(standing.source):
        return Settled(Outcome.ALREADY_THERE, row)
    return _done_before(row, standing, book)


def _correction(standing: Revision, row: Revision) -> Revision:
    """Return the revision that a row makes; where both times agree the finer one stays."""
    trade, time = row.trade, standing.trade.execution_time
    if times_agree(time, trade.execution_time):
        trade = replace(trade, execution_time=finer(time, trade.execution_time))
    return standing.next(trade, row.source, row.said_at)


def _done_before(row: Revision, standing: Revision, book: Book) -> Settled:
    """Return what the run that this one resumes did of a row."""
    if standing.number == 1:
        return Settled(Outcome.BOOKED, row)
    replaced = next((one for one in book.history(row.trade.id) if one.number == standing.number - 1), None)
    restored = replaced is not None and replaced.withdrawn
    return Settled(Outcome.RESTORED if restored else Outcome.CORRECTED, row, replaced)


@dataclass(frozen=True, slots=True)
class Filter:
    """Which trades: None leaves that side open."""

    trader_id: str | None
    delivery_day: date | None


def list_trades(which: Filter, caller: Caller, book: Book, limit: int | None, mark: str | None) -> Slice:
    """Give the trades that match and are the caller's to see; raises NotAllowed or AnswerTooLarge."""
    trader_id = caller.reading(which.trader_id)
    if limit is not None:
        return book.trades(trader_id, which.delivery_day, limit, mark)
    found = book.trades(trader_id, which.delivery_day, MAX_TRADES, mark)
    if found.next_mark is not None:
        message = (
            f"more than {MAX_TRADES} trades match: narrow it by trader_id or delivery_day, "
            f"or page through it with limit (at most {MAX_TRADES}) and the cursor in the Link header"
        )
        raise AnswerTooLarge(message)
    return found


def find_trade(trade_id: str, caller: Caller, book: Book) -> Trade:
    """Give one trade; raises NotFound also for one that is not the caller's to see."""
    word = _readable(book.find(trade_id), trade_id, caller)
    if word.withdrawn:
        message = f"trade {trade_id!r} was withdrawn by the exchange; its history shows it"
        raise NotFound(message)
    return word.trade


def trade_history(trade_id: str, caller: Caller, book: Book) -> Sequence[Revision]:
    """Give the words on a trade that are the caller's to see, newest first; raises NotFound as `find_trade` does."""
    words = book.history(trade_id)
    _readable(words[0] if words else None, trade_id, caller)
    return [word for word in words if caller.may_read(word.trade.trader_id)]


def _readable(revision: Revision | None, trade_id: str, caller: Caller) -> Revision:
    if revision is None or not caller.may_read(revision.trade.trader_id):
        message = f"there is no trade {trade_id!r}"
        raise NotFound(message)
    return revision
