"""The book in memory."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date

from chalicelib.audit.model import Entry
from chalicelib.feeds.store import Lease
from chalicelib.positions.model import NO_CHANGE, Change, Position, PositionKey
from chalicelib.trades.model import Trade, position_key
from chalicelib.trades.revision import Revision, late_days
from chalicelib.trades.store import Slice
from tests.fakes.feeds import FakeMarks, FakeReceipts, under_way


class FakeBook:
    """A book in dictionaries, one write at a time."""

    def __init__(self) -> None:
        self.marks = FakeMarks()
        self.opened: dict[date, int] = {}
        self.words: dict[str, list[Revision]] = {}
        self.held: dict[PositionKey, Change] = {}
        self.audited: list[Entry] = []
        self.holds: Callable[[Lease], bool] = lambda _: True
        self._lock = threading.Lock()

    def add(self, revisions: Sequence[Revision]) -> Mapping[str, Revision]:
        with self._lock:
            standing = {one.trade.id: self.words[one.trade.id][-1] for one in revisions if one.trade.id in self.words}
            if not standing:
                for day in late_days(revisions):
                    self.marks.add(day, revisions[0].recorded_at)
                for revision in revisions:
                    self.words[revision.trade.id] = [revision]
                    self._move(revision, 1)
            return standing

    def correct(
        self, old: Revision, new: Revision, lease: Lease | None = None, entry: Entry | None = None
    ) -> Revision | None:
        if lease is not None and not self.holds(lease):
            raise under_way(lease.file_day)
        with self._lock:
            standing = self.words[old.trade.id][-1]
            if _seen(standing) != _seen(old):
                return standing
            if lease is not None:
                self._mark({old.trade.delivery_day, new.trade.delivery_day}, new.recorded_at, lease)
            self.words[old.trade.id].append(new)
            self._move(old, -1)
            self._move(new, 1)
            self.audited += [entry] if entry is not None else []
            return None

    def note(self, changes: Sequence[tuple[Revision, Revision]]) -> Mapping[str, Revision]:
        assert len({old.trade.id for old, _ in changes}) == len(changes), "a transaction takes one action an item"
        with self._lock:
            standing = {old.trade.id: self.words[old.trade.id][-1] for old, _ in changes}
            instead = {old.trade.id: now for old, _ in changes if _seen(now := standing[old.trade.id]) != _seen(old)}
            for _, new in changes if not instead else ():
                self.words[new.trade.id][-1] = new
            return instead

    def find(self, trade_id: str) -> Revision | None:
        return self.words[trade_id][-1] if trade_id in self.words else None

    def find_many(self, trade_ids: Collection[str]) -> Mapping[str, Revision]:
        return {trade_id: self.words[trade_id][-1] for trade_id in trade_ids if trade_id in self.words}

    def booked(self, trade_ids: Collection[str]) -> Collection[str]:
        return {trade_id for trade_id in trade_ids if trade_id in self.words}

    def history(self, trade_id: str) -> Sequence[Revision]:
        return list(reversed(self.words.get(trade_id, [])))

    def trades(self, trader_id: str | None, delivery_day: date | None, limit: int, mark: str | None) -> Slice:
        found = sorted(
            (self._order(revision, trader_id, delivery_day), revision)
            for revision in (words[-1] for words in self.words.values())
            if not revision.withdrawn
            and trader_id in {None, revision.trade.trader_id}
            and delivery_day in {None, revision.trade.delivery_day}
        )
        after = [pair for pair in found if mark is None or pair[0] > mark.encode()]
        shown = after[:limit]
        next_mark = shown[-1][0].decode() if len(after) > limit else None
        return Slice(tuple(revision.trade for _, revision in shown), next_mark)

    def in_no_file(self, delivery_day: date, trader_id: str | None) -> Sequence[Trade]:
        trades = self.trades(trader_id, delivery_day, len(self.words), None).trades
        return [trade for trade in trades if self.words[trade.id][-1].in_no_file]

    def positions(self, delivery_day: date, trader_id: str | None) -> Sequence[Position]:
        return [
            Position(key, change)
            for key, change in self.held.items()
            if key.delivery_day == delivery_day and trader_id in {None, key.trader_id}
        ]

    def sees(self, receipts: FakeReceipts) -> None:
        """Write the marks that these receipts read, and only under their leases."""
        self.holds, self.marks, self.opened = receipts.holds, receipts.marks, receipts.opened

    def _mark(self, days: set[date], at: str, lease: Lease) -> None:
        for day in days - lease.marked:
            self.marks.change(day, lease, at)
            self.opened[lease.file_day] = lease.fence
        lease.marked.update(days)

    def _move(self, revision: Revision, sign: int) -> PositionKey:
        key, change = position_key(revision.trade), revision.change
        self.held[key] = self.held.get(key, NO_CHANGE) + (change if sign > 0 else -change)
        return key

    @staticmethod
    def _order(revision: Revision, trader_id: str | None, delivery_day: date | None) -> bytes:
        a_trade = revision.trade
        if trader_id is not None:
            return f"{a_trade.delivery_day}#{a_trade.period.key}#{a_trade.id}".encode()
        if delivery_day is not None:
            return f"{a_trade.period.key}#{a_trade.id}".encode()
        return a_trade.id.encode()


def _seen(revision: Revision) -> tuple[object, ...]:
    """What a write makes sure of."""
    return (revision.number, revision.matched, revision.noted)
