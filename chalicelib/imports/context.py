"""What a run of the import works with, handed over as one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final

from chalicelib.common.clock import Clock
from chalicelib.feeds.store import FileStore, Lease, Receipts
from chalicelib.imports.validation import Limits
from chalicelib.notices.store import Outbox, Publisher
from chalicelib.trades.store import Book
from chalicelib.trades.warnings import ExchangeLimits

LEASE: Final = timedelta(minutes=2)
"""How long a run that died keeps others out; a living one prolongs it with every window of rows."""
IN_FLIGHT: Final = 8
"""Transactions under way at once."""


def unlimited() -> timedelta:
    """No limit of time: a run on one machine ends when it is done."""
    return timedelta.max


@dataclass(frozen=True, slots=True)
class ImportContext:
    """The collaborators of a run; `owner` names it in the lease, `time_left` is until its Lambda is ended."""

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

    def until(self) -> datetime:
        """When a lease taken or prolonged now runs out."""
        return self.clock.now() + LEASE

    @contextmanager
    def lease(self, file_day: date) -> Iterator[Lease]:
        """Hold the right to import a file day; raises ImportUnderWay where another run has it."""
        taken = self.receipts.begin(file_day, self.owner, self.clock.now(), self.until())
        try:
            yield taken
        finally:
            self.receipts.end(taken)
