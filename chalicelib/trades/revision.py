"""What the book holds of a trade: its terms, which word on it this is, and who said so."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache
from typing import Final

from chalicelib.common.delivery import berlin_day
from chalicelib.common.timestamps import finer, instant, times_agree
from chalicelib.positions.model import NO_CHANGE, Change
from chalicelib.trades.model import Trade, trade_change

SLOWEST_POST: Final = timedelta(seconds=30)
"""Within which a posted trade is booked: API Gateway waits 29 seconds."""


@dataclass(frozen=True, slots=True)
class Posted:
    """Said over HTTP or at the command line, by this user."""

    user: str

    def as_json(self) -> dict[str, object]:
        """Give the source as the API and the CLI show it."""
        return {"user": self.user}


@dataclass(frozen=True, slots=True)
class FromFile:
    """Said by the exchange: the version of the daily file and the line in it (the header is line 1)."""

    file_day: date
    version: int
    line: int

    def as_json(self) -> dict[str, object]:
        """Give the source as the API and the CLI show it."""
        return {"file_day": self.file_day.isoformat(), "version": self.version, "line": self.line}

    def same_version(self, other: Source) -> bool:
        """Tell whether the other word stands in the very same version of the same file."""
        return isinstance(other, FromFile) and (other.file_day, other.version) == (
            self.file_day,
            self.version,
        )

    def older_than(self, other: Source) -> bool:
        """Tell whether the other word stands in a newer version of the same file."""
        return isinstance(other, FromFile) and other.file_day == self.file_day and other.version > self.version


Source = Posted | FromFile


@dataclass(frozen=True, slots=True)
class Revision:
    """One statement of a trade's terms: `number` counts from 1, `said_at` is the `...Z` text of when the book took it.

    A `withdrawn` one says that the trade no longer stands: it keeps its terms for the record and counts for nothing.
    `matched` is the day of the leading daily file that says the same of a trade that was posted, or that another
    file stated first; None where there is none. `noted` are all file days whose file was seen to hold the trade,
    with these terms or others. `coarse_time` is the execution time as first stated, where a file had a finer one.
    """

    trade: Trade
    number: int
    source: Source
    said_at: str
    withdrawn: bool = False
    matched: date | None = None
    noted: frozenset[date] = frozenset()
    coarse_time: str | None = None

    def as_json(self) -> dict[str, object]:
        """Return the revision as the API and the CLI show it."""
        return {
            "revision": self.number,
            "said_at": self.said_at,
            "source": self.source.as_json(),
            "matched_by": self.matched.isoformat() if self.matched else None,
            "withdrawn": self.withdrawn,
            "trade": self.trade.as_fields(),
        }

    @property
    def change(self) -> Change:
        """What this revision adds to its position."""
        return NO_CHANGE if self.withdrawn else trade_change(self.trade)

    @property
    def source_day(self) -> date | None:
        """The file day of the file that stated this revision; None for a post."""
        return self.source.file_day if isinstance(self.source, FromFile) else None

    @property
    def file_day(self) -> date | None:
        """The day of the leading daily file that says so; None where no file does."""
        return self.matched or self.source_day

    @property
    def executed_on(self) -> date:
        """The Berlin day of execution, whose daily file is the trade's own."""
        return self.trade.own_day

    @property
    def file_days(self) -> frozenset[date]:
        """All days whose file may hold the trade: its own, that of its source, and those noted on it."""
        return self.noted | {day for day in (self.executed_on, self.source_day, self.matched) if day is not None}

    def is_led_by(self, file_day: date) -> bool:
        """Check whether this day's file leads over the one that states the trade now.

        A trade's own file leads over all others; of the others the later one leads.
        """
        own, leading = self.executed_on, self.file_day
        return leading is None or (file_day == own, file_day) >= (leading == own, leading)

    def note(self, file_day: date, row: Trade | None = None) -> Revision:
        """Return this revision with a note that the file of this day holds the trade, and leads where it does.

        `row` has the same terms in that file; where its execution time is the finer one, it is kept. The same again
        changes nothing.
        """
        if row is None:
            return self._noting(file_day)
        leads = self.file_day != file_day and self.is_led_by(file_day)
        noted = self._with_leader(file_day) if leads else self._noting(file_day)
        time = finer(self.trade.execution_time, row.execution_time)
        if instant(time) == self.trade.executed_at:
            return noted
        finer_trade = replace(self.trade, execution_time=time)
        return replace(noted, trade=finer_trade, coarse_time=self.coarse_time or self.trade.execution_time)

    def _with_leader(self, file_day: date) -> Revision:
        before = {self.matched} if self.matched is not None else set()
        return replace(self, matched=file_day, noted=(self.noted | before) - {file_day})

    def _noting(self, file_day: date) -> Revision:
        if file_day in {self.source_day, self.matched}:
            return self
        return replace(self, noted=self.noted | {file_day})

    def uses_id_of(self, row: Trade, file_day: date) -> bool:
        """Check whether a row of this day's file is another execution under the same id, and no word on this trade.

        A row never corrects a trade that was executed on another day, unless the same file and no other stated that
        trade and the row was not executed on the file's own day: then the exchange moved the time of execution.
        """
        executed = row.own_day
        if executed == self.executed_on or times_agree(self.trade.execution_time, row.execution_time):
            return False
        return executed == file_day or self._seen_in() != {file_day}

    def says(self, trade: Trade) -> bool:
        """Check whether the trade stands with those terms: posted times must be equal as instants."""
        if self.withdrawn:
            return False
        as_posted = replace(self.trade, execution_time=self.coarse_time) if self.coarse_time else self.trade
        return self.trade.same_terms(trade) or as_posted.same_terms(trade)

    def agrees_with(self, row: Trade) -> bool:
        """Check whether the trade stands with the terms of a file's row: the finer time, cut or rounded, is equal."""
        return not self.withdrawn and self.trade.agrees_with(row)

    def next(self, trade: Trade, source: Source, said_at: str) -> Revision:
        """Return the revision that follows this one."""
        return Revision(trade, self.number + 1, source, said_at, noted=self._seen_in())

    def withdrawal(self, source: Source, said_at: str) -> Revision:
        """Return the revision that takes this one back."""
        return Revision(self.trade, self.number + 1, source, said_at, withdrawn=True, noted=self._seen_in())

    def _seen_in(self) -> frozenset[date]:
        return self.noted | {day for day in (self.source_day, self.matched) if day is not None}


def late_days(revisions: Iterable[Revision]) -> frozenset[date]:
    """Return the delivery days to which these new trades come late: it is over, and none of its own files has them.

    Until a day is over its state claims nothing, and while its own files are imported their receipts say so.
    """
    return frozenset(revision.trade.delivery_day for revision in revisions if _is_late(revision))


def _is_late(revision: Revision) -> bool:
    day, source = revision.trade.delivery_day, revision.source
    if isinstance(source, FromFile) and timedelta() <= day - source.file_day <= timedelta(days=1):
        return False
    return day < _today(revision.said_at)


@lru_cache(maxsize=64)
def _today(said_at: str) -> date:
    """Return the Berlin date on which what was recorded then is in the book at the latest; a file has one instant."""
    return berlin_day(instant(said_at) + SLOWEST_POST)
