"""Completeness: whether a delivery day's numbers can be trusted, from the receipts of the files it needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from chalicelib.domain.delivery import berlin_day
from chalicelib.domain.receipt import Receipt


class State(StrEnum):
    """From least to most: can the day still change, is something missing, or does it stand."""

    OPEN = "open"
    MISSING = "missing"
    PROVISIONAL = "provisional"
    COMPLETE = "complete"
    CORRECTED = "corrected"


@dataclass(frozen=True, slots=True)
class Completeness:
    """How whole the data behind a delivery day is; `newest_import` is `...Z` text."""

    state: State
    missing_files: tuple[date, ...]
    quarantined_rows: int
    newest_import: str | None


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
        quarantined_rows=sum(receipt.quarantined for receipt in held),
        newest_import=max(
            filter(None, (receipt.imported_at or receipt.standing_at for receipt in usable)), default=None
        ),
    )


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
