"""Imports in a process of its own that correct two delivery days together; each waits for a line of input."""

from __future__ import annotations

import io
import sys
from datetime import UTC, date, datetime

from chalicelib.feeds import bootstrap as feeds_bootstrap
from chalicelib.feeds.feed import file_name
from chalicelib.imports.context import ImportContext
from chalicelib.imports.service import import_daily_file
from chalicelib.notices import bootstrap as notices_bootstrap
from chalicelib.trades import bootstrap as trades_bootstrap
from chalicelib.trades.model import FIELDS, Trade
from tests.fakes.clock import FakeClock
from tests.fakes.feeds import FakeFileStore
from tests.fakes.notices import FakeNotices
from tests.fixtures.trades import trade

EVE, FIRST, SECOND = (date(2023, 2, day) for day in (19, 20, 21))
AFTER = datetime(2023, 2, 25, 12, tzinfo=UTC)
TRADES = 12
"""Of each day."""


def of_file(file_day: date, price: int) -> list[Trade]:
    """Return the trades of a file, which deliver on its day and the next, all at one price."""
    days = (FIRST, SECOND) if file_day == FIRST else (date(2023, 3, 1),)
    return [
        trade(
            f"{file_day} {day} {number}",
            price=price,
            direction="sell",
            delivery_day=day.isoformat(),
            delivery_hour=number,
            trader_id=f"trader_{number % 3}",
            execution_time=f"{file_day}T10:00:00Z",
        )
        for day in days
        for number in range(TRADES)
    ]


def content_of(trades: list[Trade]) -> io.BytesIO:
    """Return a daily file."""
    rows = [",".join(str(value) for value in one.as_fields().values()) for one in trades]
    return io.BytesIO("\n".join([",".join(FIELDS), *rows, ""]).encode())


def main() -> None:
    """Import each file once, and that of the first day at a higher price with each line of input."""
    store = FakeFileStore()
    clock, notices = FakeClock(AFTER), FakeNotices()
    desk = ImportContext(
        store,
        feeds_bootstrap.receipts(),
        notices_bootstrap.outbox(),
        notices,
        trades_bootstrap.book(),
        clock,
        "corrector",
        in_flight=4,
    )

    def deliver(file_day: date, price: int) -> None:
        store.put(file_name(file_day), content_of(of_file(file_day, price)))
        import_daily_file(file_day, desk)
        print(price, flush=True)  # noqa: T201 - the test reads it

    for file_day in (EVE, SECOND, FIRST):
        deliver(file_day, 1)
    for price, _ in enumerate(sys.stdin, 2):
        deliver(FIRST, price)


if __name__ == "__main__":
    main()
