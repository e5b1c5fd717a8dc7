"""Surveying: what the book holds of a file's rows, before any of them is booked, and why the file is to be held."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from typing import Final

from chalicelib.common.delivery import berlin_day
from chalicelib.feeds.store import StoredFile
from chalicelib.imports.batching import WINDOW, windows
from chalicelib.imports.context import ImportContext
from chalicelib.imports.validation import Verdict, good_rows
from chalicelib.trades.model import Trade
from chalicelib.trades.revision import Revision
from chalicelib.trades.store import Book
from chalicelib.trades.warnings import TradeWarning, trade_warnings

READ_AT_ONCE: Final = 100
DAYS_NAMED: Final = 3
_DELIVERY: Final = range(-1, 15)
"""On which days, counted from the day of execution, a trade delivers that is looked for."""
_PAGE: Final = 1_000


@dataclass(slots=True)
class Survey:
    """What the book holds of the good rows of a file; each id counts once a row."""

    rows: int = 0
    booked: int = 0
    """Under an id that the book has."""
    elsewhere: int = 0
    """Of these, from other files or posts alone."""
    from_own_files: int = 0
    """Of these, from the files of the days on which the trades were executed."""
    clashing: int = 0
    """Under the id of another execution."""
    clash: tuple[int, date] | None = None
    """The line of the first of them, and the day on which the trade that has its id was executed."""
    correcting: int = 0
    """Other terms than the file of another day, over which this one leads."""
    odd: dict[str, list[int]] = field(default_factory=dict)
    """By what is odd about them: how many rows break no rule and have a warning, and the line of the first."""

    def warn(self, line: int, warnings: Iterable[TradeWarning]) -> None:
        """Count the warnings of a row."""
        for warning in warnings:
            self.odd.setdefault(warning.kind, [0, line])[0] += 1

    @property
    def warnings(self) -> tuple[str, ...]:
        """Return a sentence for each kind of warning, without any price, id or trader."""
        return tuple(
            f"{rows} {'row is' if rows == 1 else 'rows are'} {kind}, the first on line {first}"
            for kind, (rows, first) in sorted(self.odd.items())
        )

    def add(self, line: int, row: Trade, standing: Revision, file_day: date) -> None:
        """Count a row whose id is in the book."""
        self.booked += 1
        stated_by = {*standing.noted, standing.source_day, standing.matched} - {None}
        self.elsewhere += file_day not in stated_by
        self.from_own_files += file_day not in stated_by and standing.executed_on in stated_by
        if standing.uses_id_of(row, file_day):
            self.clashing += 1
            self.clash = self.clash or (line, standing.executed_on)
        elif not standing.agrees_with(row) and standing.is_led_by(file_day) and not standing.withdrawn:
            self.correcting += bool(stated_by - {file_day}) and standing.file_day != file_day


def survey(stored: StoredFile, verdict: Verdict, file_day: date, desk: ImportContext) -> Survey:
    """Look up every good row of a judged file; the read is bounded in memory."""
    found = Survey()
    with ThreadPoolExecutor(desk.in_flight) as pool:
        for window in windows(good_rows(stored.content, verdict), WINDOW):
            found.rows += len(window)
            for line, trade in window:
                found.warn(line, trade_warnings(trade, stored.stored_at, desk.exchange))
            batches = list(windows(window, READ_AT_ONCE))
            for batch, standing in zip(batches, pool.map(partial(_standing, desk.book), batches), strict=True):
                for line, row in batch:
                    if row.id in standing:
                        found.add(line, row, standing[row.id], file_day)
    return found


def reason_to_hold(found: Survey, verdict: Verdict, file_day: date, desk: ImportContext, *, first: bool) -> str | None:
    """Return why a person must look at the file before it is booked; None where nobody needs to.

    `first`: no version of this file day is in the book.
    """
    if not verdict.rows:
        return _reason_to_hold_an_empty_file(file_day, desk.book) if first else None
    if found.rows and not verdict.own_rows and found.elsewhere == found.rows:
        return _stale_copy(verdict, file_day, named_file=found.from_own_files == found.rows)
    if found.clashing and found.clash and (found.clashing == found.rows or _are_many(found.clashing, found.rows, desk)):
        line, day = found.clash
        return (
            f"{found.clashing} of {found.rows} rows have the id of a trade executed on another day, the first, on line "
            f"{line}, that of a trade of {day}: does the exchange restart its ids?"
        )
    if first and _are_many(found.correcting, found.rows, desk):
        return (
            f"it is the first file of its day, and would correct {found.correcting} trades of the files of other days"
        )
    return None


def _are_many(rows: int, of: int, desk: ImportContext) -> bool:
    return rows > desk.limits.bad_rows and rows * 100 > of * desk.limits.bad_share_percent


def _stale_copy(verdict: Verdict, file_day: date, *, named_file: bool) -> str:
    days = verdict.other_days
    if len(days) == 1 and named_file:
        [(day, rows)] = days
        return f"all {rows} rows were executed on {day} and are in the book from that day's file"
    named = ", ".join(f"{rows} on {day}" for day, rows in days[:DAYS_NAMED])
    more = " and other days" if len(days) > DAYS_NAMED else ""
    return f"no row was executed on {file_day}, and all are in the book already: {named}{more}"


def _reason_to_hold_an_empty_file(file_day: date, book: Book) -> str | None:
    """An empty file contradicts a book that holds trades executed on its day.

    The trades are looked for among those that deliver around the day, as there is no list by day of execution. The
    list may lag behind a booking by a moment: then the trade is one that no file confirms.
    """
    for days in _DELIVERY:
        trade = _executed_on(file_day, _delivering_on(file_day + timedelta(days=days), book))
        if trade is not None:
            return f"it has no rows, and the book holds trades executed on {file_day}"
    return None


def _executed_on(day: date, trades: Iterable[Trade]) -> Trade | None:
    return next((trade for trade in trades if berlin_day(trade.executed_at) == day), None)


def _delivering_on(day: date, book: Book) -> Iterable[Trade]:
    mark = None
    while True:
        found = book.trades(None, day, _PAGE, mark)
        yield from found.trades
        mark = found.next_mark
        if mark is None:
            return


def _standing(book: Book, rows: list[tuple[int, Trade]]) -> Mapping[str, Revision]:
    return book.find_many([row.id for _, row in rows])
