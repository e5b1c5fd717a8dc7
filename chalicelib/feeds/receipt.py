"""Receipts of daily file versions: every row is accounted for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from chalicelib.common.errors import Problem
from chalicelib.common.names import DAILY_NAME
from chalicelib.feeds.feed import DAILY, Feed
from chalicelib.feeds.file_change import FileChange
from chalicelib.feeds.file_day import FileDay

RULES: Final = 3
"""The version of the validation rules; receipts without one were validated by version 1."""


class FileState(StrEnum):
    WAITING = "waiting"
    IMPORTING = "importing"
    IMPORTED = "imported"
    PROVISIONAL = "provisional"
    REJECTED = "rejected"
    HELD = "held"
    ABSENT = "absent"
    """A person accepted that there will be no file."""


BOOKED_STATES = frozenset({FileState.IMPORTED, FileState.PROVISIONAL})
"""All good rows are in the book."""


@dataclass(frozen=True, slots=True)
class QuarantinedRow:
    """An invalid row with every reason; the header is line 1."""

    line: int
    problems: tuple[Problem, ...]

    def as_json(self) -> dict[str, object]:
        problems = [{"field": problem.field, "message": problem.message} for problem in self.problems]
        return {"line": self.line, "problems": problems}

    @property
    def without_values(self) -> str:
        return f"line {self.line}: {self.problems_without_values}"

    @property
    def problems_without_values(self) -> str:
        """Return every reason without the values found: they may be a price, an id or a trader."""
        return "; ".join(str(problem).partition(", got ")[0] for problem in self.problems)


@dataclass(frozen=True, slots=True)
class Receipt:
    """One file version: once booked, rows = booked + already there + corrected + quarantined.

    While it is `importing`, the counts cover the rows up to line `progress`. `withdrawn` counts missing trades of an
    earlier version, which stay booked until `confirmed_at`. `standing_version` is the version in the book while this
    one is not (0: none), imported at `standing_at`.
    """

    file_day: date
    version: int
    state: FileState
    key: str
    sha256: str
    object_version: str
    rows: int = 0
    booked: int = 0
    already_there: int = 0
    corrected: int = 0
    quarantined: int = 0
    withdrawn: int = 0
    kept: int = 0
    """Missing trades that stay booked because of another file."""
    compared_with: str | None = None
    """The other files that decided between `withdrawn` and `kept`."""
    undecided_days: tuple[date, ...] = ()
    """Delivery days with unconfirmed withdrawals, except the two that need this file."""
    progress: int = 0
    ignored_columns: tuple[str, ...] = ()
    reason: str | None = None
    imported_at: str | None = None
    confirmed_at: str | None = None
    changed_before: bool = False
    """An earlier version corrected or withdrew trades."""
    standing_version: int = 0
    standing_at: str | None = None
    own_rows: int | None = None
    """Good rows executed on the file day; None if stored by an older release."""
    other_rows: int = 0
    """Good rows executed on other days."""
    early: bool = False
    """What is booked of this file day was stored before the day had ended."""
    warnings: tuple[str, ...] = ()
    accepted_at: str | None = None
    accepted_by: str | None = None
    """Who accepted the quarantined rows, or the day without a file."""
    rules: int = 1
    """The rules that validated this version (`RULES`)."""
    enriched: int = 0
    """Of the rows already there, those that stated fields that were not stated before."""
    format: str | None = None
    """The name of the format, unless it is the daily file's."""
    mapping: str | None = None
    """The name of the mapping file that describes the format."""
    feed: str = DAILY_NAME

    @property
    def file(self) -> FileDay:
        return FileDay(self.file_day, self.feed)

    @property
    def read_as(self) -> str:
        """The format of this version, as a feed names it."""
        return f"mapping:{self.mapping}" if self.mapping else self.format or DAILY.format

    @property
    def counts(self) -> dict[str, int]:
        names = ("rows", "booked", "already_there", "corrected", "withdrawn", "quarantined")
        return {name: getattr(self, name) for name in names}

    @property
    def changed(self) -> bool:
        return bool(self.corrected) or self.confirmed_at is not None or self.changed_before

    @property
    def unconfirmed(self) -> int:
        """Return how many trades are missing from this version and still booked, because nobody confirmed that."""
        return self.withdrawn if self.confirmed_at is None else 0

    @property
    def settled(self) -> bool:
        """Check that every row is booked or accepted, and every withdrawal confirmed."""
        booked = self.state in BOOKED_STATES and (not self.quarantined or self.accepted_at is not None)
        return (booked or self.state is FileState.ABSENT) and self.stands_for_its_day and not self.unconfirmed

    @property
    def good_rows(self) -> int:
        return self.rows - self.quarantined

    @property
    def has_no_good_row(self) -> bool:
        return bool(self.rows) and not self.good_rows

    @property
    def without_effect(self) -> bool:
        """Check whether the version may be validated again."""
        return self.has_no_good_row and not self.standing_version

    @property
    def stands_for_its_day(self) -> bool:
        """Check that at least half of the good rows were executed on the file day."""
        return self.own_rows is None or self.own_rows >= self.other_rows

    @property
    def is_empty(self) -> bool:
        return self.state is FileState.IMPORTED and not self.rows

    @property
    def awaited(self) -> bool:
        """Check whether a usable file is still expected, and so can be late."""
        too_early = self.early and not self.standing_version and self.state in {FileState.REJECTED, FileState.HELD}
        return self.state is FileState.WAITING or too_early or (self.state in BOOKED_STATES and not self.usable)

    @property
    def usable(self) -> bool:
        """Check whether a file stored after its day is booked or being imported, or is accepted as absent."""
        there = self.books_something or bool(self.standing_version)
        return self.state is FileState.ABSENT or (not self.early and there)

    @property
    def confirms_trades(self) -> bool:
        """Check whether a posted trade of this day that the file does not have is unconfirmed."""
        return self.usable and self.stands_for_its_day and self.state is not FileState.ABSENT

    @property
    def books_something(self) -> bool:
        """Check whether this version is booked or being imported, with a good row or as an empty file."""
        return self.state in {*BOOKED_STATES, FileState.IMPORTING} and not self.has_no_good_row

    @property
    def in_book(self) -> tuple[int, str | None]:
        """Return the version that is in the book (0: none), and when it was imported."""
        return (self.version, self.imported_at) if self.books_something else (self.standing_version, self.standing_at)

    @property
    def why_unusable(self) -> str | None:
        if self.state is FileState.WAITING:
            return self.reason
        return "it was stored before its day had ended" if self.early else "none of its rows is a valid trade"

    @property
    def what_to_know(self) -> tuple[str, ...]:
        """Return all warnings; they change no state of the receipt."""
        early = (f"{self.why_unusable}: store it again, whole",) if self.early and self.state in BOOKED_STATES else ()
        return (*early, *self.to_notify, *self._kept())

    @property
    def to_notify(self) -> tuple[str, ...]:
        """Return the warnings that other days' files will not resolve."""
        empty = ("the file is empty: a header and no rows",) if self.is_empty else ()
        return (*empty, *self._foreign_rows(), *self.warnings)

    def _foreign_rows(self) -> Iterator[str]:
        if not self.stands_for_its_day:
            yield few_own_rows(self.own_rows or 0, self.other_rows, self.file_day)

    def _kept(self) -> Iterator[str]:
        if self.kept:
            why = "another day's file has them, or their own is not imported"
            yield f"{counted(self.kept, 'trade')} missing from it and still booked: {why}"

    def reasons(self) -> Iterator[str]:
        """Yield why the delivery days that need this file are not complete."""
        of_feed = "" if self.feed == DAILY_NAME else f" of feed {self.feed}"
        file = f"the file{of_feed} of {self.file_day.day} {self.file_day:%b %Y}"
        if self.reason and self.state is FileState.ABSENT:
            yield self.reason
        if self.reason and self.state in _UNBOOKED:
            yield f"{file} {_UNBOOKED[self.state]}: {self.reason}"
        if self.early:
            yield f"{file} was stored before its day had ended"
        if self.is_empty:
            yield f"{file} is empty"
        if self.state in BOOKED_STATES:
            if self.unconfirmed:
                yield f"{counted(self.unconfirmed, 'trade')} missing from {file}, which nobody has confirmed"
            yield from (f"{file}: {warning}" for warning in (*self._foreign_rows(), *self._kept(), *self.warnings))

    @property
    def accounted_for(self) -> bool:
        return self.rows == self.booked + self.already_there + self.corrected + self.quarantined

    def as_json(self, quarantine: Iterable[QuarantinedRow], changes: Iterable[FileChange] = ()) -> dict[str, object]:
        extra = {
            "standing_version": 0 if self.state in BOOKED_STATES else self.standing_version,
            "changed_before": self.changed_before,
            "other_rows": self.other_rows,
            "kept": self.kept,
            "warnings": list(self.what_to_know),
            "accepted_at": self.accepted_at,
            "accepted_by": self.accepted_by,
            "feed": "" if self.feed == DAILY_NAME else self.feed,
            "enriched": self.enriched,
            "format": self.format,
            "mapping": self.mapping,
        }
        return {
            "file_day": self.file_day.isoformat(),
            "version": self.version,
            "state": self.state.value,
            "key": self.key,
            "sha256": self.sha256 or None,
            **self.counts,
            "quarantine": [row.as_json() for row in quarantine],
            "changes": [change.as_json() for change in changes],
            "ignored_columns": list(self.ignored_columns),
            "reason": self.reason,
            "imported_at": self.imported_at,
            "confirmed_at": self.confirmed_at,
            **{name: value for name, value in extra.items() if value},
        }


