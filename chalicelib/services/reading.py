"""Reading trades: one, its history, or a list that is never silently cut."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

from chalicelib.domain.caller import Caller
from chalicelib.domain.errors import AnswerTooLarge, NotFound
from chalicelib.domain.revision import Revision
from chalicelib.domain.trade import Trade

if TYPE_CHECKING:  # a cold start that books makes none of the Protocols
    from chalicelib.ports import Book, Slice

MAX_TRADES: Final = 10_000
"""An answer with more than this is refused unless it is paged: Lambda's answers end at 6 MB."""


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
