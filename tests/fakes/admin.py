"""The scan of the whole book in memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from chalicelib.admin.store import TradeHistory
from chalicelib.feeds.file_day import FileDay
from chalicelib.positions.model import Change, Position, PositionKey
from chalicelib.trades.side import name_and_side
from tests.fakes.feeds import FakeReceipts
from tests.fakes.trades import FakeBook


class FakeLedger:
    """The whole of a fake book, read through."""

    def __init__(self, book: FakeBook, receipts: FakeReceipts) -> None:
        self._book, self._receipts = book, receipts
        self.price_faults: list[str] = []

    def trades(self) -> Iterator[TradeHistory]:
        for name, words in sorted(self._book.words.items(), key=lambda side: name_and_side(side[0])):
            yield TradeHistory(name, list(words), words[-1], found_by=True)

    def positions(self) -> Iterator[Position]:
        yield from (Position(key, change) for key, change in self._book.held.items())

    def file_days(self) -> Sequence[FileDay]:
        of_feeds = self._receipts.feeds.items()
        held = [(FileDay(day, feed), held) for feed, receipts in of_feeds for day, held in receipts.days.items()]
        return sorted(file for file, each in held if each.newest is not None)

    def faulty_prices(self) -> Iterator[str]:
        yield from self.price_faults

    def mend(self, key: PositionKey, old: Change | None, new: Change, by: str) -> bool:
        if self._book.held.get(key) != old:
            return False
        self._book.held[key] = new
        return True
