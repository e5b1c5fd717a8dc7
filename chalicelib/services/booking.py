"""Booking trades, each exactly once: the book decides by condition, this only reads its verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING

from chalicelib.domain.caller import Caller
from chalicelib.domain.errors import ConflictingTrade, ImportUnderWay
from chalicelib.domain.execution_time import format_utc
from chalicelib.domain.revision import FromFile, Posted, Revision
from chalicelib.domain.trade import Trade

if TYPE_CHECKING:  # a cold start that books makes none of the Protocols
    from chalicelib.ports import Book, Clock, Lease

MAX_ACTIONS = 100
"""Trades and positions in one transaction (a limit of DynamoDB's TransactWriteItems)."""


class Outcome(StrEnum):
    """What became of a trade that was not refused."""

    BOOKED = "booked"
    ALREADY_THERE = "already_there"
    CORRECTED = "corrected"


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
    raise ConflictingTrade(trade.id)


def matched(
    trades: Sequence[Trade], standing: Mapping[str, Revision], file_day: date, book: Book
) -> Mapping[str, Revision]:
    """Note where rows of a daily file say what a post or an earlier day's file said first; gives what stands then.

    So the file of an earlier day, read later, finds that this one has spoken. `standing` is what was last seen to stand
    under the ids of these trades, of which there are at most `MAX_ACTIONS`.
    """
    known = dict(standing)
    while alike := [known[trade.id] for trade in trades if known[trade.id].is_matched_by(trade, file_day)]:
        instead = book.match(alike, file_day)
        known |= instead or {word.trade.id: replace(word, matched=file_day) for word in alike}
    return known


def settle(revision: Revision, standing: Revision, book: Book, lease: Lease, *, finished: bool) -> Outcome:
    """Bring a row of the daily file together with what stands under its id: the exchange leads.

    `finished` says that an earlier run of this very version came to its end: its rows are there, or later words took
    their place, and nothing is written. Before that, its own rows count as what that run made of them. The file of a
    later day had the later word. Raises ImportUnderWay where a newer version of the file has spoken, or the lease is
    another's: this run is out of date.
    """
    source = revision.source
    if not isinstance(source, FromFile):
        message = "only the exchange's file corrects a trade"
        raise TypeError(message)
    while not finished and not standing.says(revision.trade) and not standing.outlasts(source):
        if source.older_than(standing.source):
            message = f"a newer version of the file of {source.file_day} is being imported"
            raise ImportUnderWay(message)
        corrected = standing.next(revision.trade, source, revision.said_at)
        instead = book.correct(standing, corrected, lease)
        if instead is None:
            return Outcome.CORRECTED
        standing = instead
    if finished or not source.same_version(standing.source):
        return Outcome.ALREADY_THERE
    return Outcome.CORRECTED if standing.number > 1 else Outcome.BOOKED
