"""Revisions: statements of a trade's terms by users and files."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from functools import lru_cache
from typing import Final, NamedTuple

from chalicelib.common.delivery import berlin_day
from chalicelib.common.names import DAILY_NAME
from chalicelib.common.timestamps import finer, instant, times_agree
from chalicelib.feeds.file_day import FileDay
from chalicelib.positions.model import NO_CHANGE, Change
from chalicelib.trades.model import Trade, trade_change
from chalicelib.trades.side import side_id

SLOWEST_POST: Final = timedelta(seconds=30)
"""The longest a post takes: API Gateway waits 29 seconds."""


class Posted(NamedTuple):
    """Stated over HTTP or at the command line; withdrawals of single trades have a reason."""

    user: str
    reason: str | None = None

    def as_json(self) -> dict[str, object]:
        return {"user": self.user} if self.reason is None else {"user": self.user, "reason": self.reason}


class FromFile(NamedTuple):
    """Stated by a line of a feed's file (the header is line 1)."""

    file_day: date
    version: int
    line: int
    feed: str = DAILY_NAME

    @property
    def file(self) -> FileDay:
        return FileDay(self.file_day, self.feed)

    def as_json(self) -> dict[str, object]:
        feed = {} if self.feed == DAILY_NAME else {"feed": self.feed}
        return {"file_day": self.file_day.isoformat(), "version": self.version, "line": self.line, **feed}

    def same_version(self, other: Source) -> bool:
        return isinstance(other, FromFile) and (other.file, other.version) == (self.file, self.version)

    def older_than(self, other: Source) -> bool:
        return isinstance(other, FromFile) and other.file == self.file and other.version > self.version


Source = Posted | FromFile


