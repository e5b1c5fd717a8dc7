"""Completeness: how far the numbers of delivery days can be trusted."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final, NamedTuple

from chalicelib.common.delivery import berlin_day
from chalicelib.feeds.day_mark import UNMARKED, DayMark
from chalicelib.feeds.feed import DAILY, Feed
from chalicelib.feeds.receipt import FileState, Receipt


class State(StrEnum):
    OPEN = "open"
    MISSING = "missing"
    PROVISIONAL = "provisional"
    COMPLETE = "complete"
    CORRECTED = "corrected"


LEAST_TRUSTED_FIRST: Final = (State.MISSING, State.OPEN, State.PROVISIONAL, State.CORRECTED, State.COMPLETE)
"""The state of several days is the first of these; a missing file is worse than a day that is not over."""
FINAL: Final = frozenset({State.COMPLETE, State.CORRECTED})
"""All trades of the exchange's files are in the book."""

IMPORT_RUNNING: Final = "an import is running"
TRADE_ADDED: Final = "a trade was booked after the day was complete"


class FeedReceipts(NamedTuple):
    """The newest receipts of a feed that delivery days wait for, by file day."""

    feed: Feed
    receipts: Mapping[date, Receipt]


class NeededFile(NamedTuple):
    feed: str
    file_day: date
    state: str
    """That of its receipt, or `missing` or `expected`."""

    def as_json(self) -> dict[str, object]:
        return {"feed": self.feed, "file_day": self.file_day.isoformat(), "state": self.state}


class Completeness(NamedTuple):
    """How far a delivery day can be trusted: as far as its least complete required feed.

    `missing_files`, `provisional_files` and `quarantined` are those of the daily file. `feeds` has the files of all
    required feeds, if there is more than the daily one.
    """

    state: State
    missing_files: tuple[date, ...] = ()
    provisional_files: tuple[date, ...] = ()
    quarantined: Mapping[date, int] = MappingProxyType({})
    """Rows by file day."""
    newest_import: str | None = None
    reasons: tuple[str, ...] = ()
    """Why the state is what it is, where files and rows do not show it."""
    feeds: tuple[NeededFile, ...] = ()

    @property
    def quarantined_rows(self) -> int:
        return sum(self.quarantined.values())

    def as_json(self, *, feeds: bool = False) -> dict[str, object]:
        shown = [file.as_json() for file in self.feeds] if feeds else []
        return {
            "state": self.state.value,
            "missing_files": [day.isoformat() for day in self.missing_files],
            "provisional_files": [day.isoformat() for day in self.provisional_files],
            "quarantined_rows": self.quarantined_rows,
            "newest_import": self.newest_import,
            **({"reasons": list(self.reasons)} if self.reasons else {}),
            **({"feeds": shown} if shown else {}),
        }

    def read_while_it_changed(self) -> Completeness:
        """Return the completeness of numbers that changed at each read, never final."""
        if self.state is State.OPEN or IMPORT_RUNNING in self.reasons:
            return self
        state = State.PROVISIONAL if self.state in FINAL else self.state
        return self._replace(state=state, reasons=(IMPORT_RUNNING, *self.reasons))


def files_needed(delivery_day: date) -> tuple[date, ...]:
    """Return the days of the daily files with trades of that day: trading opens the day before."""
    return DAILY.needed(delivery_day)


def completeness(
    delivery_day: date,
    receipts: Mapping[date, Receipt],
    now: datetime,
    mark: DayMark = UNMARKED,
    first_day: date | None = None,
    *,
    daily: Feed = DAILY,
    others: Sequence[FeedReceipts] = (),
) -> Completeness:
    """Return the completeness of a delivery day from the newest receipts of its file days and its mark.

    `first_day` is the first file day of the book: the daily file of the day before it is not missing. `others` are the
    other required feeds.
    """
    today = berlin_day(now)
    of_daily = _of_daily(delivery_day, FeedReceipts(daily, receipts), today, mark, first_day)
    if not others:
        return of_daily
    files = [file for feed in others for file in _files(delivery_day, feed)]
    of_all = [*_files(delivery_day, FeedReceipts(daily, receipts)), *files]
    of_daily = of_daily._replace(feeds=tuple(file.shown(today) for file in of_all))
    if of_daily.state is State.OPEN:
        return of_daily
    reasons = [reason for file in files for reason in file.reasons(today)]
    states = [of_daily.state, *(file.state for file in files if file.receipt is not None or file.day < today)]
    return of_daily._replace(
        state=min(states, key=LEAST_TRUSTED_FIRST.index),
        newest_import=_newest([of_daily.newest_import, *(file.imported_at for file in files)]),
        reasons=tuple(dict.fromkeys([*of_daily.reasons, *reasons])),
    )


