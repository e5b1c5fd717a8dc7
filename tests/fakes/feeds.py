"""Every port in memory; the contract suite runs against these and the real ones."""

from __future__ import annotations

import hashlib
import io
import threading
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any, BinaryIO
from zlib import crc32

from chalicelib.access.identity import User
from chalicelib.access.login_throttle import START_INTERVAL, FailedLogin
from chalicelib.admin.store import TradeHistory
from chalicelib.audit.model import SYSTEM_ACTOR, Act, Deed
from chalicelib.common.clock import Clock
from chalicelib.common.errors import AlreadyExists, ImportUnderWay, NotFound, Unavailable
from chalicelib.common.timestamps import format_utc
from chalicelib.feeds.day_mark import UNMARKED, DayMark, DayStates
from chalicelib.feeds.feed import ImportAttempt
from chalicelib.feeds.file_change import FileChange
from chalicelib.feeds.receipt import FileState, QuarantinedRow, Receipt, newly_covered
from chalicelib.feeds.store import FileStore, Lease, StoredFile
from chalicelib.imports.context import ImportContext
from chalicelib.notices.model import Kind, Notice
from chalicelib.positions.model import NO_CHANGE, Change, Position, PositionKey
from chalicelib.trades.model import position_key
from chalicelib.trades.revision import Revision, late_days
from chalicelib.trades.store import Book, Slice


@dataclass
class FakeMarks:
    """Day marks in a dictionary, and which of them each file day has still to end."""

    days: dict[date, DayMark] = field(default_factory=dict)
    left: dict[date, set[date]] = field(default_factory=dict)

    def change(self, day: date, lease: Lease, at: str) -> None:
        mark = self.days.get(day, UNMARKED)
        running = mark.running | {lease.file_day}
        self.days[day] = replace(mark, count=mark.count + 1, running=running, changed_at=at)
        self.left.setdefault(lease.file_day, set()).add(day)

    def add(self, day: date, at: str) -> None:
        mark = self.days.get(day, UNMARKED)
        self.days[day] = replace(mark, count=mark.count + 1, added_at=at)

    def cover(self, day: date) -> None:
        self.days[day] = replace(self.days.get(day, UNMARKED), added_at=None)

    def decide(self, before: Receipt | None, receipt: Receipt) -> None:
        known = before.undecided_days if before is not None else ()
        for day in {*known, *receipt.undecided_days}:
            mark = self.days.get(day, UNMARKED)
            others = mark.undecided - {receipt.file_day}
            undecided = others | {receipt.file_day} if day in receipt.undecided_days else others
            self.days[day] = replace(mark, undecided=undecided)

    def end(self, file_day: date) -> None:
        for day in self.left.pop(file_day, ()):
            self.days[day] = replace(self.days[day], running=self.days[day].running - {file_day})


class FakeBook:
    """A book in dictionaries, one write at a time."""

    def __init__(self) -> None:
        self.marks = FakeMarks()
        self.opened: dict[date, int] = {}
        self.words: dict[str, list[Revision]] = {}
        self.held: dict[PositionKey, Change] = {}
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

    def correct(self, old: Revision, new: Revision, lease: Lease | None = None) -> Revision | None:
        if lease is not None and not self.holds(lease):
            raise _under_way(lease.file_day)
        with self._lock:
            standing = self.words[old.trade.id][-1]
            if _seen(standing) != _seen(old):
                return standing
            if lease is not None:
                self._mark({old.trade.delivery_day, new.trade.delivery_day}, new.recorded_at, lease)
            self.words[old.trade.id].append(new)
            self._move(old, -1)
            self._move(new, 1)
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


@dataclass
class _Held:
    lease: Lease | None = None
    expires: datetime | None = None
    fence: int = 0
    receipts: dict[int, Receipt] = field(default_factory=dict)
    quarantine: dict[int, tuple[QuarantinedRow, ...]] = field(default_factory=dict)
    clashes: dict[tuple[int, int], tuple[QuarantinedRow, ...]] = field(default_factory=dict)
    changes: dict[tuple[int, int], tuple[FileChange, ...]] = field(default_factory=dict)

    newest: Receipt | None = None
    attempt: ImportAttempt = field(default_factory=ImportAttempt)

    def keep(self, receipt: Receipt) -> None:
        self.receipts[receipt.version] = receipt
        if self.newest is None or receipt.version >= self.newest.version:
            self.newest = receipt


NOTHING_HELD = _Held()