class Revision(NamedTuple):
    """One statement of a trade's terms; `number` counts from 1, `recorded_at` is `...Z` text."""

    trade: Trade
    number: int
    source: Source
    recorded_at: str
    withdrawn: bool = False
    """A withdrawn revision keeps the terms for the record and counts for nothing."""
    matched: FileDay | None = None
    """The leading file with these terms, if it is not the source."""
    noted: frozenset[FileDay] = frozenset()
    """The other files seen to hold the trade, with these terms or others."""
    coarse_time: str | None = None
    """The execution time as first stated, if a file had a finer one."""
    side: int = 1
    """2 for the other direction of a trade that was booked in one direction before."""
    restored_by: str | None = None
    """The user who put the trade back into the book with this revision."""

    @property
    def side_id(self) -> str:
        return side_id(self.trade.venue, self.trade.id, self.side)

    @property
    def counts(self) -> bool:
        """Whether it is part of its position."""
        return not self.withdrawn and self.trade.state.counts

    def as_json(self) -> dict[str, object]:
        return {**self.record(), "trade": self.trade.as_fields()}

    def record(self) -> dict[str, object]:
        """Return all of a revision except its trade."""
        return {
            "revision": self.number,
            "said_at": self.recorded_at,
            "source": self.source.as_json(),
            "matched_by": self.matched.text if self.matched else None,
            "withdrawn": self.withdrawn,
        }

    @property
    def change(self) -> Change:
        return trade_change(self.trade) if self.counts else NO_CHANGE

    @property
    def source_file(self) -> FileDay | None:
        return self.source.file if isinstance(self.source, FromFile) else None

    @property
    def leading(self) -> FileDay | None:
        """The leading file with these terms, if any."""
        return self.matched or self.source_file

    @property
    def withdrawn_by_hand(self) -> Posted | None:
        """The user who withdrew this trade alone, with the reason."""
        source = self.source
        return source if self.withdrawn and isinstance(source, Posted) and source.reason is not None else None

    @property
    def executed_on(self) -> date:
        """The day whose file is the trade's own."""
        return self.trade.own_day

    @property
    def file_days(self) -> frozenset[FileDay]:
        """Of all files that may hold the trade."""
        return self.seen_in | self.own_files | {FileDay(self.executed_on)}

    @property
    def own_files(self) -> frozenset[FileDay]:
        """The files of the day of execution, of the feeds that hold the trade."""
        return frozenset(FileDay(self.executed_on, file.feed) for file in self.seen_in)

    def is_led_by(self, file: FileDay) -> bool:
        """Check that a file overrules the others: the file of the trade's own day leads, else by `rank`.

        A correction over HTTP keeps the order of the files that have the trade; any of them restores a withdrawn one.
        """
        leading = self.leading
        others = {leading} if leading is not None else frozenset() if self.withdrawn else self.noted
        return self._outranks(file, others)

    def is_described_by(self, file: FileDay) -> bool:
        """Check that no other file that holds the trade outranks this one: then its remarks replace those booked.

        A file that only filled an empty field of a posted trade is its source, and may still be outranked.
        """
        return self._outranks(file, self.seen_in)

    def _outranks(self, file: FileDay, others: Iterable[FileDay]) -> bool:
        own = self.executed_on
        return all((file.day == own, file.rank) >= (other.day == own, other.rank) for other in others)

    def note(self, file: FileDay, row: Trade | None = None) -> Revision:
        """Note that a file holds the trade, and with a `row` of the same terms its finer execution time."""
        if row is None:
            return self._noting(file)
        leads = self.leading != file and self.is_led_by(file)
        noted = self._with_leader(file) if leads else self._noting(file)
        time = finer(self.trade.execution_time, row.execution_time)
        if time == self.trade.execution_time:
            return noted
        finer_trade = self.trade._replace(execution_time=time)
        return noted._replace(trade=finer_trade, coarse_time=self.coarse_time or self.trade.execution_time)

    def _with_leader(self, file: FileDay) -> Revision:
        before = {self.matched} if self.matched is not None else set()
        return self._replace(matched=file, noted=(self.noted | before) - {file})

    def _noting(self, file: FileDay) -> Revision:
        if file in {self.source_file, self.matched}:
            return self
        return self._replace(noted=self.noted | {file})

    def uses_id_of(self, row: Trade, file: FileDay) -> bool:
        """Check that a row of this file is another execution under the same id.

        A row of another execution day is a revision of this trade only if no other file stated it and the row was not
        executed on the file's own day: then the exchange moved the execution time.
        """
        executed = row.own_day
        if executed == self.executed_on or times_agree(self.trade.execution_time, row.execution_time):
            return False
        return executed == file.day or self.seen_in != {file}

    def states(self, trade: Trade) -> bool:
        """Check that a post repeats these terms; times must be equal as instants. Its state is not compared."""
        return not self.withdrawn and self.trade.has_terms_of(trade) and self.executed_at(trade)

    def executed_at(self, trade: Trade) -> bool:
        """Check that a post has the execution time, as it is or as first stated."""
        times = {self.trade.execution_time, self.coarse_time or self.trade.execution_time}
        return trade.execution_time in times or trade.executed_at in map(instant, times)

    def agrees_with(self, row: Trade) -> bool:
        """Check that a row repeats these terms; the finer time, cut or rounded, must be equal."""
        return not self.withdrawn and self.trade.agrees_with(row)

    def next(self, trade: Trade, source: Source, recorded_at: str) -> Revision:
        return Revision(trade, self.number + 1, source, recorded_at, noted=self.seen_in, side=self.side)

    def enriched(self, trade: Trade, source: Source, recorded_at: str) -> Revision:
        """Return the next revision, of the same terms: files that have them still do."""
        file = source.file if isinstance(source, FromFile) else None
        matched = None if file is not None and self.is_led_by(file) else self.leading
        same = instant(trade.execution_time) == self.trade.executed_at
        return self._replace(
            trade=trade,
            number=self.number + 1,
            source=source,
            recorded_at=recorded_at,
            matched=matched,
            noted=self.seen_in - {matched, file},
            coarse_time=self.coarse_time if same else self.coarse_time or self.trade.execution_time,
            restored_by=None,
        )

    def withdrawal(self, source: Source, recorded_at: str) -> Revision:
        return self.next(self.trade, source, recorded_at)._replace(withdrawn=True)

    def restored(self, number: int, user: str | None, recorded_at: str) -> Revision:
        """Return these terms, which were withdrawn, as the revision of this number; without a user, of an import."""
        return self._replace(number=number, recorded_at=recorded_at, restored_by=user)

    @property
    def in_no_file(self) -> bool:
        """Whether it was posted, and is in no daily file although those can state it."""
        return isinstance(self.source, Posted) and not self.seen_in and self.trade.in_v1_form

    @property
    def seen_in(self) -> frozenset[FileDay]:
        """Return the files that hold the trade, or held it."""
        return self.noted | {file for file in (self.source_file, self.matched) if file is not None}


def late_days(revisions: Iterable[Revision]) -> frozenset[date]:
    """Return the delivery days that were over, and whose own files do not have these new trades."""
    return frozenset(revision.trade.delivery_day for revision in revisions if _is_late(revision))


def _is_late(revision: Revision) -> bool:
    day, source = revision.trade.delivery_day, revision.source
    # The day may not wait for the files of other feeds. Those that it waits for end the mark with their receipt.
    awaited = isinstance(source, FromFile) and source.feed == DAILY_NAME and 0 <= (day - source.file_day).days <= 1
    return not awaited and day < _today(revision.recorded_at)


@lru_cache(maxsize=64)
def _today(recorded_at: str) -> date:
    """Return the Berlin date by which a revision is booked."""
    return berlin_day(instant(recorded_at) + SLOWEST_POST)
