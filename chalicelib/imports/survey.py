"""Surveys: the state of a file's rows in the book before any is booked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

from chalicelib.common.delivery import berlin_day
from chalicelib.common.errors import InvalidRequest
from chalicelib.common.printable import shown
from chalicelib.common.windows import windows
from chalicelib.feeds.file_day import FileDay
from chalicelib.feeds.receipt import FileState
from chalicelib.feeds.store import StoredFile
from chalicelib.imports.context import ImportContext
from chalicelib.imports.import_run import WINDOW, find_all
from chalicelib.imports.repeated_rows import is_self_traded
from chalicelib.imports.sides import first_side_of, side_met
from chalicelib.imports.validation import FileValidation
from chalicelib.trades.model import Trade
from chalicelib.trades.revision import Revision
from chalicelib.trades.rules import Outcome, RowEffect
from chalicelib.trades.store import Book
from chalicelib.trades.warnings import TradeWarning

DAYS_NAMED: Final = 3
KEYS_NAMED: Final = 3
_DELIVERY: Final = range(-1, 15)
"""Delivery days, counted from the day of execution, on which trades of an empty file's day are searched for."""
_PAGE: Final = 1_000
TAKEN_BACK: Final = "kept out of the book, as recalled or cancelled by the venue"
BESIDE: Final = "booked beside a trade of the same id and the other direction"


@dataclass(slots=True)
class Survey:
    """Counts of the good rows of a file by their state in the book."""

    rows: int = 0
    booked: int = 0
    """Rows whose id is in the book."""
    elsewhere: int = 0
    """Of these, rows whose trade is only from other files or posts."""
    from_own_files: int = 0
    """Of these, rows whose trade is from the file of its own day."""
    clashing: int = 0
    """Rows with the id of another execution."""
    clash: tuple[int, date] | None = None
    """The line of the first clashing row, and the day on which the trade with its id was executed."""
    agreeing: int = 0
    """Rows whose trade is booked with their terms."""
    correcting: int = 0
    """Rows that would correct a trade of another day's file."""
    turned: int = 0
    """Rows with the other direction of a booked trade, which state a side of their own."""
    odd: dict[str, list[int]] = field(default_factory=dict)
    """By kind of warning: the number of rows, and the line of the first."""

    def warn(self, line: int, warnings: Iterable[TradeWarning]) -> None:
        for warning in warnings:
            self.odd.setdefault(warning.kind, [0, line])[0] += 1

    @property
    def warnings(self) -> tuple[str, ...]:
        """Return a sentence for each kind of warning, without price, id or trader."""
        return tuple(odd_rows(kind, rows, first) for kind, (rows, first) in sorted(self.odd.items()))

    def add(self, line: int, row: Trade, revision: Revision, effect: RowEffect, file: FileDay) -> None:
        self.booked += 1
        if row.state.counts and not effect.trade.state.counts:
            self.odd.setdefault(TAKEN_BACK, [0, line])[0] += 1
        outcome, _ = effect
        self.agreeing += outcome in {Outcome.ALREADY_THERE, Outcome.ENRICHED}
        stated_by = revision.seen_in
        self.elsewhere += file not in stated_by
        self.from_own_files += file not in stated_by and any(day == revision.executed_on for day, _ in stated_by)
        if outcome is Outcome.CLASHED:
            self.clashing += 1
            self.clash = self.clash or (line, revision.executed_on)
        elif outcome is Outcome.CORRECTED:
            self.correcting += bool(stated_by - {file}) and revision.leading != file

    def turn(self, _: Revision) -> None:
        """Count a row that states the other direction of the only side that its trade has."""
        self.turned += 1


def odd_rows(kind: str, rows: int, first: int) -> str:
    return f"{rows} {'row is' if rows == 1 else 'rows are'} {kind}, the first on line {first}"


def others_of_day(keys: Sequence[str]) -> Iterator[str]:
    """Yield the warning that a day has other files, which do not count."""
    if keys:
        more = f" and {len(keys) - KEYS_NAMED} more" if len(keys) > KEYS_NAMED else ""
        names = f"{', '.join(map(shown, keys[:KEYS_NAMED]))}{more}"
        files = "1 other file of its day is" if len(keys) == 1 else f"{len(keys)} other files of its day are"
        yield f"{files} in the bucket and not imported, as the one stored last counts: {names}"