_UNBOOKED: Final = {FileState.HELD: "is held", FileState.REJECTED: "was rejected", FileState.WAITING: "is not whole"}


def few_own_rows(own: int, others: int, file_day: date) -> str:
    none = "its only row was not" if others == 1 else f"none of the {others} rows was"
    some = f"only {own} of {own + others} rows {'was' if own == 1 else 'were'}"
    return f"{some if own else none} executed on {file_day}"


def counted(number: int, noun: str) -> str:
    return f"1 {noun} is" if number == 1 else f"{number} {noun}s are"


def blank_receipt(file_day: date, state: FileState, reason: str, feed: Feed = DAILY) -> Receipt:
    """Return the receipt of a day without a file."""
    return Receipt(file_day, 0, state, feed.key(file_day), sha256="", object_version="", reason=reason, feed=feed.name)


def newly_covered(receipt: Receipt, before: Receipt | None, feed: Feed = DAILY) -> tuple[date, ...]:
    """Return the delivery days that need this file, if it is the first version in the book; else none.

    `before` is the newest receipt when the run began. Until now these days were not complete, so no trade of theirs
    was late, unless the day had been accepted without a file.
    """
    already_covered = before is not None and before.state in {*BOOKED_STATES, FileState.ABSENT} and before.usable
    if already_covered or receipt.standing_version or receipt.state not in BOOKED_STATES or not receipt.usable:
        return ()
    return feed.delivery_days(receipt.file_day)