class _File(NamedTuple):
    feed: Feed
    day: date
    receipt: Receipt | None

    @property
    def state(self) -> State:
        receipt = self.receipt
        if receipt is None or not receipt.usable:
            return State.MISSING
        if not receipt.settled:
            return State.PROVISIONAL
        return State.CORRECTED if receipt.changed else State.COMPLETE

    @property
    def imported_at(self) -> str | None:
        return (self.receipt.imported_at or self.receipt.standing_at) if self.receipt else None

    def reasons(self, today: date) -> Iterator[str]:
        name = f"the file of feed {self.feed.name} of {self.day.day} {self.day:%b %Y}"
        if self.state is State.MISSING and self.day < today:
            yield f"{name} is missing"
        if self.receipt is None:
            return
        if self.receipt.state is FileState.IMPORTING:
            yield IMPORT_RUNNING
        if self.state is State.PROVISIONAL and self.receipt.quarantined:
            rows = "a row" if self.receipt.quarantined == 1 else f"{self.receipt.quarantined} rows"
            yield f"{name} has {rows} in quarantine"
        yield from self.receipt.reasons()

    def shown(self, today: date) -> NeededFile:
        absent = "missing" if self.day < today else "expected"
        return NeededFile(self.feed.name, self.day, self.receipt.state.value if self.receipt else absent)


def _files(delivery_day: date, feed: FeedReceipts) -> list[_File]:
    return [_File(feed.feed, day, feed.receipts.get(day)) for day in feed.feed.needed(delivery_day)]


def _of_daily(
    delivery_day: date, feed: FeedReceipts, today: date, mark: DayMark, first_day: date | None
) -> Completeness:
    needed, receipts = feed.feed.needed(delivery_day), feed.receipts
    present = [receipts[day] for day in needed if day in receipts]
    usable = [receipt for receipt in present if receipt.usable]
    usable_days = {receipt.file_day for receipt in usable}
    absent = tuple(day for day in needed if day not in usable_days and day < today)
    missing = absent if delivery_day != first_day else tuple(day for day in absent if day == delivery_day)
    changed = bool(mark.changed_at or mark.added_at) or any(receipt.changed for receipt in usable)
    state = State.CORRECTED if changed else State.COMPLETE
    if absent or mark.running or mark.undecided or any(not receipt.settled for receipt in usable):
        state = State.PROVISIONAL
    if missing:
        state = State.MISSING
    if today <= delivery_day:
        state = State.OPEN
    running = bool(mark.running) or any(receipt.state is FileState.IMPORTING for receipt in present)
    begins = absent[0] if absent and not missing else None
    return Completeness(
        state=state,
        missing_files=missing,
        provisional_files=tuple(receipt.file_day for receipt in usable if not receipt.settled),
        quarantined={receipt.file_day: receipt.quarantined for receipt in present if receipt.quarantined},
        newest_import=_newest(receipt.imported_at or receipt.standing_at for receipt in usable),
        reasons=tuple(_reasons(state, mark, begins, present, running=running)),
    )


def overall(days: Collection[Completeness]) -> Completeness:
    """Return the completeness of several days (at least one), with the least trusted state."""
    return Completeness(
        state=min((day.state for day in days), key=LEAST_TRUSTED_FIRST.index),
        missing_files=tuple(sorted({file for day in days for file in day.missing_files})),
        provisional_files=tuple(sorted({file for day in days for file in day.provisional_files})),
        quarantined={file: rows for day in days for file, rows in day.quarantined.items()},
        newest_import=_newest(day.newest_import for day in days),
        reasons=tuple(dict.fromkeys(reason for day in days for reason in day.reasons)),
        feeds=tuple(dict.fromkeys(file for day in days for file in day.feeds)),
    )


def _newest(instants: Iterable[str | None]) -> str | None:
    return max(filter(None, instants), default=None)


def _reasons(
    state: State, mark: DayMark, begins: date | None, receipts: Sequence[Receipt], *, running: bool
) -> Iterator[str]:
    if state is State.OPEN:  # it claims nothing that needs a reason
        return
    if running:
        yield IMPORT_RUNNING
    if begins is not None:
        yield f"the book begins here: there is no file of {begins.day} {begins:%b %Y}"
    for receipt in receipts:
        yield from receipt.reasons()
    for day, feed in sorted(mark.undecided):
        of_feed = "" if feed == DAILY.name else f"feed {feed} of "
        yield f"trades missing from the file of {of_feed}{day.day} {day:%b %Y}, which nobody has confirmed"
    if state is State.CORRECTED and mark.added_at is not None:
        yield TRADE_ADDED