def read_stored(stored: StoredFile, file_day: date, context: ImportContext) -> FileValidation:
    """Validate a stored file; it waits while the settings of its format are faulty."""
    limits = context.file_limits()
    try:
        return context.reader.validate(stored.content, limits, file_day=file_day, stored_at=stored.stored_at)
    except InvalidRequest as error:
        return FileValidation(FileState.WAITING, reason=error.in_full, unset=error)


def survey_rows(
    stored: StoredFile,
    validation: FileValidation,
    file: FileDay,
    context: ImportContext,
    survey: Survey | None = None,
) -> Survey:
    """Look up every good row of a validated file, in bounded memory, and add it to the survey."""
    survey, reader = Survey() if survey is None else survey, context.reader
    with ThreadPoolExecutor(context.in_flight) as pool:
        for window in windows(reader.good_rows(stored.content, validation), WINDOW):
            survey.rows += len(window)
            for line, (row, _) in window:
                survey.warn(line, reader.warnings(row, stored.stored_at, context.exchange))
            current = find_all((row for _, (row, _) in window), context.book, pool)
            rule = reader.rule(statement for _, statement in window)
            for line, (row, _) in window:
                found = current.get(row.key)
                side = side_met(row, found, file, reader.may_turn, lambda: validation.self_traded)
                if side is not None:
                    survey.add(line, row, side, rule(row, side, file), file)
                elif found is not None and not is_self_traded(first_side_of(row), validation.self_traded):
                    survey.turn(found)
                    if reader.turns:  # it would correct the trade, if no file of another feed stated that
                        survey.odd.setdefault(BESIDE, [0, line])[0] += 1
    return survey


def reason_to_hold(
    survey: Survey, validation: FileValidation, file_day: date, context: ImportContext, *, first: bool
) -> str | None:
    """Return why a user must accept the file first; `first`: no version of its day is in the book."""
    if not validation.rows:
        return _reason_to_hold_an_empty_file(file_day, context) if first else None
    if survey.rows and not validation.own_rows and survey.elsewhere == survey.rows:
        return _stale_copy(validation, file_day, named_file=survey.from_own_files == survey.rows)
    if survey.clash and (survey.clashing == survey.rows or _are_many(survey.clashing, survey.rows, context)):
        line, day = survey.clash
        rows = f"{survey.clashing} of {survey.rows} rows have the id of a trade executed on another day"
        return f"{rows}, the first, on line {line}, that of a trade of {day}: does the exchange restart its ids?"
    if _are_many(survey.turned, survey.rows, context):
        return f"{survey.turned} of {survey.rows} rows have the other direction of a booked trade"
    if first and _are_many(survey.correcting, survey.rows, context):
        trades = f"{survey.correcting} trades of the files of other days"
        return f"it is the first file of its day, and would correct {trades}"
    return None


def _are_many(rows: int, of: int, context: ImportContext) -> bool:
    return rows > context.limits.bad_rows and rows * 100 > of * context.limits.bad_share_percent


def _stale_copy(validation: FileValidation, file_day: date, *, named_file: bool) -> str:
    days = validation.other_days
    if len(days) == 1 and named_file:
        [(day, rows)] = days
        executed, are = ("its only row was", "is") if rows == 1 else (f"all {rows} rows were", "are")
        return f"{executed} executed on {day} and {are} in the book from that day's file"
    named = ", ".join(f"{rows} on {day}" for day, rows in days[:DAYS_NAMED])
    more = " and other days" if len(days) > DAYS_NAMED else ""
    return f"no row was executed on {file_day}, and all are in the book already: {named}{more}"


def _reason_to_hold_an_empty_file(file_day: date, context: ImportContext) -> str | None:
    # There is no index by day of execution, so trades that deliver around the day are searched. The index may lag
    # behind a booking by a moment; no file confirms such a trade yet.
    for days in _DELIVERY:
        trades = _delivering_on(file_day + timedelta(days=days), context.book)
        if any(berlin_day(trade.executed_at) == file_day and context.reader.may_state(trade) for trade in trades):
            return f"it has no rows, and the book holds trades executed on {file_day}"
    return None


def _delivering_on(day: date, book: Book) -> Iterable[Trade]:
    mark = None
    while True:
        page = book.trades(None, day, _PAGE, mark)
        yield from page.trades
        mark = page.next_mark
        if mark is None:
            return