class FakeOutbox:
    """Notices in a dictionary."""

    def __init__(self) -> None:
        self.notices: dict[tuple[date, Kind, int], Notice] = {}
        self.claims: dict[tuple[date, Kind, int], tuple[str, datetime]] = {}
        self.opened: dict[date, int] = {}

    def add(self, notice: Notice) -> None:
        self.notices.setdefault(_key(notice), notice)

    def has(self, notice: Notice) -> bool:
        return _key(notice) in self.notices

    def of(self, file_days: Collection[date]) -> Sequence[Notice]:
        found = [notice for notice in self.notices.values() if notice.file_day in file_days]
        return sorted(found, key=lambda notice: notice.written_at)

    def claim(self, notice: Notice, owner: str, now: datetime, until: datetime) -> bool:
        held, (holder, expires) = self.notices[_key(notice)], self.claims.get(_key(notice), (owner, now))
        if held.sent_at is not None or (holder != owner and expires > now):
            return False
        self.claims[_key(notice)] = (owner, until)
        return True

    def sent(self, notice: Notice, at: datetime) -> None:
        self.notices[_key(notice)] = replace(notice, sent_at=format_utc(at))
        self.claims.pop(_key(notice), None)


def _key(notice: Notice) -> tuple[date, Kind, int]:
    return (notice.file_day, notice.kind, 0 if notice.kind is Kind.LATE else notice.version)


