"""Completeness: how far the numbers of delivery days can be trusted."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final, NamedTuple

from chalicelib.common.delivery import berlin_day
from chalicelib.feeds.day_mark import UNMARKED, DayMark
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


class Completeness(NamedTuple):
    state: State
    missing_files: tuple[date, ...] = ()
    provisional_files: tuple[date, ...] = ()
    quarantined: Mapping[date, int] = MappingProxyType({})
    """Rows by file day."""
    newest_import: str | None = None
    reasons: tuple[str, ...] = ()
    """Why the state is what it is, where files and rows do not show it."""

    @property
    def quarantined_rows(self) -> int:
        return sum(self.quarantined.values())

    def as_json(self) -> dict[str, object]:
        return {
            "state": self.state.value,
            "missing_files": [day.isoformat() for day in self.missing_files],
            "provisional_files": [day.isoformat() for day in self.provisional_files],
            "quarantined_rows": self.quarantined_rows,
            "newest_import": self.newest_import,
            **({"reasons": list(self.reasons)} if self.reasons else {}),
        }

    def read_while_it_changed(self) -> Completeness:
        """Return the completeness of numbers that changed at each read, never final."""
        if self.state is State.OPEN or IMPORT_RUNNING in self.reasons:
            return self
        state = State.PROVISIONAL if self.state in FINAL else self.state
        return self._replace(state=state, reasons=(IMPORT_RUNNING, *self.reasons))


def files_needed(delivery_day: date) -> tuple[date, date]:
    """Return the file days with trades of that day: trading opens the day before."""
    return (delivery_day - timedelta(days=1), delivery_day)


def completeness(
    delivery_day: date,
    receipts: Mapping[date, Receipt],
    now: datetime,
    mark: DayMark = UNMARKED,
    first_day: date | None = None,
) -> Completeness:
    """Return the completeness of a delivery day from the newest receipts of its file days and its mark.

    `first_day` is the first file day of the book: the file of the day before it is not missing.
    """
    today = berlin_day(now)
    needed = files_needed(delivery_day)
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
    for day, _ in sorted(mark.undecided):
        yield f"trades missing from the file of {day.day} {day:%b %Y}, which nobody has confirmed"
    if state is State.CORRECTED and mark.added_at is not None:
        yield TRADE_ADDED
