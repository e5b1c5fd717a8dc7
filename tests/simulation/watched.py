"""The book and the receipts of the contract suite, telling what was written since somebody looked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from chalicelib.feeds.feed import Feed
from chalicelib.feeds.file_day import FileDay
from chalicelib.feeds.receipt import BOOKED_STATES, FileState, Receipt
from chalicelib.feeds.store import Lease
from chalicelib.notices.model import Notice
from chalicelib.positions.model import NO_CHANGE, Change, Position, PositionKey, joined
from chalicelib.trades.revision import Revision
from tests.fakes.feeds import FakeReceipts
from tests.fakes.notices import FakeOutbox
from tests.fakes.trades import FakeBook


class WatchedBook(FakeBook):
    """The book of the contract suite, telling what was touched since somebody looked; positions are kept in parts."""

    def __init__(self, part: Callable[[], int]) -> None:
        super().__init__()
        self.touched: set[str] = set()
        self.moved: list[PositionKey] = []
        self.parts: dict[date, dict[str, Change]] = {}
        """By delivery day and by the text of their keys, as tables keep them."""
        self._part = part

    def _move(self, revision: Revision, sign: int) -> PositionKey:
        key = super()._move(revision, sign)
        self.moved.append(key)
        self.touched.add(revision.side_id)
        parts, text = self.parts.setdefault(key.delivery_day, {}), key.part_text(self._part())
        parts[text] = parts.get(text, NO_CHANGE) + (revision.change if sign > 0 else -revision.change)
        return key

    def positions(self, delivery_day: date, trader_id: str | None) -> Sequence[Position]:
        found = self.joined(delivery_day)
        return [position for position in found if trader_id in {None, position.key.trader_id}]

    def joined(self, day: date) -> Sequence[Position]:
        """Return the positions of a day, each as the sum of its parts."""
        parts = self.parts.get(day, {}).items()
        return joined(Position(PositionKey.of_text(day, text), change) for text, change in parts)


@dataclass(slots=True)
class Watch:
    """What happened to the receipts of all feeds."""

    saved: dict[FileDay, None] = field(default_factory=dict)
    """Since somebody looked, in the order in which they were saved."""
    missed: set[tuple[FileDay, int]] = field(default_factory=set)
    """Versions that ever were without a booked trade."""
    judged: Callable[[Receipt], None] = lambda _: None
    """Called with a version that is held or about to be booked, before that is written."""
    began: Callable[[FileDay], None] = lambda _: None
    """Called as a version of a file begins to be booked."""
    ended: Callable[[Receipt], None] = lambda _: None
    """Called with a version that was booked just now."""


class WatchedReceipts(FakeReceipts):
    """The receipts of the contract suite, telling which were saved since somebody looked."""

    def __init__(self, outbox: FakeOutbox | None = None) -> None:
        super().__init__(outbox)
        self.watch = Watch()

    def of(self, feed: Feed) -> FakeReceipts:
        scoped = super().of(feed)
        assert isinstance(scoped, WatchedReceipts)
        scoped.watch = self.watch
        return scoped

    def save(
        self, lease: Lease, receipt: Receipt, until: datetime, notices: Sequence[Notice] = (), by: str | None = None
    ) -> None:
        known = self.days[lease.file_day].receipts.get(receipt.version)
        opened = receipt.state is FileState.IMPORTING and not receipt.progress and self.holds(lease)
        if (
            by is None
            and (opened or receipt.state is FileState.HELD)
            and (known is None or known.state not in {*BOOKED_STATES, receipt.state})
        ):
            self.watch.judged(receipt)
        if opened:
            self.watch.began(receipt.file)
        super().save(lease, receipt, until, notices, by)
        self.watch.saved[lease.file] = None
        if receipt.state in BOOKED_STATES and (known is None or known.state not in BOOKED_STATES):
            self.watch.ended(receipt)
        if receipt.withdrawn:
            self.watch.missed.add((lease.file, receipt.version))