class FakeNotices:
    """Keeps what was sent; a test may take it down."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str]] = []
        self.down = False

    def publish(self, subject: str, body: str) -> None:
        if self.down:
            message = "nobody answers"
            raise Unavailable(message)
        self.sent.append((subject, body))


class FakeReceipts:
    """Receipts and leases in a dictionary; their notices go into the outbox."""

    def __init__(self, outbox: FakeOutbox | None = None) -> None:
        self.days: dict[date, _Held] = {}
        self.marks = FakeMarks()
        self.first: date | None = None
        self.opened: dict[date, int] = {}
        self.confirmed_by: str | None = None
        self.known_footers: dict[str, str] = {}
        self.outbox = outbox or FakeOutbox()
        self.outbox.opened = self.opened
        self._lock = threading.Lock()

    def acquire(self, file_day: date, owner: str, now: datetime, until: datetime) -> Lease:
        with self._lock:
            held = self.days.get(file_day) or self.days.setdefault(file_day, _Held())
            taken = held.expires is not None and held.expires > now
            if taken and held.lease is not None and held.lease.owner != owner:
                raise _under_way(file_day)
            held.fence += 1
            held.expires = until
            held.attempt = replace(held.attempt, tried_at=now)
            held.lease = Lease(file_day, owner, held.fence, held.newest)
            return held.lease

    def save(
        self, lease: Lease, receipt: Receipt, until: datetime, notices: Sequence[Notice] = (), by: str | None = None
    ) -> None:
        held = self._ours(lease)
        if lease.newest is None:
            self.first = min(self.first or lease.file_day, lease.file_day)
        for day in newly_covered(receipt, lease.newest):
            self.marks.cover(day)
        self.marks.decide(lease.newest, receipt)
        self.confirmed_by = by or self.confirmed_by
        held.keep(receipt)
        held.expires = until
        for notice in notices:
            self.outbox.add(notice)
        if notices or receipt.state is FileState.IMPORTING:
            self.opened[lease.file_day] = lease.fence

    def extend(self, lease: Lease, until: datetime) -> None:
        self._ours(lease).expires = until

    def release(self, lease: Lease) -> None:
        held = self.days[lease.file_day]
        if held.fence == lease.fence:
            held.expires = None
            if held.newest is None or held.newest.state is not FileState.IMPORTING:
                self.marks.end(lease.file_day)

    def newest(self, file_days: Collection[date]) -> Mapping[date, Receipt]:
        held = self.days
        return {day: newest for day in file_days if day in held and (newest := held[day].newest) is not None}

    def attempts(self, file_days: Collection[date]) -> Mapping[date, ImportAttempt]:
        return {day: self.days[day].attempt for day in file_days if day in self.days}

    def add_late(self, notice: Notice, now: datetime, despite: Receipt | None = None) -> bool:
        if self.outbox.has(notice) or self._usable(notice.file_day, now, despite):
            return False
        self.outbox.add(notice)
        self.opened[notice.file_day] = 0
        return True

    def store_seen(self, file_day: date, object_version: str, at: datetime) -> None:
        held = self.days.get(file_day) or self.days.setdefault(file_day, _Held())
        held.attempt = replace(held.attempt, seen=object_version, seen_at=at)

    def states(self, file_days: Collection[date], delivery_days: Collection[date]) -> DayStates:
        marks = {day: self.marks.days[day] for day in delivery_days if day in self.marks.days}
        return DayStates(self.newest(file_days), marks)

    def first_day(self) -> date | None:
        return self.first

    def file_days_with_marks(self, file_days: Collection[date]) -> Collection[date]:
        return {day for day in file_days if self.marks.left.get(day)}

    def versions(self, file_day: date) -> Sequence[Receipt]:
        held = self.days.get(file_day, NOTHING_HELD).receipts
        return [held[version] for version in sorted(held, reverse=True)]

    def open_days(self) -> Mapping[date, int]:
        return dict(self.opened)

    def close_day(self, file_day: date, mark: int) -> None:
        if self.opened.get(file_day) == mark:
            del self.opened[file_day]

    def store_quarantine(self, lease: Lease, version: int, rows: Sequence[QuarantinedRow]) -> None:
        self._ours(lease).quarantine[version] = tuple(rows)

    def store_clashes(self, lease: Lease, version: int, first: int, rows: Sequence[QuarantinedRow]) -> None:
        self._ours(lease).clashes[version, first] = tuple(rows)

    def quarantine(self, file_day: date, version: int) -> Sequence[QuarantinedRow]:
        held = self.days.get(file_day, NOTHING_HELD)
        clashes = [row for key, rows in held.clashes.items() if key[0] == version for row in rows]
        return sorted((*held.quarantine.get(version, ()), *clashes), key=lambda row: row.line)

    def store_changes(self, lease: Lease, version: int, first: int, changes: Iterable[FileChange]) -> None:
        self._ours(lease).changes[version, first] = tuple(changes)

    def iter_changes(self, file_day: date, version: int) -> Iterator[FileChange]:
        return iter(self.changes(file_day, version))

    def changes(self, file_day: date, version: int) -> Sequence[FileChange]:
        kept = self.days.get(file_day, NOTHING_HELD).changes
        return [change for key in sorted(kept) if key[0] == version for change in kept[key]]

    def footers(self) -> frozenset[str]:
        return frozenset(self.known_footers)

    def add_footer(self, text: str, by: str) -> None:
        self.known_footers.setdefault(text, by)

    def holds(self, lease: Lease) -> bool:
        """Tell whether the lease is still its owner's."""
        return self.days[lease.file_day].fence == lease.fence

    def _usable(self, file_day: date, now: datetime, despite: Receipt | None) -> bool:
        held = self.days.get(file_day, NOTHING_HELD)
        being_read = held.expires is not None and held.expires > now
        if held.newest is None or held.newest.awaited:
            return being_read
        as_read = despite is not None and _state_of(held.newest) == _state_of(despite)
        return being_read or not as_read

    def _ours(self, lease: Lease) -> _Held:
        held = self.days[lease.file_day]
        if not self.holds(lease):
            raise _under_way(lease.file_day)
        return held


def _state_of(receipt: Receipt) -> tuple[str, FileState]:
    return receipt.object_version, receipt.state


def _under_way(file_day: date) -> ImportUnderWay:
    return ImportUnderWay(f"the file of {file_day} is being imported by another run")


class FakeLedger:
    """The whole of a fake book, read through."""

    def __init__(self, book: FakeBook, receipts: FakeReceipts) -> None:
        self._book, self._receipts = book, receipts

    def trades(self) -> Iterator[TradeHistory]:
        for trade_id, words in self._book.words.items():
            yield TradeHistory(trade_id, list(words), words[-1], found_by=True)

    def positions(self) -> Iterator[Position]:
        yield from (Position(key, change) for key, change in self._book.held.items())

    def file_days(self) -> Sequence[date]:
        return sorted(day for day, held in self._receipts.days.items() if held.newest is not None)

    def mend(self, key: PositionKey, old: Change | None, new: Change, by: str) -> bool:
        if self._book.held.get(key) != old:
            return False
        self._book.held[key] = new
        return True


@lru_cache(maxsize=1024)
def _digest(raw: bytes) -> str:
    """What is stored is never changed, and fetched again and again."""
    return hashlib.sha256(raw).hexdigest()


STORED_LONG_AFTER = datetime(2035, 1, 1, tzinfo=UTC)
"""After any day that a test is about, so that no file is too early for its day."""


