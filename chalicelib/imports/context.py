"""The collaborators of an import run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Final

from chalicelib.common.clock import Clock
from chalicelib.feeds.store import FileStore, Lease, Receipts
from chalicelib.imports.file_reader import DailyReader, FileReader
from chalicelib.imports.validation import Limits
from chalicelib.notices.store import Outbox, Publisher
from chalicelib.trades.store import Book
from chalicelib.trades.warnings import ExchangeLimits

LEASE: Final = timedelta(minutes=2)
"""How long a run that died blocks others; a running one prolongs its lease with every window of rows."""
IN_FLIGHT: Final = 8
"""Transactions in flight at once."""


def unlimited() -> timedelta:
    return timedelta.max


@dataclass(frozen=True, slots=True)
class ImportContext:
    """The collaborators of a run: `owner` is its name in leases, `time_left` the time until its Lambda ends."""

    store: FileStore
    receipts: Receipts
    outbox: Outbox
    notices: Publisher
    book: Book
    clock: Clock
    owner: str
    time_left: Callable[[], timedelta] = unlimited
    limits: Limits = field(default_factory=Limits)
    exchange: ExchangeLimits = field(default_factory=ExchangeLimits)
    in_flight: int = IN_FLIGHT
    reader: FileReader = field(default_factory=DailyReader)

    def until(self) -> datetime:
        """Return when a lease that begins now expires."""
        return self.clock.now() + LEASE

    def file_limits(self) -> Limits:
        """Return the limits with the accepted footers."""
        return replace(self.limits, footers=self.limits.footers | self.receipts.footers())

    @contextmanager
    def lease(self, file_day: date) -> Iterator[Lease]:
        """Hold the lease of a file day; raises ImportUnderWay."""
        lease = self.receipts.acquire(file_day, self.owner, self.clock.now(), self.until())
        try:
            yield lease
        finally:
            self.receipts.release(lease)
