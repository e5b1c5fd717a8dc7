"""The exchange and its bucket: daily files delivered into the tables that the API reads."""

from __future__ import annotations

import io
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time

from chalicelib import wiring
from chalicelib.domain.daily_file import file_name
from chalicelib.domain.receipt import Receipt
from chalicelib.services.desk import Desk
from chalicelib.services.importing import import_daily_file
from chalicelib.services.watching import look
from tests.fakes import FakeClock, FakeFileStore, FakeNotices
from tests.trades import FILE_DAY


@dataclass
class Exchange:
    """Files of one exchange; the book, the receipts and the outbox are those of the wiring."""

    store: FakeFileStore = field(default_factory=FakeFileStore)
    clock: FakeClock = field(default_factory=FakeClock)
    notices: FakeNotices = field(default_factory=FakeNotices)

    @property
    def desk(self) -> Desk:
        stores = (wiring.receipts(), wiring.outbox(), self.notices, wiring.book())
        return Desk(self.store, *stores, self.clock, owner="test", in_flight=1)

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
        look(replace(self.desk, clock=FakeClock(morning)))
