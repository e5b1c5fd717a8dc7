"""The book in memory."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date

from chalicelib.audit.model import Entry
from chalicelib.common.delivery import Period
from chalicelib.feeds.store import Lease
from chalicelib.positions.model import NO_CHANGE, Change, Position, PositionKey
from chalicelib.trades.model import Trade, position_key
from chalicelib.trades.revision import Revision, late_days
from chalicelib.trades.side import side_id
from chalicelib.trades.store import Only, Slice
from tests.fakes.feeds import FakeMarks, FakeReceipts, under_way


class FakeBook:
    """A book in dictionaries, one write at a time."""

    def __init__(self) -> None:
        self.marks = FakeMarks()
        self.opened: dict[date, int] = {}
        self.open_of: Callable[[str], dict[date, int]] = lambda _: self.opened
        self.words: dict[str, list[Revision]] = {}
        self.held: dict[PositionKey, Change] = {}
        self.audited: list[Entry] = []
        self.holds: Callable[[Lease], bool] = lambda _: True
        self._lock = threading.Lock()

    def add(self, revisions: Sequence[Revision]) -> Mapping[str, Revision]:
        assert len({_name(revision) for revision in revisions}) == len(revisions), "one action an item"
        with self._lock:
            ways = ((revision.side_id, self._in_the_way(revision)) for revision in revisions)
            standing = {name: current for name, current in ways if current is not None}
            if not standing:
                for day in late_days(revisions):
                    self.marks.add(day, revisions[0].recorded_at)
                for revision in revisions:
                    self.words[revision.side_id] = [revision]
                    self._move(revision, 1)
            return standing

    def _in_the_way(self, revision: Revision) -> Revision | None:
        if revision.side == 1:
            return self.find(revision.side_id)
        sides = [self.words[_name(revision)][-1], *self.words.get(revision.side_id, [])[-1:]]
        return next((side for side in sides if side.trade.direction is revision.trade.direction), None)

    def correct(
        self, old: Revision, new: Revision, lease: Lease | None = None, entry: Entry | None = None
    ) -> Revision | None:
        if lease is not None and not self.holds(lease):
            raise under_way(lease.file)
        with self._lock:
            standing = self.words[old.side_id][-1]
            if _seen(standing) != _seen(old):
                return standing
            if new.trade.direction is not old.trade.direction:
                second = self.find(side_id(old.trade.venue, old.trade.id, 2))
                if second is not None:
                    return second
            if lease is not None:
                self._mark({old.trade.delivery_day, new.trade.delivery_day}, new.recorded_at, lease)
            else:
                for day in late_days([new, new._replace(trade=old.trade)]):
                    self.marks.add(day, new.recorded_at)
            self.words[old.side_id].append(new)
            self._move(old, -1)
            self._move(new, 1)
            self.audited += [entry] if entry is not None else []
            return None

    def correct_all(self, changes: Sequence[tuple[Revision, Revision]], lease: Lease) -> Mapping[str, Revision]:
        assert len({old.side_id for old, _ in changes}) == len(changes), "a transaction takes one action an item"
        instead = {old.side_id: now for old, _ in changes if _seen(now := self.words[old.side_id][-1]) != _seen(old)}
        for old, new in changes if not instead else ():
            assert self.correct(old, new, lease) is None
        return instead

    def note(self, changes: Sequence[tuple[Revision, Revision]]) -> Mapping[str, Revision]:
        assert len({old.side_id for old, _ in changes}) == len(changes), "a transaction takes one action an item"
        with self._lock:
            standing = {old.side_id: self.words[old.side_id][-1] for old, _ in changes}
            instead = {old.side_id: now for old, _ in changes if _seen(now := standing[old.side_id]) != _seen(old)}
            for _, new in changes if not instead else ():
                self.words[new.side_id][-1] = new
            return instead

    def find(self, name: str) -> Revision | None:
        return self.words[name][-1] if name in self.words else None

    def find_many(self, names: Collection[str]) -> Mapping[str, Revision]:
        return {name: self.words[name][-1] for name in names if name in self.words}

    def booked(self, names: Collection[str]) -> Collection[str]:
        return {name for name in names if name in self.words}

    def history(self, name: str) -> Sequence[Revision]:
        return list(reversed(self.words.get(name, [])))

    def earlier(self, current: Iterable[Revision]) -> Iterable[Revision]:
        return [one for revision in current for one in self.words[revision.side_id][: revision.number - 1]]

    def sides(self, venue: str, trade_id: str) -> Sequence[Sequence[Revision]]:
        names = (side_id(venue, trade_id, side) for side in (1, 2))
        return [list(reversed(self.words[name])) for name in names if name in self.words]

    def trades(
        self,
        trader_id: str | None,
        delivery_day: date | None,
        limit: int,
        mark: str | None,
        only: Only | None = None,
        hour: Period | None = None,
    ) -> Slice:
        found = sorted(
            (self._order(revision, trader_id, delivery_day), revision)
            for revision in (words[-1] for words in self.words.values())
            if not revision.withdrawn
            and trader_id in {None, revision.trade.trader_id}
            and delivery_day in {None, revision.trade.delivery_day}
            and _is_among(revision.trade, only or Only())
            and (hour is None or _overlap(revision.trade.period, hour))
        )
        after = [pair for pair in found if mark is None or pair[0] > mark.encode()]
        shown = after[:limit]
        marks = tuple(mark.decode() for mark, _ in shown)
        return Slice(tuple(revision for _, revision in shown), marks, marks[-1] if len(after) > limit else None)

    def in_no_file(self, delivery_day: date, trader_id: str | None) -> Sequence[Revision]:
        page = self.trades(trader_id, delivery_day, len(self.words), None)
        return [revision for revision in page.revisions if revision.in_no_file]

    def positions(self, delivery_day: date, trader_id: str | None) -> Sequence[Position]:
        return [
            Position(key, change)
            for key, change in self.held.items()
            if key.delivery_day == delivery_day and trader_id in {None, key.trader_id}
        ]

    def periods(self, delivery_day: date, trader_id: str | None) -> set[Period]:
        return {position.key.period for position in self.positions(delivery_day, trader_id)}

    def sees(self, receipts: FakeReceipts) -> None:
        """Write the marks that these receipts read, and only under their leases."""
        self.holds, self.marks = receipts.holds, receipts.marks
        self.open_of = lambda feed: receipts.feeds[feed].opened

    def _mark(self, days: set[date], at: str, lease: Lease) -> None:
        for day in days - lease.marked:
            self.marks.change(day, lease, at)
            self.open_of(lease.feed)[lease.file_day] = lease.fence
        lease.marked.update(days)

    def _move(self, revision: Revision, sign: int) -> PositionKey:
        key, change = position_key(revision.trade), revision.change
        self.held[key] = self.held.get(key, NO_CHANGE) + (change if sign > 0 else -change)
        return key

    @staticmethod
    def _order(revision: Revision, trader_id: str | None, delivery_day: date | None) -> bytes:
        a_trade = revision.trade
        if trader_id is not None:
            return f"{a_trade.delivery_day}#{a_trade.period.key}#{revision.side_id}".encode()
        if delivery_day is not None:
            return f"{a_trade.period.key}#{revision.side_id}".encode()
        return revision.side_id.encode()


def _name(revision: Revision) -> str:
    return side_id(revision.trade.venue, revision.trade.id)


def _is_among(a_trade: Trade, only: Only) -> bool:
    tags = (only.venue, a_trade.venue), (only.area, a_trade.area), (only.strategy, a_trade.strategy)
    return all(asked in {None, tag} for asked, tag in tags) and (a_trade.state.counts or not only.counted)


def _overlap(one: Period, other: Period) -> bool:
    return one.start < other.end and other.start < one.end


def _seen(revision: Revision) -> tuple[object, ...]:
    """What a write makes sure of."""
    return (revision.number, revision.matched, revision.noted)
