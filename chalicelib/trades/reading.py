"""Reading trades: lists, single trades and their revisions, in both forms."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import quote

from chalicelib.access.identity import Identity
from chalicelib.common.delivery import Period, hour_of_day
from chalicelib.common.errors import AnswerTooLarge, InvalidRequest, NotFound, NotInV1, Problem
from chalicelib.positions.model import VENUE
from chalicelib.trades.model import Trade
from chalicelib.trades.revision import Revision
from chalicelib.trades.side import side_id
from chalicelib.trades.store import Book, Only
from chalicelib.trades.venues import VENUES

if TYPE_CHECKING:
    from chalicelib.feeds.store import Receipts

MAX_TRADES: Final = 10_000
"""In one answer, because Lambda limits it to 6 MB."""
_READ_ON: Final = 500
"""The least that is read to fill a page."""
_MOST_READ: Final = 20_000
"""For one page, which then has fewer trades than asked for."""
_EVERY_STATE: Final = Only(counted=False)


class Filter(NamedTuple):
    """None selects all traders or days, and all trades that count."""

    trader_id: str | None
    delivery_day: date | None
    only: Only = Only()
    hour: str | None = None
    """`13`, `02A`; goes with a delivery day."""

    @property
    def time(self) -> Period | None:
        """The time of the hour; raises InvalidRequest if the delivery day does not have it."""
        if self.hour is None:
            return None
        if self.delivery_day is None:
            raise _about_hour("goes with a delivery_day only: add the day of the hour")
        try:
            return hour_of_day(self.delivery_day, self.hour)
        except ValueError as error:
            raise _about_hour(str(error)) from error

    @property
    def parameters(self) -> dict[str, Any]:
        """The parameters of a query with this filter."""
        venue, area, strategy, counted = self.only
        given = {
            "trader_id": self.trader_id,
            "delivery_day": self.delivery_day,
            "delivery_hour": self.hour,
            "venue": venue,
            "area": area,
            "strategy": strategy,
            "state": None if counted else "all",
        }
        return {name: value for name, value in given.items() if value is not None}


def _about_hour(message: str) -> InvalidRequest:
    return InvalidRequest("the query has a problem", (Problem("delivery_hour", message),))


class Page(NamedTuple):
    """Current revisions, the mark after which the next page begins (None after the last), and the trades left out."""

    revisions: tuple[Revision, ...]
    next_mark: str | None = None
    skipped: int = 0

    @property
    def trades(self) -> tuple[Trade, ...]:
        return tuple(revision.trade for revision in self.revisions)


def list_trades(which: Filter, caller: Identity, book: Book, limit: int | None, mark: str | None) -> Page:
    """Return the trades that match and the caller may read; raises NotAllowed, InvalidRequest or AnswerTooLarge."""
    trader_id = caller.reading(which.trader_id)
    found = book.trades(trader_id, which.delivery_day, limit or MAX_TRADES, mark, which.only, which.time)
    return _complete(Page(found.revisions, found.next_mark), limit)


def trades_named(trade_id: str, which: Filter, caller: Identity, book: Book, *, withdrawn: bool = False) -> Page:
    """Return the trades of this id at every venue, both sides, as `list_trades` lists them, or the withdrawn ones."""
    trader_id = caller.reading(which.trader_id)
    names = [side_id(venue, trade_id, side) for venue in VENUES for side in (1, 2)]
    found = book.find_many(names)
    revisions = [found[name] for name in names if name in found]
    wanted = [one for one in revisions if _fits(one, which._replace(trader_id=trader_id))]
    if withdrawn:
        return Page(tuple(one for one in wanted if one.withdrawn))
    return Page(tuple(one for one in wanted if not one.withdrawn and (one.counts or not which.only.counted)))


def _fits(revision: Revision, which: Filter) -> bool:
    trade, (venue, area, strategy, _) = revision.trade, which.only
    wanted = (which.trader_id, which.delivery_day, venue, area, strategy)
    stated = (trade.trader_id, trade.delivery_day, trade.venue, trade.area, trade.strategy)
    return all(want in {None, value} for want, value in zip(wanted, stated, strict=True))


def list_v1_trades(which: Filter, caller: Identity, book: Book, limit: int | None, mark: str | None) -> Page:
    """Do the same with the trades that v1 can state, in every state; pages are filled up."""
    trader_id = caller.reading(which.trader_id)

    def read(size: int, after: str | None) -> Any:  # noqa: ANN401 - a Slice
        return book.trades(trader_id, which.delivery_day, size, after, _EVERY_STATE)

    return _complete(_filled(read, limit or MAX_TRADES, mark, None if limit is None else _MOST_READ), limit)


def _filled(read: Callable[[int, str | None], Any], most: int, mark: str | None, most_read: int | None) -> Page:
    shown: list[Revision] = []
    count, size = 0, most
    while True:
        part = read(size, mark)
        for revision, at in zip(part.revisions, part.marks, strict=True):
            count += 1
            shown += [revision] if in_v1(revision) else []
            if len(shown) == most:
                is_last = part.next_mark is None and at == part.marks[-1]
                return Page(tuple(shown), None if is_last else at, count - most)
        mark = part.next_mark
        if mark is None or (most_read is not None and count >= most_read):
            return Page(tuple(shown), mark, count - len(shown))
        size = max(most - len(shown), _READ_ON)


def _complete(page: Page, limit: int | None) -> Page:
    if limit is None and page.next_mark is not None:
        message = (
            f"more than {MAX_TRADES} trades match: narrow it by trader_id or delivery_day, "
            f"or page through it with limit (at most {MAX_TRADES}) and the cursor in the Link header"
        )
        raise AnswerTooLarge(message)
    return page


def unconfirmed_trades(which: Filter, caller: Identity, book: Book, receipts: Receipts) -> Sequence[Revision]:
    """Return the posted trades of one delivery day that are in no file although that of their execution is imported.

    Only those that a daily file can state, second sides too. Raises NotAllowed; InvalidRequest without a delivery day.
    """
    trader_id = caller.reading(which.trader_id)
    if which.delivery_day is None:
        raise InvalidRequest("the query has a problem", (Problem("delivery_day", "is required with unconfirmed"),))
    revisions = book.in_no_file(which.delivery_day, trader_id)
    newest = receipts.newest({revision.executed_on for revision in revisions})
    return [each for each in revisions if (receipt := newest.get(each.executed_on)) and receipt.confirms_trades]


def in_v1(revision: Revision) -> bool:
    """Check that the eight fields of v1 state exactly this revision."""
    return revision.side == 1 and revision.trade.in_v1_form


def find_trade(trade_id: str, caller: Identity, book: Book) -> Trade:
    """Return one trade for v1; raises NotFound also for one that the caller may not read, or NotInV1."""
    revision = _readable(book.find(side_id(VENUE, trade_id)), trade_id, caller, book)
    _require_v1([revision])
    if revision.withdrawn:
        by_hand = revision.withdrawn_by_hand
        who = f"by {by_hand.user} ({by_hand.reason})" if by_hand else "by the exchange"
        raise NotFound(f"trade {trade_id!r} was withdrawn {who}; its history shows it")
    return revision.trade


def trade_history(trade_id: str, caller: Identity, book: Book) -> Sequence[Revision]:
    """Return the revisions that the caller may read, newest first; raises NotFound and NotInV1 as `find_trade` does."""
    revisions = book.history(side_id(VENUE, trade_id))
    _readable(revisions[0] if revisions else None, trade_id, caller, book)
    readable = [revision for revision in revisions if caller.may_read(revision.trade.trader_id)]
    _require_v1(readable)
    return readable


def trade_sides(venue: str, trade_id: str, caller: Identity, book: Book) -> Sequence[Sequence[Revision]]:
    """Return the one or two sides that the caller may read, each with its revisions, newest first.

    Raises NotFound, also if there are sides of others only.
    """
    sides = book.sides(venue, trade_id) if venue in VENUES else ()
    readable = [
        [revision for revision in revisions if caller.may_read(revision.trade.trader_id)]
        for revisions in sides
        if caller.may_read(revisions[0].trade.trader_id)
    ]
    if not readable:
        others = [revision.trade.venue for revision in _at_other_venues(venue, trade_id, caller, book)]
        hint = f"; venue {', '.join(others)} has one" if others else ""
        raise NotFound(f"there is no trade {trade_id!r} of venue {venue!r}"[:200] + hint)
    return readable


def _readable(revision: Revision | None, trade_id: str, caller: Identity, book: Book) -> Revision:
    if revision is None:
        _require_v1(_at_other_venues(VENUE, trade_id, caller, book))
    if revision is None or not caller.may_read(revision.trade.trader_id):
        raise NotFound(f"there is no trade {trade_id!r}")
    return revision


def _at_other_venues(venue: str, trade_id: str, caller: Identity, book: Book) -> Sequence[Revision]:
    found = book.find_many([side_id(other, trade_id) for other in VENUES if other != venue])
    return [revision for revision in found.values() if caller.may_read(revision.trade.trader_id)]


def _require_v1(revisions: Sequence[Revision]) -> None:
    for revision in revisions:
        if not in_v1(revision) or revision.trade.venue != VENUE:
            trade = revision.trade
            raise NotInV1(trade.id, f"/v2/trades/{trade.venue}/{quote(trade.id, safe='')}")
