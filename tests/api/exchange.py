"""The exchange and its bucket: daily files delivered into the tables that the API reads."""

from __future__ import annotations

import io
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time

from chalicelib.feeds import bootstrap as feeds_bootstrap
from chalicelib.feeds.feed import file_name
from chalicelib.feeds.receipt import Receipt
from chalicelib.imports.context import ImportContext
from chalicelib.imports.polling import poll
from chalicelib.imports.service import import_daily_file
from chalicelib.notices import bootstrap as notices_bootstrap
from chalicelib.trades import bootstrap as trades_bootstrap
from tests.fakes import FakeClock, FakeFileStore, FakeNotices
from tests.fixtures.trades import FILE_DAY


@dataclass
class Exchange:
    """Files of one exchange; the book, the receipts and the outbox are those of the bootstraps."""

    store: FakeFileStore = field(default_factory=FakeFileStore)
    clock: FakeClock = field(default_factory=FakeClock)
    notices: FakeNotices = field(default_factory=FakeNotices)

    @property
    def desk(self) -> ImportContext:
        stores = (feeds_bootstrap.receipts(), notices_bootstrap.outbox(), self.notices, trades_bootstrap.book())
        return ImportContext(self.store, *stores, self.clock, owner="test", in_flight=1)

    def deliver(self, content: bytes, file_day: date = FILE_DAY) -> Receipt:
        """Put a version of a file and import it."""
        self.put(content, file_day)
        return import_daily_file(file_day, self.desk)

    def put(self, content: bytes, file_day: date = FILE_DAY) -> None:
        """Put a version of a file that nobody imports yet."""
        self.store.put(file_name(file_day), io.BytesIO(content))

    def look(self, day: date) -> None:
        """Look for the files at 08:00 in a Berlin winter, on that day."""
        morning = datetime.combine(day, time(7), UTC)
        poll(replace(self.desk, clock=FakeClock(morning)))
