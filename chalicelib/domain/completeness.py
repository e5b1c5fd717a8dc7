"""Completeness: whether a delivery day's numbers can be trusted, from the receipts of the files it needs."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from chalicelib.domain.delivery import berlin_day
from chalicelib.domain.receipt import Receipt


class State(StrEnum):
    """From least to most: can the day still change, is something missing, or does it stand."""

    OPEN = "open"
    MISSING = "missing"
    PROVISIONAL = "provisional"
    COMPLETE = "complete"
    CORRECTED = "corrected"


LEAST_TRUSTED_FIRST: Final = (State.MISSING, State.OPEN, State.PROVISIONAL, State.CORRECTED, State.COMPLETE)
"""Which state speaks for several days: what is missing should be there, what is open is only not over yet."""
FINAL: Final = frozenset({State.COMPLETE, State.CORRECTED})
"""All that the exchange said is in the book; anything else is never shown as if it were."""


@dataclass(frozen=True, slots=True)
class Completeness:
    """How whole the data behind one or more delivery days is.

    `quarantined` counts the quarantined rows of each file day that has any; `newest_import` is `...Z` text.
    """

    state: State
    missing_files: tuple[date, ...] = ()
    provisional_files: tuple[date, ...] = ()
    quarantined: Mapping[date, int] = field(default_factory=dict)
    newest_import: str | None = None

    @property
    def quarantined_rows(self) -> int:
        """The quarantined rows of all the files."""
        return sum(self.quarantined.values())

    def as_json(self) -> dict[str, object]:
        """Give it as the API and the CLI show it."""
        return {
            "state": self.state.value,
            "missing_files": [day.isoformat() for day in self.missing_files],
            "provisional_files": [day.isoformat() for day in self.provisional_files],
            "quarantined_rows": self.quarantined_rows,
            "newest_import": self.newest_import,
        }


def files_needed(delivery_day: date) -> tuple[date, date]:
    """The file days whose trades deliver on that day: intraday trading opens the day before."""
    return (delivery_day - timedelta(days=1), delivery_day)


def completeness(delivery_day: date, receipts: Mapping[date, Receipt], now: datetime) -> Completeness:
    """Judge a delivery day by the newest receipts of its file days, at this instant."""
    today = berlin_day(now)
    needed = files_needed(delivery_day)
    held = [receipts[day] for day in needed if day in receipts]
    usable = [receipt for receipt in held if receipt.usable]
    there = {receipt.file_day for receipt in usable}
    missing = tuple(day for day in needed if day not in there and day < today)
    return Completeness(
        state=_state(usable, still_open=today <= delivery_day, missing=bool(missing)),
        missing_files=missing,
        provisional_files=tuple(receipt.file_day for receipt in usable if not receipt.settled),
        quarantined={receipt.file_day: receipt.quarantined for receipt in held if receipt.quarantined},
        newest_import=_newest(receipt.imported_at or receipt.standing_at for receipt in usable),
    )


def overall(days: Collection[Completeness]) -> Completeness:
    """Judge several delivery days (at least one) as one: the least trusted speaks, each file counts once."""
    return Completeness(
        state=min((day.state for day in days), key=LEAST_TRUSTED_FIRST.index),
        missing_files=tuple(sorted({file for day in days for file in day.missing_files})),
        provisional_files=tuple(sorted({file for day in days for file in day.provisional_files})),
        quarantined={file: rows for day in days for file, rows in day.quarantined.items()},
        newest_import=_newest(day.newest_import for day in days),
    )


def _newest(instants: Iterable[str | None]) -> str | None:
    return max(filter(None, instants), default=None)


def _state(receipts: list[Receipt], *, still_open: bool, missing: bool) -> State:
    if still_open:
        return State.OPEN
    if missing:
        return State.MISSING
    if any(not receipt.settled for receipt in receipts):
        return State.PROVISIONAL
    if any(receipt.changed for receipt in receipts):
        return State.CORRECTED
    return State.COMPLETE