class FakeFileStore:
    """Objects with all their versions, each stored some seconds after the time at which it was put."""

    def __init__(self, now: Callable[[], datetime] = lambda: STORED_LONG_AFTER) -> None:
        self.objects: dict[str, list[bytes]] = {}
        self.now = now
        self.put_at: dict[tuple[str, int], datetime] = {}

    def newest_version(self, key: str) -> str | None:
        return str(len(self.objects[key])) if key in self.objects else None

    @contextmanager
    def fetch(self, key: str, version: str | None) -> Iterator[StoredFile]:
        versions = self.objects.get(key, [])
        number = len(versions) if version is None else int(version)
        if not 1 <= number <= len(versions):
            message = f"there is no file {key}"
            raise NotFound(message)
        raw = versions[number - 1]
        at = self.put_at.get((key, number), self.now()) + timedelta(seconds=number)
        yield StoredFile(key, str(number), _digest(raw), len(raw), io.BytesIO(raw), at)

    def put(self, key: str, content: BinaryIO) -> str:
        self.objects.setdefault(key, []).append(content.read())
        self.put_at[key, len(self.objects[key])] = self.now()
        return str(len(self.objects[key]))

    def names(self) -> Iterator[str]:
        return iter(sorted(self.objects))


class FakeDirectory:
    """Users in a dictionary."""

    def __init__(self) -> None:
        self.users: dict[str, User] = {}
        self.deeds: list[Deed] = []

    def find(self, name: str) -> User | None:
        return self.users.get(name)

    def add(self, user: User, by: str = SYSTEM_ACTOR) -> None:
        if user.caller.name in self.users:
            message = f"user {user.caller.name!r} already exists"
            raise AlreadyExists(message)
        self.users[user.caller.name] = user
        self.deeds.append(Deed(by, Act.USER_ADDED, user.caller.name))

    def set_password(self, name: str, password_hash: str, by: str = SYSTEM_ACTOR) -> None:
        self._change(name, password_hash=password_hash)
        self.deeds.append(Deed(by, Act.PASSWORD_SET, name))

    def disable(self, name: str, by: str = SYSTEM_ACTOR) -> None:
        self._change(name, disabled=True)
        self.deeds.append(Deed(by, Act.USER_DISABLED, name))

    def list(self) -> Iterator[User]:
        return iter(list(self.users.values()))

    def _change(self, name: str, **changes: Any) -> None:
        if name not in self.users:
            message = f"unknown user {name!r}"
            raise NotFound(message)
        self.users[name] = replace(self.users[name], **changes)


class FakeAttempts:
    """Failed logins in a list."""

    def __init__(self) -> None:
        self.held: dict[str, list[FailedLogin]] = {}
        self.begun: Counter[tuple[str, float]] = Counter()
        self._lock = threading.Lock()

    def begin(self, source: str, moment: datetime) -> int:
        stretch = source, moment.timestamp() // START_INTERVAL.total_seconds()
        with self._lock:
            self.begun[stretch] += 1
            return self.begun[stretch]

    def since(self, source: str, moment: datetime, most: int) -> Sequence[FailedLogin]:
        newer = [failed for failed in self.held.get(source, ()) if failed.at > moment]
        return sorted(newer, key=lambda failed: failed.at, reverse=True)[:most]

    def note(self, source: str, failed: FailedLogin) -> None:
        self.held.setdefault(source, []).append(failed)


class FakePasswords:
    """A checksum in place of the slow hash; counts what was asked of it."""

    def __init__(self) -> None:
        self.verified: list[str | None] = []

    def hash(self, password: str) -> str:
        return str(crc32(password.encode()))

    def verify(self, password_hash: str | None, password: str) -> bool:
        self.verified.append(password_hash)
        return password_hash == self.hash(password)


class FakeClock:
    """A clock that a test sets."""

    def __init__(self, now: datetime | None = None) -> None:
        self.time = now or datetime(2023, 3, 5, 12, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time


def desk_of(
    store: FileStore, receipts: FakeReceipts, book: Book, clock: Clock, owner: str = "test", **changes: Any
) -> ImportContext:
    """A desk of fakes, which tells its notices to nobody unless `changes` says otherwise."""
    if isinstance(book, FakeBook):
        book.sees(receipts)
    return replace(
        ImportContext(store, receipts, receipts.outbox, FakeNotices(), book, clock, owner, in_flight=1), **changes
    )
