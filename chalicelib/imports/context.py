"""The collaborators of an import run."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Final

from chalicelib.common.clock import Clock
from chalicelib.feeds.feed import BUILT_IN, DAILY, Feed, FeedKind, feed_of
from chalicelib.feeds.file_day import FileDay
from chalicelib.feeds.receipt import Receipt
from chalicelib.feeds.store import FileStore, Lease, Receipts
from chalicelib.imports.feed_files import keys_of
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


def daily_reader(_feed: Feed) -> FileReader:
    return DailyReader()


@dataclass(frozen=True, slots=True)
class ImportContext:
    """The collaborators of a run on one feed.

    `receipts`, `outbox` and `reader` are those of `feed`; `feeds` are all. `owner` is the run's name in leases,
    `time_left` the time until its Lambda ends.
    """

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
    feed: Feed = DAILY
    feeds: Sequence[Feed] = BUILT_IN
    reader_of: Callable[[Feed], FileReader] = daily_reader

    def of(self, feed: Feed) -> ImportContext:
        """Return the context of another feed."""
        if feed == self.feed:
            return self
        receipts, outbox = self.receipts.of(feed), self.outbox.of_feed(feed.name)
        return replace(self, feed=feed, receipts=receipts, outbox=outbox, reader=self.reader_of(feed))

    def of_file(self, file: FileDay) -> ImportContext:
        """Return the context of a file's feed, which may no longer be in the settings."""
        return self if file.feed == self.feed.name else self.of(feed_of(file.feed, self.feeds))

    def of_receipt(self, receipt: Receipt) -> ImportContext:
        """Return the context of a receipt's feed with the format in which its version was read."""
        return self.of(replace(self.of_file(receipt.file).feed, format=receipt.read_as))

    @property
    def of_trades(self) -> Sequence[ImportContext]:
        """The contexts of all feeds of trades."""
        return [self.of(feed) for feed in self.feeds if feed.kind is FeedKind.TRADES]

    def key(self, file_day: date) -> str:
        """Return the key of a day's file; of several that are there, the one stored last."""
        return self.keys([file_day])[file_day]

    def keys(self, file_days: Collection[date]) -> Mapping[date, str]:
        """Return the key of each day's file, as `key` does."""
        there = keys_of(self.feed, file_days, self.store)
        return {day: keys[-1] if keys else self.feed.key(day) for day, keys in there.items()}

    def never_imported(self, file_day: date, but: str) -> Sequence[str]:
        """Return the keys of a day in the bucket, `but` one, that no receipt is of."""
        if not self.feed.pattern.is_open:
            return ()
        imported = {but, *(receipt.key for receipt in self.receipts.versions(file_day))}
        return [key for key in keys_of(self.feed, [file_day], self.store)[file_day] if key not in imported]

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
