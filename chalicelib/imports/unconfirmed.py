"""Posted trades that no file contains, although the file of the day of their execution is imported."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Final

from chalicelib.access.identity import Identity, Role
from chalicelib.common.delivery import days_between
from chalicelib.common.errors import InvalidRequest
from chalicelib.feeds.feed import DAILY
from chalicelib.feeds.receipt import BOOKED_STATES, Receipt
from chalicelib.imports.context import ImportContext
from chalicelib.imports.manual_withdrawal import WithdrawTrade, withdraw_trade
from chalicelib.imports.withdrawals import in_newest_files
from chalicelib.trades.model import Trade
from chalicelib.trades.revision import Revision

DAYS_AHEAD: Final = 2
"""Trades are searched among the deliveries of the day of their execution and so many days after it."""
SAME_TIME: Final = timedelta(seconds=2)


def list_unconfirmed(file_day: date) -> str:
    """Return the command that lists the posted trades executed on a day that no file contains."""
    return (
        f"voltbook trades list --unconfirmed --start-day {file_day} --end-day {file_day + timedelta(days=DAYS_AHEAD)}"
    )


def unconfirmed_of(file_day: date, context: ImportContext) -> Sequence[Revision]:
    """Return the posted trades executed on a day that no file contains."""
    delivery_days = [file_day + timedelta(days=ahead) for ahead in range(DAYS_AHEAD + 1)]
    revisions = [revision for day in delivery_days for revision in context.book.in_no_file(day, None)]
    return [revision for revision in revisions if revision.executed_on == file_day]


def unconfirmed_sides(newest: Receipt, context: ImportContext) -> tuple[str, ...]:
    """Return the sides of posted trades that accepting the newest version takes out of the book.

    One of which a file has a quarantined row stays booked.
    """
    if newest.state not in BOOKED_STATES or not newest.confirms_trades or not context.feed.is_daily:
        return ()
    unconfirmed = unconfirmed_of(newest.file_day, context)
    sides = {revision.side_id: revision.trade.direction for revision in unconfirmed}
    kept = in_newest_files(sides, newest, context)
    return tuple(side for side in sides if side not in kept)


def days_to_search(now: datetime) -> Sequence[date]:
    """Return the delivery days of trades that the files of the last seven days may not contain."""
    file_days = DAILY.days_to_poll(now)
    return days_between(file_days[0], file_days[-1] + timedelta(days=DAYS_AHEAD))


def withdraw_unconfirmed(sides: Iterable[str], file_name: str, user: str, context: ImportContext) -> None:
    """Withdraw these sides of trades, except those that a file contains by now."""
    for side in sides:
        current = context.book.find(side)
        if current is None or not current.in_no_file or current.withdrawn:
            continue
        request = WithdrawTrade(
            side, current.number, f"in no file; {file_name} was accepted", Identity(user, Role.ADMIN)
        )
        try:
            withdraw_trade(request, context)
        except InvalidRequest:
            continue  # changed, or in a file that was imported meanwhile


def under_other_ids(unconfirmed: Iterable[Trade], rows: Iterable[Trade]) -> int:
    """Return how many of the trades equal a row in all but the id, with execution times within 2 seconds.

    A row equals one trade at most.
    """
    by_terms: dict[tuple[object, ...], list[Trade]] = {}
    for trade in unconfirmed:
        by_terms.setdefault(_terms(trade), []).append(trade)
    count = 0
    for row in rows if by_terms else ():
        alike = by_terms.get(_terms(row), [])
        found = next((trade for trade in alike if abs(trade.executed_at - row.executed_at) <= SAME_TIME), None)
        if found is not None:
            alike.remove(found)
            count += 1
    return count


def _terms(trade: Trade) -> tuple[object, ...]:
    return (trade.price, trade.kw, trade.direction, trade.period, trade.trader_id)
